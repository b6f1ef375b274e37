package io.sluice.storage.engine;

/**
 * How fast the bucket takes what is in the journal, bytes per second, smoothed.
 *
 * <p>Bytes leave the journal in lumps, a segment at a time, so between two lumps the rate stands still for as long as the
 * next one may be expected; from then on it falls, by a factor e in each such time. So a steady store gives a steady rate
 * however large its lumps are, and an outage shows soon and without a step.
 *
 * <p>Changed by one thread at a time, read by any.
 */
final class OutflowMeter {
    /** How long the past counts. */
    private static final double MEMORY_SECONDS = 15;
    /** A lump may come this many times later than the rate says before that means anything. */
    private static final double LATE_FACTOR = 2;

    private static final double NANOS = 1e9;

    private record Sample(double bytesPerSecond, double lumpBytes, long atNanos) {}

    private volatile Sample last;

    /** {@code guess}: bytes per second to begin with, until something is measured; greater than 0. */
    OutflowMeter(double guess, long nowNanos) {
        last = new Sample(guess, 0, nowNanos);
    }

    /** {@code bytes} left the journal. */
    void left(long bytes, long nowNanos) {
        Sample before = last;
        double seconds = Math.max(1, nowNanos - before.atNanos) / NANOS;
        double weight = 1 - Math.exp(-seconds / MEMORY_SECONDS);
        double rate = before.bytesPerSecond + weight * (bytes / seconds - before.bytesPerSecond);
        last = new Sample(rate, bytes, nowNanos);
    }

    /** Nothing was there to be taken until now: the time before says nothing about the bucket. */
    void idleUntil(long nowNanos) {
        Sample before = last;
        last = new Sample(before.bytesPerSecond, before.lumpBytes, nowNanos);
    }

    /**
     * The rate now.
     *
     * @param roomBytes how much more the journal can take: the less, the sooner the absence of a lump counts
     */
    double bytesPerSecond(long roomBytes, long nowNanos) {
        Sample now = last;
        double seconds = Math.max(0, nowNanos - now.atNanos) / NANOS;
        double rate = Math.max(1, now.bytesPerSecond);
        double patience = Math.max(LATE_FACTOR * now.lumpBytes / rate, Math.min(MEMORY_SECONDS, roomBytes / rate / 4));
        return seconds <= patience ? rate : Math.max(1, rate * Math.exp(1 - seconds / patience));
    }
}
