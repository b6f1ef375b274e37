package io.sluice.storage.crypto;

import io.sluice.config.Secret;
import io.sluice.storage.runtime.Entropy;
import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.engines.AESWrapEngine;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * Volume key to wrapped key and back: Argon2id (RFC 9106) makes a wrapping key out of the passphrase, AES-256 key wrap
 * (RFC 3394) puts the volume key under it and recognises a wrong one. A new passphrase wraps the same volume key again;
 * no data is encrypted anew. Blocks for about half a second and takes the memory of its {@link KdfParameters}.
 */
public final class KeyWrapping {
    private static final int WRAPPING_KEY_BYTES = 32;
    /** Enough for the compiler to see what is hot. */
    private static final int WARM_UP_KIB = 1024;

    private KeyWrapping() {}

    /** Wraps under a fresh salt. */
    public static WrappedKey wrap(VolumeKey key, Secret passphrase, KdfParameters kdf, Entropy entropy) {
        byte[] salt = entropy.bytes(WrappedKey.SALT_BYTES);
        byte[] wrappingKey = wrappingKey(passphrase, kdf, salt);
        byte[] plain = key.reveal();
        try {
            AESWrapEngine engine = new AESWrapEngine();
            engine.init(true, new KeyParameter(wrappingKey));
            return new WrappedKey(kdf, salt, engine.wrap(plain, 0, plain.length));
        } finally {
            Arrays.fill(plain, (byte) 0);
            Arrays.fill(wrappingKey, (byte) 0);
        }
    }

    /** The volume key inside. */
    public static VolumeKey unwrap(WrappedKey wrapped, Secret passphrase) throws WrongPassphraseException {
        byte[] wrappingKey = wrappingKey(passphrase, wrapped.kdf(), wrapped.salt());
        try {
            AESWrapEngine engine = new AESWrapEngine();
            engine.init(false, new KeyParameter(wrappingKey));
            return new VolumeKey(engine.unwrap(wrapped.wrapped(), 0, WrappedKey.WRAPPED_BYTES));
        } catch (InvalidCipherTextException e) {
            throw new WrongPassphraseException(e);
        } finally {
            Arrays.fill(wrappingKey, (byte) 0);
        }
    }

    /** Derives a key from nothing, cheaply, for the sake of the JIT compiler: what follows is several times as fast. */
    public static void warmUp() {
        KdfParameters few =
                new KdfParameters(WARM_UP_KIB, KdfParameters.DEFAULT.iterations(), KdfParameters.DEFAULT.lanes());
        byte[] unused = wrappingKey(Secret.ofText("warm-up"), few, new byte[WrappedKey.SALT_BYTES]);
    }

    private static byte[] wrappingKey(Secret passphrase, KdfParameters kdf, byte[] salt) {
        byte[] password = passphrase.reveal();
        try {
            Argon2BytesGenerator generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withSalt(salt)
                    .withMemoryAsKB(kdf.memoryKiB())
                    .withIterations(kdf.iterations())
                    .withParallelism(kdf.lanes())
                    .build());
            byte[] key = new byte[WRAPPING_KEY_BYTES];
            int unused = generator.generateBytes(password, key);
            return key;
        } finally {
            Arrays.fill(password, (byte) 0);
        }
    }
}
