package io.sluice.storage.checkpoint;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import java.util.Arrays;

/**
 * Changed locators of one leaf page of the map: sorted by block, so that runs append at the end.
 *
 * <p>A block moved by the collector whose state below is not known here stands as <em>conditional</em>: a SEGMENT locator
 * under the JOURNAL tag, which never occurs in the committed mapping. It counts where a SEGMENT stands below, and not
 * where the block reads as zeros.
 */
final class PageDelta {
    private static final int CAPACITY_MIN = 4;
    private static final int OVERHEAD_BYTES = 160;
    private static final int ENTRY_BYTES = Short.BYTES + Long.BYTES;
    private static final long CONDITIONAL_FLIP = 3L << 62;

    private short[] blocks = new short[CAPACITY_MIN];
    private long[] locators = new long[CAPACITY_MIN];
    private int size;

    /** The conditional form of a SEGMENT locator, and back. */
    static long flipConditional(long locator) {
        return locator ^ CONDITIONAL_FLIP;
    }

    static boolean isConditional(long locator) {
        return Locator.isJournal(locator);
    }

    /** {@code block} of the page stands at {@code locator}. */
    void put(int block, long locator) {
        int at = size > 0 && blocks[size - 1] < block
                ? -(size + 1)
                : Arrays.binarySearch(blocks, 0, size, (short) block);
        if (at >= 0) {
            locators[at] = locator;
            return;
        }
        insert(-(at + 1), block, locator);
    }

    /** The blocks from {@code block} on stand where {@code run} says. */
    void putRun(int block, LocatorRun run) {
        int count = (int) run.count();
        remove(block, block + count);
        int at = lowerBound(block);
        makeRoom(count);
        System.arraycopy(blocks, at, blocks, at + count, size - at);
        System.arraycopy(locators, at, locators, at + count, size - at);
        for (int i = 0; i < count; i++) {
            blocks[at + i] = (short) (block + i);
            locators[at + i] = run.locator(i);
        }
        size += count;
    }

    /** What stands here for {@code block}, else UNKNOWN. */
    long get(int block) {
        int at = Arrays.binarySearch(blocks, 0, size, (short) block);
        return at >= 0 ? locators[at] : Locator.UNKNOWN;
    }

    /** Forgets blocks {@code from} to {@code end - 1}. */
    void remove(int from, int end) {
        int first = lowerBound(from);
        int last = lowerBound(end);
        System.arraycopy(blocks, last, blocks, first, size - last);
        System.arraycopy(locators, last, locators, first, size - last);
        size -= last - first;
    }

    /** Lays the changes of the blocks from {@code fromBlock} over {@code words}, whose first is that block. */
    void apply(long[] words, int fromBlock) {
        int end = fromBlock + words.length;
        for (int at = lowerBound(fromBlock); at < size && blocks[at] < end; at++) {
            int word = blocks[at] - fromBlock;
            if (!isConditional(locators[at])) {
                words[word] = locators[at];
            } else if (Locator.isSegment(words[word])) {
                words[word] = flipConditional(locators[at]);
            }
        }
    }

    /** Gives every change to {@code consumer}. */
    void forEach(Consumer consumer) {
        for (int at = 0; at < size; at++) {
            consumer.accept(blocks[at], locators[at]);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    long memoryBytes() {
        return OVERHEAD_BYTES + ((long) blocks.length * ENTRY_BYTES);
    }

    private void insert(int at, int block, long locator) {
        makeRoom(1);
        System.arraycopy(blocks, at, blocks, at + 1, size - at);
        System.arraycopy(locators, at, locators, at + 1, size - at);
        blocks[at] = (short) block;
        locators[at] = locator;
        size++;
    }

    private void makeRoom(int count) {
        if (size + count > blocks.length) {
            int capacity = Math.min(TreeGeometry.PAGE_BLOCKS, Math.max(size + count, 2 * size));
            blocks = Arrays.copyOf(blocks, capacity);
            locators = Arrays.copyOf(locators, capacity);
        }
    }

    private int lowerBound(int block) {
        int at = Arrays.binarySearch(blocks, 0, size, (short) block);
        return at >= 0 ? at : -(at + 1);
    }

    /** Takes one change: a locator, or the conditional form of one. */
    interface Consumer {
        void accept(int block, long locator);
    }
}
