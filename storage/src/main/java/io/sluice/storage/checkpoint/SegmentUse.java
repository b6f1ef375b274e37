package io.sluice.storage.checkpoint;

/**
 * How much of a segment is still needed, as of the adopted checkpoint.
 *
 * @param number of the segment
 * @param liveBlocks blocks that are reached; never too low
 * @param totalBlocks blocks stored in it
 * @param storedBytes its length in the bucket
 * @param deadSince number of the checkpoint in which it lost its last live block, 0 while it has one
 */
public record SegmentUse(long number, int liveBlocks, int totalBlocks, long storedBytes, long deadSince) {
    /** Share of its blocks that are reached, 0 to 1; 0 for a segment without blocks. */
    public double liveShare() {
        return totalBlocks == 0 ? 0 : (double) liveBlocks / totalBlocks;
    }
}
