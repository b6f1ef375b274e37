package io.sluice.storage.gc;

import java.util.List;
import java.util.Set;

/**
 * What the collector does and has done since the volume was opened.
 *
 * @param state of the collector
 * @param reason why it stands back or is blocked; empty else
 * @param use as of the last look at the segment table, or estimated since
 * @param movedSegments written by it, and {@code movedBytes}: of live blocks in them, before compression
 * @param deletedSegments that the bucket no longer holds
 * @param damagedSegments numbers of segments that are left alone because something in them could not be verified
 */
public record CollectorStatus(
        State state,
        String reason,
        SpaceUse use,
        long movedSegments,
        long movedBytes,
        long deletedSegments,
        List<Long> damagedSegments) {
    /** Of a volume that was just opened. */
    static final CollectorStatus INITIAL = new CollectorStatus(State.IDLE, "", SpaceUse.NONE, 0, 0, 0, List.of());

    /** Copies the list. */
    public CollectorStatus {
        damagedSegments = List.copyOf(damagedSegments);
    }

    /** See {@link Collector}. */
    public enum State {
        IDLE,
        WORKING,
        STANDING_BACK,
        BLOCKED
    }

    CollectorStatus with(State next, String why) {
        return new CollectorStatus(next, why, use, movedSegments, movedBytes, deletedSegments, damagedSegments);
    }

    CollectorStatus with(SpaceUse now) {
        return new CollectorStatus(state, reason, now, movedSegments, movedBytes, deletedSegments, damagedSegments);
    }

    CollectorStatus moved(int segments, long bytes) {
        return new CollectorStatus(
                state, reason, use, movedSegments + segments, movedBytes + bytes, deletedSegments, damagedSegments);
    }

    CollectorStatus deleted(int segments) {
        return new CollectorStatus(
                state, reason, use, movedSegments, movedBytes, deletedSegments + segments, damagedSegments);
    }

    CollectorStatus damaged(Set<Long> segments) {
        return new CollectorStatus(
                state, reason, use, movedSegments, movedBytes, deletedSegments, List.copyOf(segments));
    }
}
