package io.sluice.storage.checkpoint;

/** Which page: {@code level} 0 is a leaf page, {@code index} counts the pages of a level. */
record PageId(PageKind kind, int level, long index) {
    @Override
    public String toString() {
        return kind + " level " + level + " index " + index;
    }
}
