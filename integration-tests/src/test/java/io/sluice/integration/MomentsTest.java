package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The clock of the crash tests, and what a server's sequence numbers mean on it. */
final class MomentsTest {
    @Test
    void meet() {
        Moments some = Moments.none().and(2, 5).and(4, 6).and(9, 12);
        assertEquals("[2-5, 9-11]", some.toString());
        assertEquals("[5-5, 9-10]", some.in(Moments.between(5, 11)).toString());
        assertTrue(some.in(Moments.between(6, 9)).isEmpty());
        assertEquals(11, some.last());
        assertTrue(some.contains(9));
        assertFalse(some.contains(6));
    }

    @Test
    void aSequenceNumberIsBetweenWhatWasToldBeforeAndAfterIt() {
        SequenceLog log = new SequenceLog();
        log.add(1, 100, 2);
        log.add(5, 200, 8);
        log.add(9, 300, 9);
        assertEquals("[1-8]", log.momentsOf(150).toString());
        assertEquals("[5-8]", log.momentsOf(200).toString());
        assertEquals("[0-2]", log.momentsOf(99).toString());
        assertEquals(9, log.momentsOf(301).in(Moments.between(0, 10)).last());
    }
}
