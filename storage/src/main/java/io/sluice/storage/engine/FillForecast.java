package io.sluice.storage.engine;

/**
 * When the journal will be full if it goes on filling as it does now. Fed with samples of its filling; the rate of growth is
 * an average over about {@link #MEMORY_SECONDS}, so that single segments and single writes do not show.
 *
 * <p>Changed by one thread at a time.
 */
final class FillForecast {
    private static final double MEMORY_SECONDS = 30;
    private static final double NANOS = 1e9;
    /** Longer than this is as good as never. */
    private static final long SECONDS_MAX = 30L * 24 * 3600;

    private final long capacityBytes;
    private long lastUsedBytes;
    private long lastNanos;
    private boolean begun;
    private double weights;
    private double bytesPerSecond;

    FillForecast(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    void sample(long usedBytes, long nowNanos) {
        if (begun && nowNanos > lastNanos) {
            double seconds = (nowNanos - lastNanos) / NANOS;
            double weight = 1 - Math.exp(-seconds / MEMORY_SECONDS);
            // The weights of few samples add up to less than 1: the quotient is the average of what there is.
            weights += weight * (1 - weights);
            bytesPerSecond += weight * ((usedBytes - lastUsedBytes) / seconds - bytesPerSecond);
        }
        begun = true;
        lastUsedBytes = usedBytes;
        lastNanos = nowNanos;
    }

    /** What was seen before says nothing about what comes now. */
    void reset() {
        begun = false;
        weights = 0;
        bytesPerSecond = 0;
    }

    /** Seconds until the journal is full; -1 when it does not fill, or would take more than a month. */
    long secondsToFull() {
        double rate = weights > 0 ? bytesPerSecond / weights : 0;
        if (rate <= 0) {
            return -1;
        }
        double seconds = Math.max(0, capacityBytes - lastUsedBytes) / rate;
        return seconds > SECONDS_MAX ? -1 : (long) Math.ceil(seconds);
    }
}
