package io.sluice.storage.checkpoint;

/**
 * What a manifest says about a checkpoint; enough to find everything in it.
 *
 * @param number of the checkpoint; grows; 0 is the empty volume's, which has no object
 * @param object number of the checkpoint object that holds the root page, 0 for none
 * @param offsetBytes where in that object the root page begins
 * @param storedBytes its stored length
 * @param coversSegment all segments up to this number are folded in, 0 for none
 * @param coversEpoch of the newest segment folded in: behind it, older epochs do not count
 * @param sequence the volume's sequence number as of that segment
 */
public record CheckpointRoot(
        long number,
        long object,
        long offsetBytes,
        int storedBytes,
        long coversSegment,
        long coversEpoch,
        long sequence) {
    /** The state of a volume that was never written. */
    public static final CheckpointRoot EMPTY = new CheckpointRoot(0, 0, 0, 0, 0, 0, 0);
}
