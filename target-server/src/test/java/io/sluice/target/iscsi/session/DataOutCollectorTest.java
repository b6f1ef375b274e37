package io.sluice.target.iscsi.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.iscsi.session.DataOutCollector.Outcome;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Every way in which a sequence of Data-Outs can be right or wrong (RFC 7143 section 11.7). */
final class DataOutCollectorTest {
    private static final int UNSOLICITED = -1;
    private static final ByteBuffer DATA = ByteBuffer.allocate(4096);

    private final DataOutCollector collector = new DataOutCollector(2);

    private Outcome accept(int tag, int number, long offset, boolean last, int bytes) {
        return collector.accept(tag, number, offset, last, DATA, 0, bytes);
    }

    @Test
    void isCompleteAtOnceWhenNothingIsWanted() {
        collector.begin(0, null, 0, 0, false);
        assertTrue(collector.isComplete());
        assertFalse(collector.canSolicit());
    }

    @Test
    void asksOnlyBehindTheEndOfUnsolicitedData() {
        collector.begin(4096, null, 1024, 2048, true);
        assertFalse(collector.canSolicit());
        assertEquals(Outcome.MORE, accept(UNSOLICITED, 0, 1024, true, 512));
        assertTrue(collector.canSolicit());
        assertEquals(1536, collector.solicitedEnd());
        assertEquals(2560, collector.solicit(7, 1 << 20));
        assertFalse(collector.canSolicit());
        assertEquals(Outcome.COMPLETE, accept(7, 0, 1536, true, 2560));
    }

    @Test
    void takesSequencesOfSeveralRequestsInAnyOrder() {
        collector.begin(3000, null, 0, 0, false);
        assertEquals(1000, collector.solicit(1, 1000));
        assertEquals(1000, collector.solicit(2, 1000));
        assertFalse(collector.canSolicit(), "two in flight");
        assertEquals(Outcome.MORE, accept(2, 0, 1000, true, 1000));
        assertTrue(collector.canSolicit());
        assertEquals(1000, collector.solicit(3, 1000));
        assertEquals(Outcome.MORE, accept(1, 0, 0, false, 400));
        assertEquals(Outcome.MORE, accept(3, 0, 2000, true, 1000));
        assertEquals(Outcome.COMPLETE, accept(1, 1, 400, true, 600));
        assertEquals(3, collector.readyToTransferCount());
    }

    @Test
    void seesEveryKindOfMistake() {
        collector.begin(2000, null, 0, 1000, true);
        assertEquals(Outcome.OUT_OF_SEQUENCE, accept(UNSOLICITED, 1, 0, false, 10));
        assertEquals(Outcome.OUT_OF_SEQUENCE, accept(UNSOLICITED, 0, 10, false, 10));
        assertEquals(Outcome.WRONG_AMOUNT, accept(UNSOLICITED, 0, 0, true, 1001));
        assertEquals(Outcome.UNEXPECTED, accept(5, 0, 0, true, 10));
        assertEquals(Outcome.MORE, accept(UNSOLICITED, 0, 0, true, 1000));
        assertEquals(Outcome.UNEXPECTED, accept(UNSOLICITED, 1, 1000, true, 10));
        assertEquals(1000, collector.solicit(5, 5000));
        assertEquals(Outcome.WRONG_AMOUNT, accept(5, 0, 1000, true, 999));
        assertEquals(Outcome.WRONG_AMOUNT, accept(5, 0, 1000, false, 1000));
        assertEquals(Outcome.WRONG_AMOUNT, accept(5, 0, 1000, true, 1001));
        assertEquals(Outcome.COMPLETE, accept(5, 0, 1000, true, 1000));
        assertEquals(Outcome.UNEXPECTED, accept(5, 1, 2000, true, 1));
    }

    @Test
    void dropsWhatIsMoreThanTheCommandWants() {
        collector.begin(512, null, 0, 4096, true);
        assertEquals(Outcome.MORE, accept(UNSOLICITED, 0, 0, false, 1024));
        assertEquals(512, collector.receivedBytes());
        assertEquals(Outcome.COMPLETE, accept(UNSOLICITED, 1, 1024, true, 1024));
        assertEquals(512, collector.receivedBytes());
    }

    @Test
    void survivesOffsetsBeyondTheSignedRange() {
        collector.begin(512, null, 0, 0, false);
        assertEquals(512, collector.solicit(1, 512));
        assertEquals(Outcome.OUT_OF_SEQUENCE, accept(1, 0, 0xffff_ff00L, true, 512));
    }
}
