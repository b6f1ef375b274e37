package io.sluice.storage.crypto;

/** Derives independent keys from a volume's key (HKDF-SHA-256, RFC 5869). Thread-safe. */
public interface KeyDerivation {
    /** {@code length} (1-64) bytes for {@code purpose}; other purposes or salts give unrelated bytes. */
    byte[] derive(String purpose, byte[] salt, int length);
}
