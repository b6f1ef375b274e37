package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;
import static io.sluice.storage.checkpoint.TreeGeometry.SEGMENT_WORDS;

/**
 * Access to the words of a page of the segment table: 512 entries of three words.
 *
 * <pre>
 *   word 3e      live blocks (high 32 bits), total blocks (low 32 bits)
 *   word 3e + 1  1 in bit 63 when the segment exists, stored bytes below
 *   word 3e + 2  number of the checkpoint in which it lost its last live block, 0 while it has one
 * </pre>
 */
final class SegmentPage {
    private static final long EXISTS = 1L << 63;

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

    static int liveBlocks(long[] words, int entry) {
        return (int) (words[entry * SEGMENT_WORDS] >>> 32);
    }

    static int totalBlocks(long[] words, int entry) {
        return (int) words[entry * SEGMENT_WORDS];
    }

    static long storedBytes(long[] words, int entry) {
        return words[(entry * SEGMENT_WORDS) + 1] & ~EXISTS;
    }

    static long deadSince(long[] words, int entry) {
        return words[(entry * SEGMENT_WORDS) + 2];
    }

    static void put(long[] words, int entry, int live, int total, long storedBytes, long deadSince) {
        int at = entry * SEGMENT_WORDS;
        words[at] = ((long) live << 32) | total;
        words[at + 1] = EXISTS | storedBytes;
        words[at + 2] = deadSince;
    }

    static void clear(long[] words, int entry) {
        int at = entry * SEGMENT_WORDS;
        words[at] = 0;
        words[at + 1] = 0;
        words[at + 2] = 0;
    }
}
