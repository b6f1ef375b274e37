package io.sluice.target.net;

import java.time.Duration;

/**
 * How long a loop that has nothing to do looks again and again for the next event before it sleeps.
 *
 * <p>To wake a thread on a processor that has gone to sleep takes tens of microseconds, on a virtual machine most of all: as
 * much as a small command takes in all. A host that sends its next command when it has the answer to the last pays that for
 * each of them. The window spares it, as KVM's {@code halt_poll_ns} does, where the loop has seen that it is worth while:
 *
 * <pre>
 *   the next event came          the window
 *   within it                    stays
 *   later, but before the max    doubles, up to the max
 *   later than the max           closes: an idle or slowly used server only sleeps
 * </pre>
 *
 * <p>What is spent in vain is less than the max while the window opens, and the max once when it closes. Confined to its
 * loop.
 */
final class PollWindow {
    private static final int STEPS = 4;

    private final long maxNanos;
    private final long firstNanos;
    private long nanos;

    /** Closed at first. {@code max} of zero: closed for ever. */
    PollWindow(Duration max) {
        this.maxNanos = max.toNanos();
        this.firstNanos = Math.max(1, maxNanos >> STEPS);
    }

    /** False when it never opens, and so needs no waits told. */
    boolean canOpen() {
        return maxNanos > 0;
    }

    /** 0 when the loop should sleep at once. */
    long nanos() {
        return nanos;
    }

    /** The loop had nothing to do for so long, polling and sleeping together. */
    void waited(long waitedNanos) {
        if (waitedNanos > maxNanos) {
            nanos = 0;
        } else if (waitedNanos > nanos) {
            nanos = Math.min(maxNanos, Math.max(firstNanos, 2 * nanos));
        }
    }
}
