package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** When a loop polls before it sleeps, and for how long. */
final class PollWindowTest {
    private static final long MAX_NANOS = 160_000;

    private final PollWindow window = new PollWindow(Duration.ofNanos(MAX_NANOS));

    private void waited(long... nanos) {
        for (long one : nanos) {
            window.waited(one);
        }
    }

    @Test
    void isClosedAtFirst() {
        assertTrue(window.canOpen());
        assertEquals(0, window.nanos());
    }

    @Test
    void doublesAsLongAsEventsComeTooLateForIt() {
        long[] expected = {10_000, 20_000, 40_000, 80_000, 160_000, 160_000};
        for (long nanos : expected) {
            waited(MAX_NANOS);
            assertEquals(nanos, window.nanos());
        }
    }

    @Test
    void staysWhileEventsComeWithinIt() {
        waited(15_000, 15_000, 15_000, 15_000, 3, 20_000);
        assertEquals(20_000, window.nanos());
    }

    @Test
    void closesWhenAnEventComesLaterThanTheMax() {
        waited(MAX_NANOS, MAX_NANOS, MAX_NANOS + 1);
        assertEquals(0, window.nanos());
        waited(Long.MAX_VALUE);
        assertEquals(0, window.nanos());
    }

    @Test
    void neverOpensWithAMaxOfZero() {
        PollWindow never = new PollWindow(Duration.ZERO);
        assertFalse(never.canOpen());
        never.waited(0);
        never.waited(1);
        assertEquals(0, never.nanos());
    }

    /** A command each millisecond, a burst each second: what is polled in vain is a small part of the time. */
    @Test
    void costsASlowHostNextToNothing() {
        SplittableRandom random = new SplittableRandom(7);
        long polledInVain = 0;
        long passed = 0;
        for (int i = 0; i < 10_000; i++) {
            long wait = i % 1_000 < 8 ? random.nextLong(MAX_NANOS) : 1_000_000;
            polledInVain += window.nanos() < wait ? window.nanos() : 0;
            passed += wait;
            window.waited(wait);
        }
        assertTrue(polledInVain < passed / 1_000, polledInVain + " of " + passed + " ns");
    }
}
