package io.sluice.storage.format;

import io.sluice.storage.runtime.Invariant;

/**
 * Where a block is, in 64 bits. This is the unit of leaves, of checkpoint pages and of lookups.
 *
 * <pre>
 *  63 62 61                     30 29            14 13        5 4      0
 * +-----+-------------------------+----------------+-----------+--------+
 * | 0 0 |                       0 (whole value)                         |  UNKNOWN: ask the level below
 * | 0 0 |               journal address (62 bits, not 0)                |  REFERENCE: that record says where
 * | 0 1 |               journal address (62 bits)                       |  JOURNAL: the block stands there
 * | 1 0 |s| segment (31 bits)     | offset / 512   | len / 512 | slot   |  SEGMENT: slot of a frame
 * | 1 1 |               journal address (62 bits)                       |  ZERO: unmapped by that record
 * +-----+-------------------------+----------------+-----------+--------+
 * </pre>
 *
 * <p>A ZERO without a record (never written, or unmapped and committed) has address 0. Journal addresses only grow and
 * are never used twice, so a JOURNAL or ZERO locator names one version of one block for ever: comparing two of them
 * says which is newer; several blocks may have one address (a pattern, a record of references). Frame offset and stored
 * length are in units of 512 bytes; {@code len / 512} is 1-511.
 *
 * <p>Bit 61 of a SEGMENT locator says <em>shared</em>: the slot was written for another block (a pattern that fills a
 * range, the source of a copy), so that the frame names another block number there. Only for these is the check of the
 * block number left out. A REFERENCE stands in the index alone, never in the committed mapping.
 */
public final class Locator {
    /** The level below must be asked. */
    public static final long UNKNOWN = 0;
    /** Never written, or unmapped and committed. */
    public static final long ZERO = 3L << 62;

    /** Unit of frame offsets and lengths, bytes. */
    public static final int FRAME_UNIT_BYTES = 512;
    /** Greatest segment number. */
    public static final long SEGMENT_MAX = 0x7fff_ffffL;
    /** Greatest journal address. */
    public static final long ADDRESS_MAX = (1L << 62) - 1;
    /** Slots of a frame. */
    public static final int FRAME_SLOTS = 32;
    /** A segment must end at or below this many bytes. */
    public static final int SEGMENT_BYTES_MAX = 1 << 25;
    /** Longest stored frame, bytes. */
    public static final int FRAME_STORED_BYTES_MAX = 511 * FRAME_UNIT_BYTES;

    private static final long SHARED = 1L << 61;
    private static final long TAG_JOURNAL = 1;
    private static final long TAG_SEGMENT = 2;
    private static final long TAG_ZERO = 3;

    private Locator() {}

    /** The block at journal address {@code address} (0 to {@link #ADDRESS_MAX}). */
    public static long journal(long address) {
        Invariant.check(address >= 0 && address <= ADDRESS_MAX, "journal address out of range", address, ADDRESS_MAX);
        return (TAG_JOURNAL << 62) | address;
    }

    /** Unmapped by the journal record at {@code address}. */
    public static long zero(long address) {
        Invariant.check(address >= 0 && address <= ADDRESS_MAX, "journal address out of range", address, ADDRESS_MAX);
        return (TAG_ZERO << 62) | address;
    }

    /** What the record of references at {@code address} (1 to {@link #ADDRESS_MAX}) says. */
    public static long reference(long address) {
        Invariant.check(address > 0 && address <= ADDRESS_MAX, "journal address out of range", address, ADDRESS_MAX);
        return address;
    }

    /** Slot {@code slot} of the frame of {@code storedBytes} at {@code offsetBytes} in segment {@code segment}. */
    public static long segment(long segment, int offsetBytes, int storedBytes, int slot) {
        Invariant.check(segment >= 0 && segment <= SEGMENT_MAX, "segment number out of range", segment, SEGMENT_MAX);
        Invariant.check(
                offsetBytes >= 0 && offsetBytes < SEGMENT_BYTES_MAX && offsetBytes % FRAME_UNIT_BYTES == 0,
                "frame offset",
                offsetBytes,
                SEGMENT_BYTES_MAX);
        Invariant.check(
                storedBytes > 0 && storedBytes <= FRAME_STORED_BYTES_MAX && storedBytes % FRAME_UNIT_BYTES == 0,
                "frame length",
                storedBytes,
                FRAME_STORED_BYTES_MAX);
        Invariant.check(slot >= 0 && slot < FRAME_SLOTS, "frame slot", slot, FRAME_SLOTS);
        return (TAG_SEGMENT << 62)
                | (segment << 30)
                | ((long) (offsetBytes / FRAME_UNIT_BYTES) << 14)
                | ((long) (storedBytes / FRAME_UNIT_BYTES) << 5)
                | slot;
    }

    /** The SEGMENT locator {@code locator} for a block other than the one its slot was written for. */
    public static long shared(long locator) {
        Invariant.check(isSegment(locator), "only slots of segments are shared", locator, 0);
        return locator | SHARED;
    }

    /** True for a SEGMENT locator whose slot was written for another block. */
    public static boolean isShared(long locator) {
        return isSegment(locator) && (locator & SHARED) != 0;
    }

    public static boolean isReference(long locator) {
        return locator >>> 62 == 0 && locator != UNKNOWN;
    }

    public static boolean isJournal(long locator) {
        return locator >>> 62 == TAG_JOURNAL;
    }

    public static boolean isSegment(long locator) {
        return locator >>> 62 == TAG_SEGMENT;
    }

    public static boolean isZero(long locator) {
        return locator >>> 62 == TAG_ZERO;
    }

    /** The journal address of a JOURNAL, ZERO or REFERENCE locator; -1 for the others, older than any address. */
    public static long address(long locator) {
        return locator == UNKNOWN || locator >>> 62 == TAG_SEGMENT ? -1 : locator & ADDRESS_MAX;
    }

    /** Segment number of a SEGMENT locator. */
    public static long segmentNumber(long locator) {
        return (locator >>> 30) & SEGMENT_MAX;
    }

    /** Frame offset within the segment, bytes. */
    public static int frameOffsetBytes(long locator) {
        return (int) ((locator >>> 14) & 0xffff) * FRAME_UNIT_BYTES;
    }

    /** Stored length of the frame, bytes, padding included. */
    public static int frameStoredBytes(long locator) {
        return (int) ((locator >>> 5) & 0x1ff) * FRAME_UNIT_BYTES;
    }

    /** Which block of the frame, 0-31. */
    public static int slot(long locator) {
        return (int) (locator & 0x1f);
    }

    /** The frame a SEGMENT locator points into: the same for all its slots, never 0. Key of the read cache. */
    public static long frameKey(long locator) {
        return locator & ~(0x1fL | SHARED);
    }

    /** For messages. */
    public static String describe(long locator) {
        if (isSegment(locator)) {
            return "segment " + segmentNumber(locator) + " offset " + frameOffsetBytes(locator) + " length "
                    + frameStoredBytes(locator) + " slot " + slot(locator) + (isShared(locator) ? " shared" : "");
        }
        if (locator == UNKNOWN) {
            return "unknown";
        }
        String kind = isReference(locator) ? "reference " : isJournal(locator) ? "journal " : "zero ";
        return kind + address(locator);
    }
}
