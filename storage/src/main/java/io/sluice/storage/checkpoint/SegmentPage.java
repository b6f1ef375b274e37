package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;
import static io.sluice.storage.checkpoint.TreeGeometry.SEGMENT_WORDS;

/**
 * Access to the words of a page of the segment table: 512 entries of three words.
 *
 * <pre>
 *   word 3e      live blocks, low 32 bits of them (high 32 bits), total blocks (low 32 bits)
 *   word 3e + 1  bit 63: the segment exists; bit 62: shared; bit 61: zeros;
 *                bits 32-55: live blocks, high 24 bits; bits 0-31: stored bytes
 *   word 3e + 2  number of the checkpoint in which it lost its last live block, 0 while it has one
 * </pre>
 */
final class SegmentPage {
    /** Most live blocks of a segment: more than a volume has. */
    static final long LIVE_MAX = (1L << 56) - 1;

    private static final long EXISTS = 1L << 63;
    private static final long SHARED = 1L << 62;
    private static final long ZEROS = 1L << 61;
    private static final long LOW = 0xffff_ffffL;
    private static final int LIVE_HIGH_BITS = 24;

    private SegmentPage() {}

    static long pageOf(long segment) {
        return segment >>> FAN_OUT_SHIFT;
    }

    static int entryOf(long segment) {
        return (int) (segment & (FAN_OUT - 1));
    }

    static boolean exists(long[] words, int entry) {
        return words[(entry * SEGMENT_WORDS) + 1] != 0;
    }

    static long liveBlocks(long[] words, int entry) {
        long high = (words[(entry * SEGMENT_WORDS) + 1] >>> 32) & ((1L << LIVE_HIGH_BITS) - 1);
        return (high << 32) | (words[entry * SEGMENT_WORDS] >>> 32);
    }

    /** Whether another segment refers, or has referred, to it. */
    static boolean isShared(long[] words, int entry) {
        return (words[(entry * SEGMENT_WORDS) + 1] & SHARED) != 0;
    }

    static void markShared(long[] words, int entry) {
        words[(entry * SEGMENT_WORDS) + 1] |= SHARED;
    }

    /** Whether its header says more than its frames hold, and nobody has taken that over. */
    static boolean hasZeros(long[] words, int entry) {
        return (words[(entry * SEGMENT_WORDS) + 1] & ZEROS) != 0;
    }

    static void markZeros(long[] words, int entry, boolean zeros) {
        int at = (entry * SEGMENT_WORDS) + 1;
        words[at] = zeros ? words[at] | ZEROS : words[at] & ~ZEROS;
    }

    static int totalBlocks(long[] words, int entry) {
        return (int) words[entry * SEGMENT_WORDS];
    }

    static long storedBytes(long[] words, int entry) {
        return words[(entry * SEGMENT_WORDS) + 1] & LOW;
    }

    static long deadSince(long[] words, int entry) {
        return words[(entry * SEGMENT_WORDS) + 2];
    }

    /** Puts the entry; its marks stay. */
    static void put(long[] words, int entry, long live, int total, long storedBytes, long deadSince) {
        int at = entry * SEGMENT_WORDS;
        words[at] = (live << 32) | total;
        words[at + 1] = EXISTS | (words[at + 1] & (SHARED | ZEROS)) | ((live >>> 32) << 32) | storedBytes;
        words[at + 2] = deadSince;
    }

    static void clear(long[] words, int entry) {
        int at = entry * SEGMENT_WORDS;
        words[at] = 0;
        words[at + 1] = 0;
        words[at + 2] = 0;
    }
}
