package io.sluice.storage.segment;

import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Invariant;

/** The block numbers of a frame: the first as it is, each other as its distance from the one before, less one. */
final class LbaList {
    private static final int USUAL_BYTES = 4;

    private LbaList() {}

    /** Fails unless there are 1 to 32 of them, ascending, none twice. */
    static void check(long[] lbas) {
        Invariant.check(lbas.length >= 1 && lbas.length <= Locator.FRAME_SLOTS, "blocks of a frame", lbas.length, 0);
        long previous = -1;
        for (long lba : lbas) {
            Invariant.check(lba > previous && lba <= SegmentFormat.LBA_MAX, "blocks not ascending", previous, lba);
            previous = lba;
        }
    }

    static byte[] toBytes(long[] lbas) {
        ByteWriter writer = new ByteWriter(lbas.length * USUAL_BYTES);
        write(lbas, writer);
        return writer.toBytes();
    }

    static void write(long[] lbas, ByteWriter writer) {
        long previous = -1;
        for (long lba : lbas) {
            writer.varint(lba - previous - 1);
            previous = lba;
        }
    }

    static long[] read(int count, CheckedReader reader) throws DamagedObjectException {
        long[] lbas = new long[count];
        long previous = -1;
        for (int i = 0; i < count; i++) {
            previous += 1 + reader.varint("block number", SegmentFormat.LBA_MAX - previous - 1);
            lbas[i] = previous;
        }
        return lbas;
    }
}
