package io.sluice.storage.scrub;

/**
 * How far a scrub is.
 *
 * @param state where it stands
 * @param objectsTotal objects to read, 0 while they are being counted
 * @param objectsDone read and checked, those of an interrupted run before included
 * @param bytesTotal their bytes
 * @param bytesDone likewise
 * @param damagedObjects found so far
 * @param resumed whether it goes on with an interrupted run
 * @param startedMillis when the pass was begun, milliseconds since 1970
 * @param bytesPerSecond of this run so far
 * @param secondsLeft estimate, -1 while there is none
 * @param message why it waits or failed; else empty
 */
public record ScrubProgress(
        State state,
        long objectsTotal,
        long objectsDone,
        long bytesTotal,
        long bytesDone,
        long damagedObjects,
        boolean resumed,
        long startedMillis,
        long bytesPerSecond,
        long secondsLeft,
        String message) {
    /** Where a scrub stands. */
    public enum State {
        /** None since the volume was opened. */
        NONE,
        /** Reading. */
        RUNNING,
        /** Stopped before the end; the next one goes on there. */
        STOPPED,
        /** Over; there is a report. */
        DONE,
        /** Ended by a failure; the next one goes on there. */
        FAILED
    }

    /** Share of the bytes that are done, 0 to 100. */
    public double percent() {
        if (state == State.DONE) {
            return 100;
        }
        return bytesTotal == 0 ? 0 : Math.min(100, 100.0 * bytesDone / bytesTotal);
    }
}
