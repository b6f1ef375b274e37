package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class SegmentBuffersTest {
    private static final int SEGMENT_BLOCKS = 4096;
    private static final int BLOCK_BYTES = 4096;

    private final SegmentBuffers buffers = new SegmentBuffers(SEGMENT_BLOCKS);

    @Test
    void whatWasGivenBackServesAgainForBlocksAndForPacking() {
        byte[] first = buffers.take(SEGMENT_BLOCKS);
        assertTrue(first.length >= SEGMENT_BLOCKS * BLOCK_BYTES);
        assertNotSame(first, buffers.takeForPacking(SEGMENT_BLOCKS));
        buffers.giveBack(first);
        assertTrue(buffers.hasResting());
        assertSame(first, buffers.takeForPacking(SEGMENT_BLOCKS));
        assertFalse(buffers.hasResting());
        buffers.giveBack(first);
        assertSame(first, buffers.take(SEGMENT_BLOCKS));
    }

    @Test
    void fewBlocksGetRoomOfTheirOwnSizeAndNoneToBePackedIn() {
        byte[] few = buffers.take(10);
        assertEquals(10 * BLOCK_BYTES, few.length);
        assertEquals(0, buffers.takeForPacking(10).length);
        buffers.giveBack(few);
        buffers.giveBack(buffers.takeForPacking(10));
        assertFalse(buffers.hasResting());
    }

    @Test
    void clearedBuffersDoNotServeAgain() {
        byte[] first = buffers.take(SEGMENT_BLOCKS);
        buffers.giveBack(first);
        buffers.clear();
        assertNotSame(first, buffers.take(SEGMENT_BLOCKS));
    }
}
