package io.sluice.storage.segment;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A frame ready to be sealed: its block numbers and contents, packed.
 *
 * @param lbas the block in each slot
 * @param zstd whether the contents are compressed
 * @param plain what is sealed, its remaining bytes: block numbers, then contents; never consumed
 */
record FramePayload(long[] lbas, boolean zstd, ByteBuffer plain) {
    /** Copies the numbers. */
    FramePayload {
        lbas = lbas.clone();
    }

    @Override
    public String toString() {
        return "frame of " + Arrays.toString(lbas);
    }
}
