package io.sluice.storage.simulation;

/**
 * One change of the volume by a host: what it does to which sectors, when it began, when and how it ended. Times are those
 * of a counter that grows with each event.
 */
final class Change {
    static final long NEVER = Long.MAX_VALUE;

    /** What it does. */
    enum Kind {
        /** Stood there when the history began. */
        INITIAL,
        /** Each sector gets a stamp of its own: {@code stamp}, {@code stamp + 1}, ... */
        WRITE,
        /** Each sector gets zeros. */
        UNMAP,
        /** Each sector gets the same stamp. */
        FILL,
        /** Each sector gets what its source holds at some moment between begin and end. */
        COPY
    }

    /** How safe a change is once it was acknowledged, by its own demand (FUA). */
    enum Safety {
        ACKNOWLEDGED,
        ON_DISK,
        IN_BUCKET
    }

    private final Kind kind;
    private final int from;
    private final int count;
    private final long stamp;
    private final int source;
    private final long beganAt;
    private long endedAt = NEVER;
    private boolean succeeded;
    private Safety safety = Safety.ACKNOWLEDGED;

    Change(Kind kind, int from, int count, long stamp, int source, long beganAt) {
        this.kind = kind;
        this.from = from;
        this.count = count;
        this.stamp = stamp;
        this.source = source;
        this.beganAt = beganAt;
    }

    Kind kind() {
        return kind;
    }

    int from() {
        return from;
    }

    int count() {
        return count;
    }

    int end() {
        return from + count;
    }

    long stamp() {
        return stamp;
    }

    int source() {
        return source;
    }

    long beganAt() {
        return beganAt;
    }

    long endedAt() {
        return endedAt;
    }

    boolean succeeded() {
        return succeeded;
    }

    boolean covers(int sector) {
        return sector >= from && sector < from + count;
    }

    /** Of a WRITE, UNMAP or FILL. */
    long valueAt(int sector) {
        return switch (kind) {
            case WRITE -> stamp + sector - from;
            case FILL -> stamp;
            case UNMAP, INITIAL, COPY -> 0;
        };
    }

    void succeed(long now, Safety how) {
        endedAt = now;
        succeeded = true;
        safety = how;
    }

    /** It failed, or can never take effect any more: parts of it may have. */
    void over(long now) {
        endedAt = Math.min(endedAt, now);
    }

    /** Whether it must be there after a loss that leaves what is as safe as {@code needed}. */
    boolean isSafe(Safety needed) {
        return succeeded && safety.compareTo(needed) >= 0;
    }

    @Override
    public String toString() {
        return kind + " of " + count + " sectors at " + from + " (stamp " + stamp
                + (kind == Kind.COPY ? ", from " + source : "") + ", began " + beganAt + ", ended "
                + (endedAt == NEVER ? "never" : endedAt + (succeeded ? " " + safety : " failed")) + ")";
    }
}
