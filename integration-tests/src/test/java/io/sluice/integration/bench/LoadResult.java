package io.sluice.integration.bench;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a load generator saw.
 *
 * @param ios completed commands that carried data
 * @param bytes of them
 * @param seconds that it took
 * @param latency nanoseconds from sending to the answer, and how many commands took so long
 * @param series I/Os per second over time
 */
record LoadResult(long ios, long bytes, double seconds, Latency latency, List<SeriesPoint> series) {
    /** Of the I/Os completed around a moment. */
    record SeriesPoint(double atSeconds, double iops) {}

    double iops() {
        return ios / seconds;
    }

    double mebibytesPerSecond() {
        return bytes / seconds / (1 << 20);
    }

    /** How many took how long; the keys are fio's bins, about 1 % wide. */
    record Latency(SortedMap<Long, Long> countByNanos, long maxNanos) {
        private static final double NANOS_PER_MICRO = 1000.0;

        /** Of several runs together. */
        static Latency merged(List<Latency> all) {
            TreeMap<Long, Long> counts = new TreeMap<>();
            all.forEach(one -> one.countByNanos.forEach((nanos, count) -> counts.merge(nanos, count, Long::sum)));
            return new Latency(
                    counts, all.stream().mapToLong(Latency::maxNanos).max().orElse(0));
        }

        /** The smallest bin below which lies this share of all; NaN when there was nothing. */
        double micros(double share) {
            long wanted = (long) Math.ceil(share
                    * countByNanos.values().stream().mapToLong(Long::longValue).sum());
            long sum = 0;
            for (var bin : countByNanos.entrySet()) {
                sum += bin.getValue();
                if (sum >= wanted) {
                    return bin.getKey() / NANOS_PER_MICRO;
                }
            }
            return Double.NaN;
        }

        double maxMicros() {
            return maxNanos / NANOS_PER_MICRO;
        }
    }
}
