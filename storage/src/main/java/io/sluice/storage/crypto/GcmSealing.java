package io.sluice.storage.crypto;

import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM through the JDK (SP 800-38D). Each object has a key of its own, HKDF of the volume's key with the object's
 * purpose and 128-bit random salt; the nonce is the piece's number, so no pair of key and nonce can come twice.
 */
public final class GcmSealing implements Sealing {
    private static final int KEY_BYTES = 32;
    private static final int KEYS_MAX = 1024;

    private final KeyDerivation keys;
    private final Entropy entropy;
    private final GcmCiphers ciphers = new GcmCiphers();
    /** Derived keys by least recent use, guarded by itself. */
    private final Map<KeyName, SecretKeySpec> derived = new LinkedHashMap<>(16, 0.75f, true);

    /** Derives all keys from {@code keys}; salts come from {@code entropy}. */
    public GcmSealing(KeyDerivation keys, Entropy entropy) {
        this.keys = keys;
        this.entropy = entropy;
    }

    @Override
    public PieceSealer newObject(String purpose) {
        return existing(purpose, entropy.bytes(SALT_BYTES));
    }

    @Override
    public PieceSealer existing(String purpose, byte[] salt) {
        Invariant.check(salt.length == SALT_BYTES, "length of a salt", salt.length, SALT_BYTES);
        byte[] ownSalt = salt.clone();
        return new GcmPieceSealer(key(purpose, ownSalt), purpose, ownSalt, ciphers);
    }

    @Override
    public boolean encrypted() {
        return true;
    }

    private SecretKeySpec key(String purpose, byte[] salt) {
        KeyName name = new KeyName(purpose, ByteBuffer.wrap(salt));
        synchronized (derived) {
            SecretKeySpec known = derived.get(name);
            if (known != null) {
                return known;
            }
        }
        byte[] bytes = keys.derive(purpose, salt, KEY_BYTES);
        SecretKeySpec key = new SecretKeySpec(bytes, "AES");
        Arrays.fill(bytes, (byte) 0);
        synchronized (derived) {
            derived.put(name, key);
            if (derived.size() > KEYS_MAX) {
                Iterator<KeyName> oldest = derived.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
        }
        return key;
    }

    private record KeyName(String purpose, ByteBuffer salt) {}
}
