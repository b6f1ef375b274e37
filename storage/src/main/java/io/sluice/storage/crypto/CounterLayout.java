package io.sluice.storage.crypto;

/** How the counter block of a local file's cipher is made; the version of the file's format says which. */
public enum CounterLayout {
    /** Nonce (8 bytes), offset / 16 (8 bytes): every block begins a key stream of its own. Journal files up to version 2. */
    APART {
        @Override
        long high(long nonce) {
            return nonce;
        }

        @Override
        long low(long nonce, int offset) {
            return offset / AES_BLOCK_BYTES;
        }
    },

    /**
     * (nonce x 4096 + offset) / 16 in 16 bytes: blocks of 4 KiB with consecutive nonces share one key stream, so that a run of
     * them is one call of the cipher. Offsets are below 4096, and the nonce is not negative.
     */
    RUNNING {
        @Override
        long high(long nonce) {
            return nonce >>> (Long.SIZE - BLOCK_COUNTER_BITS);
        }

        @Override
        long low(long nonce, int offset) {
            return (nonce << BLOCK_COUNTER_BITS) | (offset / AES_BLOCK_BYTES);
        }
    };

    static final int AES_BLOCK_BYTES = 16;
    private static final int BLOCK_COUNTER_BITS = 8;

    /** The first 8 bytes of the counter block. */
    abstract long high(long nonce);

    /** Its last 8 bytes. */
    abstract long low(long nonce, int offset);
}
