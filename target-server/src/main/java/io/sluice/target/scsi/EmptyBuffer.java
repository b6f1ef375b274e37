package io.sluice.target.scsi;

import java.nio.ByteBuffer;

/** A buffer without bytes, where a command came without data. */
final class EmptyBuffer {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private EmptyBuffer() {}

    static ByteBuffer get() {
        return EMPTY;
    }
}
