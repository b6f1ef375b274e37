package io.sluice.storage.cache;

/**
 * What a slot says about itself.
 *
 * @param slot its own number
 * @param frameKey the frame it holds
 * @param fill number of the fill under {@code salt}; the nonce of block i is {@code fill * 32 + i}
 * @param salt of the run of the cache that filled it, 16 bytes; not to be changed
 * @param blockChecks CRC32C of each stored block; its length is the number of blocks; not to be changed
 * @param frameCheck CRC-32 (IEEE) over all stored blocks
 */
record SlotHeader(int slot, long frameKey, long fill, byte[] salt, int[] blockChecks, int frameCheck) {
    /** Fills of one run stay below this, so that nonces do not wrap. */
    static final long FILLS_MAX = Long.MAX_VALUE / CacheFormat.SLOT_BLOCKS;

    /** Nonce of block 0. */
    long nonceBase() {
        return fill * CacheFormat.SLOT_BLOCKS;
    }

    /** Blocks stored. */
    int blockCount() {
        return blockChecks.length;
    }
}
