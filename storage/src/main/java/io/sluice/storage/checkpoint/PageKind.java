package io.sluice.storage.checkpoint;

/** What a page holds; {@code code} stands in it (FORMAT.md). */
enum PageKind {
    /** Locators of 4096 blocks. */
    MAP_LEAF(1, TreeGeometry.MAP_LEAF_WORDS),
    /** Pointers to 512 pages of the map. */
    MAP_INNER(2, TreeGeometry.INNER_WORDS),
    /** Entries of 512 segments. */
    SEGMENT_LEAF(3, TreeGeometry.SEGMENT_LEAF_WORDS),
    /** Pointers to 512 pages of the segment table. */
    SEGMENT_INNER(4, TreeGeometry.INNER_WORDS),
    /** A part of the root record. */
    ROOT(5, 0);

    private final int code;
    private final int words;

    PageKind(int code, int words) {
        this.code = code;
        this.words = words;
    }

    int code() {
        return code;
    }

    /** Length of the content, 64-bit words; 0 when it varies. */
    int words() {
        return words;
    }
}
