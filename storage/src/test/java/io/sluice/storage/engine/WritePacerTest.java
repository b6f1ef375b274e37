package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Pacing, the measured outflow and the forecast, by themselves. */
final class WritePacerTest {
    private static final long MIB = 1 << 20;
    private static final long SECOND = 1_000_000_000;
    private static final long CAPACITY = 1000 * MIB;
    private static final Duration DELAY_MAX = Duration.ofSeconds(5);

    private final WritePacer pacer = new WritePacer(CAPACITY, DELAY_MAX, 0);

    @Test
    void belowTheFreeShareNothingIsHeldBack() {
        for (long used = 0; used <= CAPACITY / 2; used += 50 * MIB) {
            assertFalse(pacer.slowsDownAt(used));
            assertEquals(0, pacer.delayNanos(64 * MIB, used, 1, 0));
        }
        assertTrue(pacer.slowsDownAt(CAPACITY / 2 + 1));
    }

    @Test
    void halfWayUpWritersGetExactlyWhatTheBucketTakes() {
        assertEquals(0, pacer.delayNanos(10 * MIB, 750 * MIB, 100 * MIB, 0), "the first turn is free");
        long first = pacer.delayNanos(10 * MIB, 750 * MIB, 100 * MIB, 0);
        long second = pacer.delayNanos(10 * MIB, 750 * MIB, 100 * MIB, 0);
        assertNear(SECOND / 10, first, 1000);
        assertNear(2 * SECOND / 10, second, 1000);
        assertNear(SECOND / 20, pacer.delayNanos(MIB, 750 * MIB, 100 * MIB, SECOND / 4), 1000);
    }

    @Test
    void theDelayPerWriteGrowsWithoutAStepAndStaysBelowItsBound() {
        long before = 0;
        for (long used = CAPACITY / 2; used <= CAPACITY; used += MIB / 4) {
            WritePacer fresh = new WritePacer(CAPACITY, DELAY_MAX, 0);
            assertEquals(0, fresh.delayNanos(64 << 10, used, 0, 0));
            long delay = fresh.delayNanos(64 << 10, used, 0, 0);
            assertTrue(delay >= before, "falls at " + used);
            assertTrue(delay - before <= 2_000_000 + before / 20 || delay == DELAY_MAX.toNanos(), before + " " + delay);
            assertTrue(delay <= DELAY_MAX.toNanos());
            before = delay;
        }
        assertEquals(DELAY_MAX.toNanos(), before);
    }

    @Test
    void manyWritersAtOnceNeverWaitLongerThanTheBound() {
        for (int i = 0; i < 10_000; i++) {
            assertTrue(pacer.delayNanos(MIB, 900 * MIB, MIB, 0) <= DELAY_MAX.toNanos());
        }
        assertEquals(0, pacer.delayNanos(MIB, 900 * MIB, MIB, DELAY_MAX.toNanos()), "the line is no longer than that");
    }

    @Test
    void withoutADelayThereIsNone() {
        WritePacer never = new WritePacer(CAPACITY, Duration.ZERO, 0);
        assertFalse(never.slowsDownAt(CAPACITY));
        assertEquals(0, never.delayNanos(MIB, CAPACITY, 1, 0));
    }

    @Test
    void theMeterShowsASteadyRateThoughBytesLeaveInLumps() {
        OutflowMeter meter = new OutflowMeter(500.0 * MIB, 0);
        for (int i = 1; i <= 30; i++) {
            meter.left(16 * MIB, i * 4L * SECOND);
        }
        for (int tenth = 0; tenth < 40; tenth++) {
            double rate = meter.bytesPerSecond(CAPACITY, 120 * SECOND + tenth * SECOND / 10);
            assertEquals(4.0 * MIB, rate, 0.2 * MIB, tenth + " tenths of a second after a lump");
        }
    }

    @Test
    void inAnOutageTheMeasuredRateFallsWithoutAStep() {
        OutflowMeter meter = new OutflowMeter(100.0 * MIB, 0);
        double before = meter.bytesPerSecond(100 * MIB, 0);
        for (int tenth = 1; tenth < 6000; tenth++) {
            double now = meter.bytesPerSecond(100 * MIB, tenth * SECOND / 10);
            assertTrue(
                    now <= before && (now > before / 2 || now == 1),
                    "after " + tenth + " tenths: " + before + " " + now);
            before = now;
        }
        assertTrue(before < MIB, "ten minutes without a byte: " + before);
        meter.idleUntil(600 * SECOND);
        assertEquals(100.0 * MIB, meter.bytesPerSecond(100 * MIB, 600 * SECOND), 1, "idle time is no outage");
    }

    @Test
    void theForecastFollowsTheRateAtWhichItFills() {
        FillForecast forecast = new FillForecast(CAPACITY);
        forecast.sample(0, 0);
        assertEquals(-1, forecast.secondsToFull());
        for (int second = 1; second <= 100; second++) {
            forecast.sample(second * MIB, second * SECOND);
        }
        assertNear(900, forecast.secondsToFull(), 2);
        for (int second = 101; second <= 300; second++) {
            forecast.sample(100 * MIB + (second - 100) * 2L * MIB, second * SECOND);
        }
        assertNear(250, forecast.secondsToFull(), 3);
        for (int second = 301; second <= 400; second++) {
            forecast.sample(500 * MIB - (second - 300) * MIB, second * SECOND);
        }
        assertEquals(-1, forecast.secondsToFull(), "it empties");
        forecast.reset();
        forecast.sample(0, 500 * SECOND);
        forecast.sample(MIB, 501 * SECOND);
        assertNear(999, forecast.secondsToFull(), 1);
    }

    private static void assertNear(long expected, long actual, long slack) {
        assertTrue(Math.abs(actual - expected) <= slack, "expected " + expected + ", got " + actual);
    }
}
