package io.sluice.storage.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long a write is held back before it goes to the journal, so that writers slow down smoothly as it fills.
 *
 * <p>Let x be 0 while the journal is filled to {@link #FREE_SHARE} of what may be dirty, and 1 when it is full. Writers
 * together get a rate of
 *
 * <pre>   max(outflow, span / STRETCH) * (1 - x) / x </pre>
 *
 * where span is the room between the two. That is without bound at x = 0 and nothing at x = 1, with no step between: a
 * store slower than its writers settles at x = 1/2, where they get what it takes, and in an outage the room that is left
 * shrinks by a factor per {@link #STRETCH}. No write is held longer than {@code delayMax}; so many writes at once can
 * fill the journal all the same, and then they wait for space.
 *
 * <p>Writes get their turns on one time line, whatever port they come through. Invariants: 1. the line never runs more
 * than {@code delayMax} ahead of the clock; 2. below the free share nothing is held and nothing is allocated.
 * Thread-safe.
 */
final class WritePacer {
    /** Share of the journal below which nobody is slowed down. */
    static final double FREE_SHARE = 0.5;
    /** How long the room above that is meant to last when the bucket takes nothing. */
    static final Duration STRETCH = Duration.ofMinutes(10);

    private static final double NANOS = 1e9;

    private final long freeBytes;
    private final long spanBytes;
    private final long delayMaxNanos;
    private final AtomicLong nextTurnNanos;

    /**
     * @param capacityBytes what may be dirty
     * @param delayMax longest delay of one write; zero: never any
     */
    WritePacer(long capacityBytes, Duration delayMax, long nowNanos) {
        this.freeBytes = (long) (capacityBytes * FREE_SHARE);
        this.spanBytes = Math.max(1, capacityBytes - freeBytes);
        this.delayMaxNanos = delayMax.toNanos();
        this.nextTurnNanos = new AtomicLong(nowNanos);
    }

    /** Whether writes may have to be held back at this filling. */
    boolean slowsDownAt(long usedBytes) {
        return usedBytes > freeBytes && delayMaxNanos > 0;
    }

    /**
     * When a write of so many bytes may go to the journal, in nanoseconds from now, 0 to {@code delayMax}. Each call takes a
     * turn.
     *
     * @param outflow what the bucket takes now, bytes per second
     */
    long delayNanos(long bytes, long usedBytes, double outflow, long nowNanos) {
        if (!slowsDownAt(usedBytes)) {
            return 0;
        }
        long lengthNanos = (long) Math.min((double) delayMaxNanos, bytes * nanosPerByte(usedBytes, outflow));
        while (true) {
            long next = nextTurnNanos.get();
            long delay = Math.max(0, Math.min(delayMaxNanos, next - nowNanos));
            long after = nowNanos + Math.min(delayMaxNanos, delay + lengthNanos);
            if (nextTurnNanos.compareAndSet(next, after)) {
                return delay;
            }
        }
    }

    private double nanosPerByte(long usedBytes, double outflow) {
        double x = Math.min(1, (double) (usedBytes - freeBytes) / spanBytes);
        double rate = Math.max(outflow, spanBytes / (double) STRETCH.toSeconds());
        return x >= 1 ? (double) delayMaxNanos : NANOS / rate * x / (1 - x);
    }
}
