package io.sluice.storage.checkpoint;

/**
 * How much of a segment is still needed, as of the adopted checkpoint.
 *
 * @param number of the segment
 * @param liveBlocks blocks of the volume that stand in it; never too low; more than are stored when some are shared
 * @param totalBlocks blocks stored in it
 * @param storedBytes its length in the bucket
 * @param deadSince number of the checkpoint in which it lost its last live block, 0 while it has one
 * @param shared another segment refers, or has referred, to it: its own header does not name all of its live blocks
 * @param zeros its header says more than its frames hold, blocks that read as zeros or that stand in other segments ({@code
 *     SegmentHeader.speaksOfOthers}), and no MOVED segment has taken that over: see {@link
 *     CommittedMap#deadSegmentsWithZeros}
 */
public record SegmentUse(
        long number,
        long liveBlocks,
        int totalBlocks,
        long storedBytes,
        long deadSince,
        boolean shared,
        boolean zeros) {
    /** Share of its blocks that are reached, 0 to 1 (1 also when more refer to them); 0 for a segment without blocks. */
    public double liveShare() {
        return totalBlocks == 0 ? 0 : Math.min(1, (double) liveBlocks / totalBlocks);
    }
}
