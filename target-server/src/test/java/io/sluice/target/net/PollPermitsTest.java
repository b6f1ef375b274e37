package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How many loops poll at a time. */
final class PollPermitsTest {
    @Test
    void halfOfTheProcessorsMayBePolledOn() {
        assertEquals(0, permits(1));
        assertEquals(1, permits(2));
        assertEquals(1, permits(3));
        assertEquals(8, permits(16));
    }

    private static int permits(int processors) {
        PollPermits permits = PollPermits.forProcessors(processors);
        int taken = 0;
        while (permits.tryTake()) {
            taken++;
        }
        return taken;
    }

    @Test
    void aPermitThatIsGivenBackCanBeTakenAgain() {
        PollPermits permits = new PollPermits(1);
        assertTrue(permits.tryTake());
        assertFalse(permits.tryTake());
        permits.giveBack();
        assertTrue(permits.tryTake());
    }
}
