package io.sluice.storage.checkpoint;

/**
 * A radix tree of pages as of one checkpoint: {@code height} levels of inner pages over the leaf pages.
 *
 * @param leafKind and {@code innerKind}: what its pages are
 */
record PageTree(PageKind leafKind, PageKind innerKind, int height, PagePointer root) {
    /** The mapping, never written. */
    static final PageTree EMPTY_MAP = new PageTree(PageKind.MAP_LEAF, PageKind.MAP_INNER, 1, PagePointer.ABSENT);
    /** The segment table, never written. */
    static final PageTree EMPTY_SEGMENTS =
            new PageTree(PageKind.SEGMENT_LEAF, PageKind.SEGMENT_INNER, 1, PagePointer.ABSENT);

    PageTree with(int newHeight, PagePointer newRoot) {
        return new PageTree(leafKind, innerKind, newHeight, newRoot);
    }

    PageId id(int level, long index) {
        return new PageId(level == 0 ? leafKind : innerKind, level, index);
    }

    boolean holds(long leafPage) {
        return leafPage < TreeGeometry.leafPagesBelow(height);
    }
}
