package io.sluice.target.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Header slots of one loop, carved from direct memory in chunks; grows to the most ever queued. Confined. */
public final class HeaderSlotPool {
    private static final int CHUNK_SLOTS = 256;

    private final ArrayDeque<HeaderSlot> free = new ArrayDeque<>();

    /** A slot full of zeros, position 0, limit at its end. */
    public HeaderSlot take() {
        if (free.isEmpty()) {
            grow();
        }
        HeaderSlot slot = free.removeLast();
        slot.zero();
        return slot;
    }

    void giveBack(HeaderSlot slot) {
        free.addLast(slot);
    }

    private void grow() {
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_SLOTS * HeaderSlot.BYTES);
        for (int i = 0; i < CHUNK_SLOTS; i++) {
            free.addFirst(new HeaderSlot(this, chunk.slice(i * HeaderSlot.BYTES, HeaderSlot.BYTES)));
        }
    }
}
