package io.sluice.storage.segment;

import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.Locator;

/** The numbers of the segment format, version 2; {@code FORMAT.md} beside this class draws it. */
public final class SegmentFormat {
    /** Purpose of the keys of segments. */
    public static final String PURPOSE = "segment";

    /** Clear part at the start: format header, epoch, kind, attempt tag, salt, header length, checksum. */
    public static final int PROLOGUE_BYTES = FormatHeader.BYTES + 44;
    /** Header, frames and footer begin at multiples of this. */
    public static final int UNIT_BYTES = Locator.FRAME_UNIT_BYTES;
    /** Longest part of the header that is sealed as one piece. */
    public static final int HEADER_PIECE_BYTES = 128 * 1024;
    /** Longest header, before sealing. */
    public static final int HEADER_PLAIN_BYTES_MAX = 2 * 1024 * 1024;
    /** One request for so many bytes gets the header of nearly every segment. */
    public static final int HEADER_READ_BYTES = 64 * 1024;

    /** "SLFR": begins each frame. */
    public static final int FRAME_MAGIC = 0x534c4652;
    /** Version of the frame's own layout. */
    public static final int FRAME_VERSION = 1;
    /** Clear part at the start of a frame. */
    public static final int FRAME_PROLOGUE_BYTES = 36;
    /** Flag: the blocks are a zstd frame. */
    public static final int FRAME_FLAG_ZSTD = 1;
    /** Longest content of a frame. */
    public static final int FRAME_RAW_BYTES_MAX = Locator.FRAME_SLOTS * BlockGeometry.BLOCK_BYTES;

    /** "SLEN": begins the footer. */
    public static final int FOOTER_MAGIC = 0x534c454e;
    /** Sealed part of the footer: attempt tag and stored length. */
    public static final int FOOTER_PLAIN_BYTES = 16;
    /** The whole footer. */
    public static final int FOOTER_BYTES = Integer.BYTES + FOOTER_PLAIN_BYTES + PieceSealer.OVERHEAD_BYTES;

    /** Piece number of the header's first piece; the others count down from it. Frames count up from 0. */
    public static final long PIECE_HEADER = 0xffff_ffffL;
    /** Piece number of the footer. */
    public static final long PIECE_FOOTER = 0xf000_0000L;
    /** Most frames of a segment: each takes at least one unit. */
    public static final int FRAMES_MAX = Locator.SEGMENT_BYTES_MAX / UNIT_BYTES;

    /**
     * A MOVED segment is at most so many numbers above the segments as of which it says where its blocks stood. So what it
     * says of a block that was overwritten meanwhile is never older than that, and a tombstone is needed only while a segment
     * exists that is less than so many numbers above its version.
     */
    public static final int MOVE_WINDOW_SEGMENTS = 1024;

    /** Greatest block number. */
    public static final long LBA_MAX = (1L << 52) - 1;
    /** Blocks that do not get at least one part in so many smaller are stored as they are. */
    static final int WORTHWHILE_PART = 32;

    private SegmentFormat() {}

    /** The next multiple of {@link #UNIT_BYTES}. */
    public static int padded(int bytes) {
        return (bytes + UNIT_BYTES - 1) & -UNIT_BYTES;
    }

    /** Length of a header of {@code plainBytes} after sealing. */
    static int sealedHeaderBytes(int plainBytes) {
        int pieces = (plainBytes + HEADER_PIECE_BYTES - 1) / HEADER_PIECE_BYTES;
        return plainBytes + (pieces * PieceSealer.OVERHEAD_BYTES);
    }
}
