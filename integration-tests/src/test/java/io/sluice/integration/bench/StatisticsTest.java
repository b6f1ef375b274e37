package io.sluice.integration.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class StatisticsTest {
    @Test
    void theMedianIsTheMiddleOne() {
        assertEquals(3, Statistics.median(9, 1, 3));
        assertEquals(2, Statistics.median(1, 3));
    }

    @Test
    void whatWasNotMeasuredDoesNotCount() {
        assertEquals(2, Statistics.median(Double.NaN, 1, 3));
        assertEquals(Double.NaN, Statistics.median());
        assertEquals(Double.NaN, Statistics.median(Double.NaN));
    }

    @Test
    void theSpreadIsAShareOfTheMedian() {
        assertEquals(0.5, Statistics.spread(100, 80, 130));
        assertEquals(0, Statistics.spread(7));
    }
}
