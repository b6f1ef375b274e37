package io.sluice.storage.segment;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.util.SortedSet;
import java.util.TreeSet;

/** What checkers want to know about a segment that lies before them. */
public final class SegmentFormatTool {
    private SegmentFormatTool() {}

    /** The header of the segment {@code bytes}. */
    public static SegmentHeader header(SegmentCodec codec, long number, byte[] bytes)
            throws DamagedObjectException, UnsupportedFormatException {
        int length = Math.min(bytes.length, SegmentFormat.HEADER_READ_BYTES);
        while (true) {
            try {
                return codec.readHeader(number, ByteBuffer.wrap(bytes, 0, length), bytes.length);
            } catch (NeedMoreBytesException more) {
                length = more.bytesNeeded();
            }
        }
    }

    /** Older segments in which blocks of this one stand. */
    public static SortedSet<Long> sourcesOf(SegmentHeader header) {
        SortedSet<Long> sources = new TreeSet<>();
        for (SegmentHeader.SharedExtent shared : header.shared()) {
            long source = Locator.segmentNumber(shared.run().first());
            if (source != header.number()) {
                sources.add(source);
            }
        }
        return sources;
    }
}
