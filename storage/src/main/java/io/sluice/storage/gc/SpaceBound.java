package io.sluice.storage.gc;

/**
 * How much space segments may take: {@code amplification} times what live blocks take, and a slack of a few segments, below
 * which a small volume is left alone. Collection begins above the bound and ends a tenth of the way below it, so that it does
 * not begin again with the next write. Immutable.
 */
final class SpaceBound {
    /** The slack, in full segments. */
    static final int SLACK_SEGMENTS = 8;
    /** Of the way from 1 to the bound, the part at which collecting ends. */
    private static final double END_PART = 0.9;
    /** Of the way from 1 to the bound, the part from which on the collector no longer stands back for a full journal. */
    private static final double URGENT_PART = 1.5;

    private final double amplification;
    private final long slackBytes;

    SpaceBound(double amplification, long segmentBytes) {
        this.amplification = amplification;
        this.slackBytes = SLACK_SEGMENTS * segmentBytes;
    }

    long slackBytes() {
        return slackBytes;
    }

    /** Whether there is more than may be; what only waits to be deleted does not count. */
    boolean isExceededBy(SpaceUse use) {
        return use.storedBytes() - use.waitingBytes() > allowed(use, amplification) + slackBytes;
    }

    /** Whether there is more than may be, also when what waits to be deleted counts. */
    boolean isExceededOnTheWholeBy(SpaceUse use) {
        return use.storedBytes() > allowed(use, amplification) + slackBytes;
    }

    /** Whether the host's load must not keep the collector from working any longer. */
    boolean isUrgent(SpaceUse use) {
        double urgent = 1 + ((amplification - 1) * URGENT_PART);
        return use.storedBytes() - use.waitingBytes() > allowed(use, urgent) + (2 * slackBytes);
    }

    /** Bytes of garbage to collect before it may rest. */
    long excessBytes(SpaceUse use) {
        double end = 1 + ((amplification - 1) * END_PART);
        return Math.max(0, use.storedBytes() - use.waitingBytes() - allowed(use, end) - (slackBytes / 2));
    }

    private static long allowed(SpaceUse use, double factor) {
        return (long) (use.liveBytes() * factor);
    }
}
