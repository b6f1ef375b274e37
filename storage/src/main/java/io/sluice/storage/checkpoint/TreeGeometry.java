package io.sluice.storage.checkpoint;

import io.sluice.storage.format.BlockGeometry;

/** Fixed sizes of the checkpoint's two trees (FORMAT.md). */
final class TreeGeometry {
    /** log2 of the blocks of a leaf page of the map. */
    static final int PAGE_BLOCKS_SHIFT = 12;
    /** Blocks of a leaf page of the map: 16 MiB of address space. */
    static final int PAGE_BLOCKS = 1 << PAGE_BLOCKS_SHIFT;
    /** log2 of the leaves (of 64 blocks) of a leaf page. */
    static final int PAGE_LEAVES_SHIFT = PAGE_BLOCKS_SHIFT - BlockGeometry.LEAF_SHIFT;
    /** log2 of {@link #FAN_OUT}. */
    static final int FAN_OUT_SHIFT = 9;
    /** Children of an inner page, and entries of a segment page. */
    static final int FAN_OUT = 1 << FAN_OUT_SHIFT;
    /** Words of a pointer. */
    static final int POINTER_WORDS = 3;
    /** Words of a segment's entry. */
    static final int SEGMENT_WORDS = 3;

    static final int MAP_LEAF_WORDS = PAGE_BLOCKS;
    static final int INNER_WORDS = FAN_OUT * POINTER_WORDS;
    static final int SEGMENT_LEAF_WORDS = FAN_OUT * SEGMENT_WORDS;

    /** A tree of this height holds more leaf pages than there can be. */
    static final int HEIGHT_MAX = 5;

    private TreeGeometry() {}

    /** Leaf pages below a node of {@code level}. */
    static long leafPagesBelow(int level) {
        return 1L << (FAN_OUT_SHIFT * level);
    }
}
