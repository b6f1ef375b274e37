package io.sluice.storage.checkpoint;

/** Is told what a {@link CheckpointScan} meets, on the lane, in no particular order. */
public interface CheckpointVisitor {
    /**
     * A page that is reached.
     *
     * @param ofMap of the mapping; else of the segment table
     * @param level 0 for a leaf page
     * @param first the first block, or segment, that it covers
     * @param count how many it covers
     * @param object the checkpoint object it stands in
     * @param offsetBytes where in it
     * @param storedBytes its stored length
     */
    record Page(boolean ofMap, int level, long first, long count, long object, int offsetBytes, int storedBytes) {}

    /**
     * An entry of the segment table.
     *
     * @param number of the segment
     * @param liveBlocks blocks of the volume that stand in it
     * @param totalBlocks blocks stored in it
     * @param storedBytes its length
     * @param deadSince the checkpoint in which it lost its last live block, 0 while it has one
     * @param shared another segment refers, or has referred, to it
     * @param zeros its header says more than its frames hold, and no MOVED segment has taken that over
     */
    record Segment(
            long number,
            long liveBlocks,
            int totalBlocks,
            long storedBytes,
            long deadSince,
            boolean shared,
            boolean zeros) {}

    /** The page is sound. */
    void page(Page page);

    /** The locators of a leaf page of the mapping: {@code page.count()} from block {@code page.first()} on; not to be kept. */
    void locators(Page page, long[] locators);

    /** A segment of the table. */
    void segment(Segment segment);

    /** The page is sound in itself, and says something that cannot be. */
    void mistake(Page page, String what);

    /** The page cannot be read: nothing of what it covers is told. An outage is no reason: it fails the scan. */
    void unreadable(Page page, Throwable failure);
}
