package io.sluice.storage.segment;

import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.runtime.Invariant;
import java.util.ArrayList;
import java.util.List;

/**
 * Places in frames as a header names them. A place in the segment itself is told by the index of the frame, because the
 * offsets of its frames depend on the length of the header; a place in an older one by offset and length.
 *
 * <pre>
 *  distance v = number of the segment - number of the source
 *  distance 0:  frame index v                        | place 1
 *  else:        offset / 512 v, stored length / 512 v | place 1
 *  place: slot (bits 0-4), shared (bit 6, old places only), repeated (bit 7)
 *  old places, per run: count v | place | only when shared: number of the segment - as of v
 * </pre>
 */
final class SourceCodec {
    /** Longest encoding of one source. */
    static final int BYTES_MAX = 5 + 3 + 2 + 1;

    private static final int SLOT_MASK = 0x1f;
    private static final int SHARED = 0x40;
    private static final int REPEATED = 0x80;

    private final long number;
    private final List<SegmentHeader.Frame> frames;

    /** Of segment {@code number} with {@code frames}. */
    SourceCodec(long number, List<SegmentHeader.Frame> frames) {
        this.number = number;
        this.frames = frames;
    }

    /** Where the blocks of a shared extent stand; that they are shared needs no mark. */
    void writeSource(LocatorRun run, ByteWriter writer) {
        Invariant.check(Locator.isShared(run.first()), "source of a shared extent", run.first(), run.count());
        writePlace(run, 0, writer);
    }

    private void writePlace(LocatorRun run, int mark, ByteWriter writer) {
        long distance = number - Locator.segmentNumber(run.first());
        Invariant.check(distance >= 0, "a place in a newer segment", number, run.first());
        writer.varint(distance);
        if (distance == 0) {
            writer.varint(frameAt(Locator.frameOffsetBytes(run.first())));
        } else {
            writer.varint(Locator.frameOffsetBytes(run.first()) / SegmentFormat.UNIT_BYTES);
            writer.varint(Locator.frameStoredBytes(run.first()) / SegmentFormat.UNIT_BYTES);
        }
        writer.u8(Locator.slot(run.first()) | mark | (run.repeated() ? REPEATED : 0));
    }

    private int frameAt(int offsetBytes) {
        int low = 0;
        int high = frames.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (frames.get(middle).offsetBytes() <= offsetBytes) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Invariant.check(frames.get(low).offsetBytes() == offsetBytes, "no frame there", number, offsetBytes);
        return low;
    }

    /** Reads what {@link #writeSource} wrote for {@code count} blocks. */
    LocatorRun readSource(long count, CheckedReader reader) throws DamagedObjectException {
        LocatorRun run = readPlace(count, reader);
        return new LocatorRun(Locator.shared(run.first()), run.count(), run.repeated());
    }

    private LocatorRun readPlace(long count, CheckedReader reader) throws DamagedObjectException {
        long distance = reader.varint("distance of a source", number - 1);
        int offsetBytes;
        int storedBytes;
        int slots = Locator.FRAME_SLOTS;
        if (distance == 0) {
            reader.check(!frames.isEmpty(), "a place in a frame of a segment without frames");
            SegmentHeader.Frame frame = frames.get((int) reader.varint("frame of a source", frames.size() - 1L));
            offsetBytes = frame.offsetBytes();
            storedBytes = frame.storedBytes();
            slots = frame.lbas().length;
        } else {
            offsetBytes =
                    (int) reader.varint("offset of a source", SegmentFormat.FRAMES_MAX - 1L) * SegmentFormat.UNIT_BYTES;
            storedBytes =
                    (int) reader.varint("length of a source", Locator.FRAME_STORED_BYTES_MAX / SegmentFormat.UNIT_BYTES)
                            * SegmentFormat.UNIT_BYTES;
        }
        int place = reader.u8();
        int slot = place & SLOT_MASK;
        boolean repeated = (place & REPEATED) != 0;
        reader.check((place & ~(SLOT_MASK | SHARED | REPEATED)) == 0, "place " + place + " does not exist");
        reader.check(storedBytes > 0 && slot + (repeated ? 1 : count) <= slots, "a source is impossible");
        long first = Locator.segment(number - distance, offsetBytes, storedBytes, slot);
        return new LocatorRun((place & SHARED) != 0 ? Locator.shared(first) : first, count, repeated);
    }

    /** Where {@code blocks} blocks stood before, all of them in older segments: runs, each with its length before it. */
    void writeOld(List<OldPlace> old, long blocks, ByteWriter writer) {
        long told = 0;
        for (OldPlace place : old) {
            LocatorRun run = place.run();
            Invariant.check(
                    Locator.segmentNumber(run.first()) < number, "a block moved within its segment", number, told);
            writer.varint(run.count());
            writePlace(run, Locator.isShared(run.first()) ? SHARED : 0, writer);
            if (Locator.isShared(run.first())) {
                writer.varint(number - place.asOf());
            }
            told += run.count();
        }
        Invariant.check(told == blocks, "old places of moved blocks", told, blocks);
    }

    /** Reads what {@link #writeOld} wrote. */
    List<OldPlace> readOld(long blocks, CheckedReader reader) throws DamagedObjectException {
        List<OldPlace> old = new ArrayList<>();
        long told = 0;
        while (told < blocks) {
            long count = reader.varint("old places", blocks - told);
            reader.check(count >= 1, "a run of old places is empty");
            LocatorRun run = readPlace(count, reader);
            long source = Locator.segmentNumber(run.first());
            reader.check(source < number, "a block moved within its segment");
            old.add(new OldPlace(run, Locator.isShared(run.first()) ? readAsOf(source, reader) : source));
            told += count;
        }
        return old;
    }

    private long readAsOf(long source, CheckedReader reader) throws DamagedObjectException {
        long distance = reader.varint("age of old places", SegmentFormat.MOVE_WINDOW_SEGMENTS);
        reader.check(distance >= 1 && number - distance >= source, "old places as of an impossible segment");
        return number - distance;
    }
}
