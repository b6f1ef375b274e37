package io.sluice.storage.crypto;

import java.util.Arrays;

/**
 * A volume's key as it stands in the manifest: useless without the passphrase.
 *
 * @param kdf cost of deriving the wrapping key from the passphrase
 * @param salt of that derivation
 * @param wrapped the volume key under AES key wrap (RFC 3394)
 */
public record WrappedKey(KdfParameters kdf, byte[] salt, byte[] wrapped) {
    /** Length of the salt. */
    public static final int SALT_BYTES = 16;
    /** Length of the wrapped key: 32 bytes and the 8 that RFC 3394 adds. */
    public static final int WRAPPED_BYTES = 40;

    /** Copies the arrays. */
    public WrappedKey {
        if (salt.length != SALT_BYTES || wrapped.length != WRAPPED_BYTES) {
            throw new IllegalArgumentException("salt of " + salt.length + " and key of " + wrapped.length + " bytes");
        }
        salt = salt.clone();
        wrapped = wrapped.clone();
    }

    /** A copy. */
    @Override
    public byte[] salt() {
        return salt.clone();
    }

    /** A copy. */
    @Override
    public byte[] wrapped() {
        return wrapped.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WrappedKey key
                && kdf.equals(key.kdf)
                && Arrays.equals(salt, key.salt)
                && Arrays.equals(wrapped, key.wrapped);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(salt);
    }

    @Override
    public String toString() {
        return "(wrapped key, " + kdf + ")";
    }
}
