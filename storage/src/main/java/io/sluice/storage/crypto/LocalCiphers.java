package io.sluice.storage.crypto;

import org.jspecify.annotations.Nullable;

/** Makes the cipher of one local file. */
public final class LocalCiphers {
    /** Length of the salt in a file's header, bytes. */
    public static final int SALT_BYTES = 16;

    private static final int KEY_BYTES = 32;

    private LocalCiphers() {}

    /**
     * @param keys of the volume; null when it is not encrypted
     * @param purpose what kind of file it is
     * @param salt of this file: new whenever a nonce might be used again
     * @param layout which its format asks for
     */
    public static LocalCipher create(@Nullable KeyDerivation keys, String purpose, byte[] salt, CounterLayout layout) {
        return keys == null
                ? PlainLocalCipher.INSTANCE
                : new AesCtrLocalCipher(keys.derive("local cipher/" + purpose, salt, KEY_BYTES), layout);
    }
}
