package io.sluice.storage.gc;

/**
 * What the segments take in the bucket, and what of it is needed.
 *
 * @param storedBytes length of all segments, dead ones that are not deleted yet included
 * @param liveBytes the part of it that live blocks take: of each segment its length times the share of its blocks that are
 *     reached, so that live blocks are measured as compressed as they are
 * @param waitingBytes length of the dead segments that only wait for a checkpoint to be deleted
 * @param segments how many there are
 */
public record SpaceUse(long storedBytes, long liveBytes, long waitingBytes, long segments) {
    /** Nothing stored. */
    public static final SpaceUse NONE = new SpaceUse(0, 0, 0, 0);

    /** Stored bytes per live byte; 1 when nothing is stored, and at most 1000. */
    public double amplification() {
        if (storedBytes == 0) {
            return 1;
        }
        return liveBytes * 1000 <= storedBytes ? 1000 : (double) storedBytes / liveBytes;
    }
}
