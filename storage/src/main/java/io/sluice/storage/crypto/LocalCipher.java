package io.sluice.storage.crypto;

import java.nio.ByteBuffer;

/**
 * Hides the blocks of a local file (journal, read cache): AES-256-CTR keyed per file from the volume's key and a random
 * salt in the file's header, or a plain copy for a volume without encryption. Integrity is the file format's business
 * (CRC32C); the local disk is trusted not to be tampered with, only to be lost or stolen. Thread-safe.
 */
public interface LocalCipher {
    /**
     * Encrypts or decrypts (the same thing) {@code source}'s remaining bytes into {@code destination}; both are consumed
     * and may be the same memory. The bytes are those from {@code offset} (a multiple of 16, below 4096) of the block of 4 KiB
     * named by {@code nonce} (not negative) on, which may go on in the blocks named by the nonces behind it if {@link #runsOn}.
     * A nonce must never stand for two different contents under one salt.
     */
    void apply(long nonce, int offset, ByteBuffer source, ByteBuffer destination);

    /** Whether one call may go over several blocks; else each block needs its own. */
    default boolean runsOn() {
        return true;
    }
}
