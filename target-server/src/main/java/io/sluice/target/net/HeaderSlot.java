package io.sluice.target.net;

import java.nio.ByteBuffer;

/** 64 bytes for one PDU header with its digest, or for what follows a data segment. From a {@link HeaderSlotPool}. */
public final class HeaderSlot implements Releasable {
    /** Room in a slot. */
    public static final int BYTES = 64;

    private final HeaderSlotPool pool;
    private final ByteBuffer bytes;

    HeaderSlot(HeaderSlotPool pool, ByteBuffer bytes) {
        this.pool = pool;
        this.bytes = bytes;
    }

    public ByteBuffer bytes() {
        return bytes;
    }

    void zero() {
        bytes.clear();
        for (int i = 0; i < BYTES; i += Long.BYTES) {
            bytes.putLong(i, 0);
        }
    }

    @Override
    public void release() {
        pool.giveBack(this);
    }
}
