package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** When a loop polls before it sleeps, and for how long. */
final class PollPolicyTest {
    private static final long MAX_NANOS = 100_000;

    private final PollPolicy policy = new PollPolicy(Duration.ofNanos(MAX_NANOS));

    private void waits(int count, long nanos) {
        for (int i = 0; i < count; i++) {
            policy.waited(nanos);
        }
    }

    @Test
    void pollsAfterEightShortWaits() {
        assertTrue(policy.mayEverPoll());
        waits(7, MAX_NANOS);
        assertEquals(0, policy.windowNanos());
        waits(1, MAX_NANOS);
        assertEquals(MAX_NANOS, policy.windowNanos());
    }

    @Test
    void bearsTwoLongWaitsInARowButNotThree() {
        waits(100, 1);
        waits(2, Long.MAX_VALUE);
        assertEquals(MAX_NANOS, policy.windowNanos());
        waits(1, MAX_NANOS + 1);
        assertEquals(0, policy.windowNanos());
    }

    @Test
    void anIdleTimeIsForgottenAfterEightShortWaits() {
        waits(1_000, Duration.ofSeconds(1).toNanos());
        assertEquals(0, policy.windowNanos());
        waits(8, 1);
        assertEquals(MAX_NANOS, policy.windowNanos());
    }

    @Test
    void keepsPollingWithFourOfFiveWaitsShortAndStopsWithThree() {
        waits(100, 1);
        for (int i = 0; i < 100; i++) {
            waits(4, 1);
            waits(1, MAX_NANOS + 1);
            assertEquals(MAX_NANOS, policy.windowNanos());
        }
        for (int i = 0; i < 100; i++) {
            waits(3, 1);
            waits(1, MAX_NANOS + 1);
        }
        assertEquals(0, policy.windowNanos());
    }

    @Test
    void pollsForOneHostAloneAndNotForTwoInTurn() {
        for (int i = 0; i < 100; i++) {
            policy.served("one");
            waits(1, 1);
        }
        assertEquals(MAX_NANOS, policy.windowNanos());
        for (int i = 0; i < 100; i++) {
            policy.served(i % 2 == 0 ? "other" : "one");
            assertEquals(0, policy.windowNanos());
            waits(7, 1);
            assertEquals(0, policy.windowNanos());
        }
    }

    @Test
    void neverPollsWithAMaxOfZero() {
        PollPolicy never = new PollPolicy(Duration.ZERO);
        assertFalse(never.mayEverPoll());
        for (int i = 0; i < 100; i++) {
            never.waited(0);
        }
        assertEquals(0, never.windowNanos());
    }

    /** Whatever the mixture of waits, four of them were short for each that was polled in vain. */
    @Test
    void pollsInVainAtMostOnceForFourShortWaits() {
        SplittableRandom random = new SplittableRandom(7);
        int inVain = 0;
        int shortWaits = 0;
        for (int i = 0; i < 100_000; i++) {
            boolean comesSoon = random.nextInt(10) < i / 10_000;
            inVain += !comesSoon && policy.windowNanos() > 0 ? 1 : 0;
            shortWaits += comesSoon ? 1 : 0;
            policy.waited(comesSoon ? MAX_NANOS / 2 : 10 * MAX_NANOS);
            assertTrue(4 * inVain <= shortWaits, inVain + " in vain, " + shortWaits + " short");
        }
        assertTrue(inVain > 100, "hardly anything was tried");
    }
}
