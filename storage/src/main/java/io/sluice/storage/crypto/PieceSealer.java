package io.sluice.storage.crypto;

import java.nio.ByteBuffer;

/**
 * Seals the pieces of one object: a key of its own (from the volume's key and the object's salt), the piece number as
 * the nonce, so that no nonce can repeat. The additional data binds volume, object and place; it is checked, not stored.
 * Thread-safe.
 */
public interface PieceSealer {
    /** Bytes that a sealed piece is longer than its plain text. */
    int OVERHEAD_BYTES = 16;

    /** The object's salt, stored in clear with every piece. */
    byte[] salt();

    /**
     * Appends the sealed form of {@code plain}'s remaining bytes to {@code sealed}. Each {@code piece} number is used for
     * one content only. {@code plain} and {@code additional} are consumed; {@code plain} is at most 256 KiB.
     */
    void seal(long piece, ByteBuffer additional, ByteBuffer plain, ByteBuffer sealed);

    /** Appends the plain text of {@code sealed}'s remaining bytes to {@code plain}, or nothing when it is not authentic. */
    void open(long piece, ByteBuffer additional, ByteBuffer sealed, ByteBuffer plain) throws NotAuthenticException;

    /** The piece is not what was sealed: damaged, swapped, or sealed with another key. */
    final class NotAuthenticException extends Exception {
        private static final long serialVersionUID = 1L;

        /** {@code message} says which piece. */
        public NotAuthenticException(String message) {
            super(message);
        }
    }
}
