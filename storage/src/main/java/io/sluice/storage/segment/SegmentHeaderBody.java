package io.sluice.storage.segment;

import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import java.util.ArrayList;
import java.util.List;

/**
 * The sealed part of a segment's header. Frames stand one behind the other from the end of the header on, so only their
 * lengths are written; v = varint.
 *
 * <pre>
 *  firstSequence v | endSequence v | wallTimeMillis 8 | storedBytes 4
 *  frame count v   | per frame: stored length / 512 v, block count 1, block numbers v...
 *  extent count v  | per extent of zeros: lba v, count v, in a MOVED segment: number - version v
 *  shared count v  | per extent: lba v, count v, source, in a MOVED segment: old places     (from version 2 on)
 *  settled count v | per settled segment, ascending: number - its number v                   (MOVED only)
 * </pre>
 *
 * <p>Sources and old places: {@link SourceCodec}. In a MOVED segment of version 2 each frame's block numbers are followed by
 * its blocks' old places.
 */
record SegmentHeaderBody(
        long firstSequence,
        long endSequence,
        long wallTimeMillis,
        int storedBytes,
        List<SegmentHeader.Frame> frames,
        List<SegmentHeader.Extent> zeros,
        List<SegmentHeader.SharedExtent> shared,
        List<SegmentHeader.Tombstone> tombstones,
        List<Long> settled) {
    /** Longest encoding of one frame: length, count, 32 block numbers of at most 8 bytes. */
    static final int FRAME_BYTES_MAX = 4 + (8 * Locator.FRAME_SLOTS);
    /** Longest encoding of one shared extent, old places excepted. */
    static final int SHARED_BYTES_MAX = 16 + SourceCodec.BYTES_MAX;
    /** Longest encoding of one run of old places. */
    static final int OLD_RUN_BYTES_MAX = 8 + SourceCodec.BYTES_MAX + 2;
    /** Longest encoding of one extent. */
    static final int EXTENT_BYTES_MAX = 16;
    /** Longest encoding of one tombstone. */
    static final int TOMBSTONE_BYTES_MAX = EXTENT_BYTES_MAX + 5;
    /** Longest encoding of one settled segment. */
    static final int SETTLED_BYTES_MAX = 5;
    /** Longest encoding of all that is there once. */
    static final int FIXED_BYTES_MAX = 72;

    private static final int EXTENTS_MAX = SegmentFormat.HEADER_PLAIN_BYTES_MAX / 2;

    /** Appends one frame's description to a list of them. */
    static void writeFrame(int storedBytes, long[] lbas, ByteWriter writer) {
        writer.varint(storedBytes / SegmentFormat.UNIT_BYTES);
        writer.u8(lbas.length);
        LbaList.write(lbas, writer);
    }

    /** Writes the newest version, of segment {@code number}. */
    void write(long number, SegmentHeader.Kind kind, ByteWriter writer) {
        boolean moved = kind == SegmentHeader.Kind.MOVED;
        SourceCodec sources = new SourceCodec(number, frames);
        writer.varint(firstSequence);
        writer.varint(endSequence);
        writer.i64(wallTimeMillis);
        writer.i32(storedBytes);
        writer.varint(frames.size());
        for (SegmentHeader.Frame frame : frames) {
            writeFrame(frame.storedBytes(), frame.lbas(), writer);
            if (moved) {
                sources.writeOld(frame.old(), frame.lbas().length, writer);
            }
        }
        writeZeros(number, moved, writer);
        writer.varint(shared.size());
        for (SegmentHeader.SharedExtent extent : shared) {
            writer.varint(extent.lba());
            writer.varint(extent.run().count());
            sources.writeSource(extent.run(), writer);
            if (moved) {
                sources.writeOld(extent.old(), extent.run().count(), writer);
            }
        }
        if (moved) {
            writer.varint(settled.size());
            settled.forEach(segment -> writer.varint(number - segment));
        }
    }

    private void writeZeros(long number, boolean moved, ByteWriter writer) {
        writer.varint(moved ? tombstones.size() : zeros.size());
        for (SegmentHeader.Extent extent : zeros) {
            writer.varint(extent.lba());
            writer.varint(extent.count());
        }
        for (SegmentHeader.Tombstone tombstone : tombstones) {
            writer.varint(tombstone.lba());
            writer.varint(tombstone.count());
            writer.varint(number - tombstone.version());
        }
    }

    /** Reads it; the first frame begins at {@code framesStartBytes}. */
    static SegmentHeaderBody read(SegmentPrologue prologue, CheckedReader reader, int framesStartBytes)
            throws DamagedObjectException {
        boolean first = prologue.format().version() == 1;
        boolean moved = prologue.kind() == SegmentHeader.Kind.MOVED;
        reader.check(!moved || !first, "version 1 has no moved blocks");
        long number = prologue.format().number();
        long firstSequence = reader.varint("first sequence", Long.MAX_VALUE);
        long endSequence = reader.varint("end sequence", Long.MAX_VALUE);
        reader.check(firstSequence <= endSequence, "its part of the history ends before it begins");
        long wallTimeMillis = reader.i64();
        int storedBytes = reader.count("stored length", SegmentFormat.FOOTER_BYTES, Locator.SEGMENT_BYTES_MAX);
        List<SegmentHeader.Frame> frames = readFrames(reader, framesStartBytes, moved ? number : 0);
        List<SegmentHeader.Extent> zeros = moved ? List.of() : readZeros(reader);
        List<SegmentHeader.Tombstone> tombstones = moved ? readTombstones(reader, number) : List.of();
        List<SegmentHeader.SharedExtent> shared =
                first ? List.of() : readShared(reader, new SourceCodec(number, frames), moved);
        List<Long> settled = moved ? readSettled(reader, number) : List.of();
        reader.end();
        SegmentHeaderBody body = new SegmentHeaderBody(
                firstSequence, endSequence, wallTimeMillis, storedBytes, frames, zeros, shared, tombstones, settled);
        reader.check(
                body.footerOffsetBytes(framesStartBytes) + SegmentFormat.FOOTER_BYTES == storedBytes,
                "its frames do not add up to its length");
        return body;
    }

    /** Where the footer begins. */
    int footerOffsetBytes(int framesStartBytes) {
        if (frames.isEmpty()) {
            return framesStartBytes;
        }
        SegmentHeader.Frame last = frames.get(frames.size() - 1);
        return last.offsetBytes() + last.storedBytes();
    }

    /** {@code movedNumber}: number of a segment with old places, else 0. */
    private static List<SegmentHeader.Frame> readFrames(CheckedReader reader, int startBytes, long movedNumber)
            throws DamagedObjectException {
        int count = (int) reader.varint("frame count", SegmentFormat.FRAMES_MAX);
        List<SegmentHeader.Frame> frames = new ArrayList<>();
        int offsetBytes = startBytes;
        for (int i = 0; i < count; i++) {
            int units = (int) reader.varint("frame length", Locator.FRAME_STORED_BYTES_MAX / SegmentFormat.UNIT_BYTES);
            int blocks = reader.u8();
            reader.check(units >= 1 && blocks >= 1 && blocks <= Locator.FRAME_SLOTS, "frame " + i + " is impossible");
            long[] lbas = LbaList.read(blocks, reader);
            List<OldPlace> old =
                    movedNumber == 0 ? List.of() : new SourceCodec(movedNumber, List.of()).readOld(blocks, reader);
            frames.add(new SegmentHeader.Frame(offsetBytes, units * SegmentFormat.UNIT_BYTES, lbas, old));
            offsetBytes += units * SegmentFormat.UNIT_BYTES;
            reader.check(offsetBytes < Locator.SEGMENT_BYTES_MAX, "frame " + i + " ends too far back");
        }
        return frames;
    }

    private static List<SegmentHeader.SharedExtent> readShared(CheckedReader reader, SourceCodec sources, boolean moved)
            throws DamagedObjectException {
        int count = (int) reader.varint("shared extent count", EXTENTS_MAX);
        List<SegmentHeader.SharedExtent> shared = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long lba = reader.varint("shared extent start", SegmentFormat.LBA_MAX);
            long blocks = reader.varint("shared extent length", SegmentFormat.LBA_MAX + 1 - lba);
            reader.check(blocks >= 1, "shared extent " + i + " is empty");
            LocatorRun run = sources.readSource(blocks, reader);
            List<OldPlace> old = moved ? sources.readOld(blocks, reader) : List.of();
            shared.add(new SegmentHeader.SharedExtent(lba, run, old));
        }
        return shared;
    }

    private static List<SegmentHeader.Extent> readZeros(CheckedReader reader) throws DamagedObjectException {
        int count = (int) reader.varint("extent count", EXTENTS_MAX);
        List<SegmentHeader.Extent> zeros = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long lba = reader.varint("extent start", SegmentFormat.LBA_MAX);
            long blocks = reader.varint("extent length", SegmentFormat.LBA_MAX + 1 - lba);
            reader.check(blocks >= 1, "extent " + i + " is empty");
            zeros.add(new SegmentHeader.Extent(lba, blocks));
        }
        return zeros;
    }

    private static List<SegmentHeader.Tombstone> readTombstones(CheckedReader reader, long number)
            throws DamagedObjectException {
        int count = (int) reader.varint("tombstone count", EXTENTS_MAX);
        List<SegmentHeader.Tombstone> tombstones = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long lba = reader.varint("tombstone start", SegmentFormat.LBA_MAX);
            long blocks = reader.varint("tombstone length", SegmentFormat.LBA_MAX + 1 - lba);
            long age = reader.varint("tombstone age", number - 1);
            reader.check(blocks >= 1 && age >= 1, "tombstone " + i + " is impossible");
            tombstones.add(new SegmentHeader.Tombstone(lba, blocks, number - age));
        }
        return tombstones;
    }

    private static List<Long> readSettled(CheckedReader reader, long number) throws DamagedObjectException {
        int count = (int) reader.varint("settled count", EXTENTS_MAX);
        List<Long> settled = new ArrayList<>();
        long before = 0;
        for (int i = 0; i < count; i++) {
            long segment = number - reader.varint("settled segment", number - 1);
            reader.check(segment > before && segment < number, "settled segment " + segment + " is out of order");
            settled.add(segment);
            before = segment;
        }
        return settled;
    }
}
