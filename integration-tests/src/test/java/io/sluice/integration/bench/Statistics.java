package io.sluice.integration.bench;

import java.util.Arrays;

/** Of few numbers. */
final class Statistics {
    private Statistics() {}

    /** Numbers that are NaN do not count; NaN when no others are there. */
    static double median(double... values) {
        double[] sorted = Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The distance between the largest and the smallest, as a share of the median; 0 for a single one. */
    static double spread(double... values) {
        double[] sorted = Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        return sorted.length == 0 ? Double.NaN : (sorted[sorted.length - 1] - sorted[0]) / median(sorted);
    }
}
