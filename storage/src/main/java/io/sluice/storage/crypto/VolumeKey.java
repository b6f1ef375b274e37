package io.sluice.storage.crypto;

import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Invariant;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * The one secret of a volume: 32 random bytes from which all its keys are derived. Never leaves the process other than
 * wrapped ({@link KeyWrapping}). Thread-safe; usable until {@link #close}, which wipes it.
 */
public final class VolumeKey implements KeyDerivation, AutoCloseable {
    /** Its length. */
    static final int BYTES = 32;

    private static final int DERIVED_BYTES_MAX = 64;

    private final byte[] bytes;
    private boolean closed;

    /** Takes the array over: nobody else may keep it. */
    VolumeKey(byte[] bytes) {
        Invariant.check(bytes.length == BYTES, "length of a volume key", bytes.length, BYTES);
        this.bytes = bytes;
    }

    /** A new one. */
    public static VolumeKey generate(Entropy entropy) {
        return new VolumeKey(entropy.bytes(BYTES));
    }

    /** RFC 5869 with this key as the input keying material and {@code purpose} (UTF-8) as the info. */
    @Override
    public byte[] derive(String purpose, byte[] salt, int length) {
        Invariant.check(length >= 1 && length <= DERIVED_BYTES_MAX, "length of a derived key", length, 0);
        byte[] input = reveal();
        try {
            HKDFBytesGenerator generator = new HKDFBytesGenerator(SHA256Digest.newInstance());
            generator.init(new HKDFParameters(input, salt, purpose.getBytes(StandardCharsets.UTF_8)));
            byte[] derived = new byte[length];
            generator.generateBytes(derived, 0, length);
            return derived;
        } finally {
            Arrays.fill(input, (byte) 0);
        }
    }

    /** A copy; the caller wipes it. */
    synchronized byte[] reveal() {
        Invariant.check(!closed, "a volume key is used after it was closed");
        return bytes.clone();
    }

    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public String toString() {
        return "(volume key)";
    }
}
