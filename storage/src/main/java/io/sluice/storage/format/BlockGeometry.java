package io.sluice.storage.format;

/** Fixed sizes of the volume's address space (DESIGN: block, region, leaf). */
public final class BlockGeometry {
    /** The unit of the index, bytes. */
    public static final int BLOCK_BYTES = 4096;
    /** log2 of {@link #BLOCK_BYTES}. */
    public static final int BLOCK_SHIFT = 12;
    /** Blocks whose locators are one leaf. */
    public static final int LEAF_BLOCKS = 64;
    /** log2 of {@link #LEAF_BLOCKS}. */
    public static final int LEAF_SHIFT = 6;
    /** Smallest unit hosts may address, bytes. */
    public static final int SECTOR_BYTES = 512;

    private BlockGeometry() {}

    /** Which leaf holds block {@code lba}. */
    public static long leafOf(long lba) {
        return lba >>> LEAF_SHIFT;
    }

    /** Which locator of its leaf belongs to block {@code lba}. */
    public static int slotInLeaf(long lba) {
        return (int) (lba & (LEAF_BLOCKS - 1));
    }
}
