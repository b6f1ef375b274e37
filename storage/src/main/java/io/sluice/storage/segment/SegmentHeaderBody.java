package io.sluice.storage.segment;

import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Locator;
import java.util.ArrayList;
import java.util.List;

/**
 * The sealed part of a segment's header. Frames stand one behind the other from the end of the header on, so only their
 * lengths are written; v = varint.
 *
 * <pre>
 *  firstSequence v | endSequence v | wallTimeMillis 8 | storedBytes 4
 *  frame count v   | per frame: stored length / 512 v, block count 1, block numbers v...
 *  extent count v  | per extent of zeros: lba v, count v
 * </pre>
 */
record SegmentHeaderBody(
        long firstSequence,
        long endSequence,
        long wallTimeMillis,
        int storedBytes,
        List<SegmentHeader.Frame> frames,
        List<SegmentHeader.Extent> zeros) {
    /** Longest encoding of one frame: length, count, 32 block numbers of at most 8 bytes. */
    static final int FRAME_BYTES_MAX = 4 + (8 * Locator.FRAME_SLOTS);
    /** Longest encoding of one extent. */
    static final int EXTENT_BYTES_MAX = 16;
    /** Longest encoding of all that is there once. */
    static final int FIXED_BYTES_MAX = 64;

    private static final int EXTENTS_MAX = SegmentFormat.HEADER_PLAIN_BYTES_MAX / 2;

    /** Appends one frame's description to a list of them. */
    static void writeFrame(int storedBytes, long[] lbas, ByteWriter writer) {
        writer.varint(storedBytes / SegmentFormat.UNIT_BYTES);
        writer.u8(lbas.length);
        LbaList.write(lbas, writer);
    }

    void write(ByteWriter writer) {
        writer.varint(firstSequence);
        writer.varint(endSequence);
        writer.i64(wallTimeMillis);
        writer.i32(storedBytes);
        writer.varint(frames.size());
        for (SegmentHeader.Frame frame : frames) {
            writeFrame(frame.storedBytes(), frame.lbas(), writer);
        }
        writer.varint(zeros.size());
        for (SegmentHeader.Extent extent : zeros) {
            writer.varint(extent.lba());
            writer.varint(extent.count());
        }
    }

    /** Reads it; the first frame begins at {@code framesStartBytes}. */
    static SegmentHeaderBody read(CheckedReader reader, int framesStartBytes) throws DamagedObjectException {
        long firstSequence = reader.varint("first sequence", Long.MAX_VALUE);
        long endSequence = reader.varint("end sequence", Long.MAX_VALUE);
        reader.check(firstSequence <= endSequence, "its part of the history ends before it begins");
        long wallTimeMillis = reader.i64();
        int storedBytes = reader.count("stored length", SegmentFormat.FOOTER_BYTES, Locator.SEGMENT_BYTES_MAX);
        List<SegmentHeader.Frame> frames = readFrames(reader, framesStartBytes);
        List<SegmentHeader.Extent> zeros = readZeros(reader);
        reader.end();
        SegmentHeaderBody body =
                new SegmentHeaderBody(firstSequence, endSequence, wallTimeMillis, storedBytes, frames, zeros);
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

    private static List<SegmentHeader.Frame> readFrames(CheckedReader reader, int startBytes)
            throws DamagedObjectException {
        int count = (int) reader.varint("frame count", SegmentFormat.FRAMES_MAX);
        List<SegmentHeader.Frame> frames = new ArrayList<>();
        int offsetBytes = startBytes;
        for (int i = 0; i < count; i++) {
            int units = (int) reader.varint("frame length", Locator.FRAME_STORED_BYTES_MAX / SegmentFormat.UNIT_BYTES);
            int blocks = reader.u8();
            reader.check(units >= 1 && blocks >= 1 && blocks <= Locator.FRAME_SLOTS, "frame " + i + " is impossible");
            frames.add(new SegmentHeader.Frame(
                    offsetBytes, units * SegmentFormat.UNIT_BYTES, LbaList.read(blocks, reader)));
            offsetBytes += units * SegmentFormat.UNIT_BYTES;
            reader.check(offsetBytes < Locator.SEGMENT_BYTES_MAX, "frame " + i + " ends too far back");
        }
        return frames;
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
}
