package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.Invariant;
import org.junit.jupiter.api.Test;

/** Budgets and pools. */
final class MemoryTest {
    @Test
    void takesFromBothBudgetsOrFromNone() {
        MemoryBudget outer = new MemoryBudget(100, null);
        MemoryBudget inner = new MemoryBudget(1000, outer);
        assertTrue(inner.reserve(80));
        assertFalse(inner.reserve(30));
        assertEquals(80, inner.bytesUsed());
        assertEquals(80, outer.bytesUsed());
        inner.release(80);
        assertEquals(0, outer.bytesUsed());
        assertThrows(Invariant.Broken.class, () -> inner.release(1));
    }

    @Test
    void roundsUpToClassesAndUsesBuffersAgain() {
        DataBufferPool pool = new DataBufferPool(1 << 20);
        MemoryBudget budget = new MemoryBudget(1 << 20, null);
        DataBuffer small = pool.take(1, budget);
        assertNotNull(small);
        assertEquals(4096, small.bytes().capacity());
        assertEquals(4096, budget.bytesUsed());
        small.bytes().position(17);
        small.release();
        assertEquals(0, budget.bytesUsed());
        DataBuffer again = pool.take(4096, budget);
        assertNotNull(again);
        assertSame(small, again);
        assertEquals(0, again.bytes().position());
        DataBuffer next = pool.take(4097, budget);
        assertNotNull(next);
        assertEquals(8192, next.bytes().capacity());
        assertNull(pool.take(2 << 20, budget));
        again.release();
        assertThrows(Invariant.Broken.class, again::release);
    }

    @Test
    void handsOutHeaderSlotsFullOfZeros() {
        HeaderSlotPool pool = new HeaderSlotPool();
        HeaderSlot slot = pool.take();
        slot.bytes().putLong(56, -1).position(8).limit(48);
        slot.release();
        for (int i = 0; i < 300; i++) {
            HeaderSlot one = pool.take();
            assertEquals(0, one.bytes().position());
            assertEquals(HeaderSlot.BYTES, one.bytes().limit());
            assertEquals(0, one.bytes().getLong(56));
        }
    }
}
