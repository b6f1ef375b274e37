package io.sluice.storage.checkpoint;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import java.util.Arrays;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Changed locators of one leaf page of the map: sorted by block, so that runs append at the end.
 *
 * <p>A block is <em>known</em> when it was written since the state below: its place is one locator. A block that was only
 * moved by the collector, and whose state below is not known here, is <em>conditional</em>: it has pairs of an old place
 * and a new one ({@link PlaceMoves}), and stands at the new place where the state below has it at the old one, else where
 * the state below says.
 */
final class PageDelta {
    private static final int CAPACITY_MIN = 4;
    private static final int OVERHEAD_BYTES = 176;
    private static final int ENTRY_BYTES = Short.BYTES + Long.BYTES;
    private static final int MORE_BYTES = 128;
    /** Stands for the old place of a known block. */
    private static final long KNOWN = 0;

    private short[] blocks = new short[CAPACITY_MIN];
    private long[] locators = new long[CAPACITY_MIN];
    /** The old place of each conditional block, {@link #KNOWN} for the others; null while none is conditional. */
    private long @Nullable [] olds;
    /** All pairs of the conditional blocks that have several. */
    private final TreeMap<Integer, long[]> several = new TreeMap<>();

    private int size;

    /** {@code block} of the page stands at {@code locator}. */
    void put(int block, long locator) {
        int at = find(block);
        if (at >= 0) {
            locators[at] = locator;
            makeKnown(at);
        } else {
            insert(-(at + 1), block, locator);
        }
    }

    /** The blocks from {@code block} on stand where {@code run} says. */
    void putRun(int block, LocatorRun run) {
        int count = (int) run.count();
        remove(block, block + count);
        int at = lowerBound(block);
        open(at, count);
        for (int i = 0; i < count; i++) {
            blocks[at + i] = (short) (block + i);
            locators[at + i] = run.locator(i);
        }
    }

    /** {@code block} was moved as {@code moves} say. */
    void move(int block, long[] moves) {
        int at = find(block);
        if (at < 0) {
            int place = -(at + 1);
            insert(place, block, 0);
            makeConditional(place, moves);
        } else if (isConditional(at)) {
            makeConditional(at, PlaceMoves.then(moves(at), moves));
        } else {
            locators[at] = PlaceMoves.after(moves, locators[at]);
        }
    }

    /** Whether something is said of {@code block}. */
    boolean has(int block) {
        return find(block) >= 0;
    }

    /** Forgets blocks {@code from} to {@code end - 1}. */
    void remove(int from, int end) {
        int first = lowerBound(from);
        int last = lowerBound(end);
        System.arraycopy(blocks, last, blocks, first, size - last);
        System.arraycopy(locators, last, locators, first, size - last);
        if (olds != null) {
            System.arraycopy(olds, last, olds, first, size - last);
        }
        several.subMap(from, end).clear();
        size -= last - first;
    }

    /** Lays the changes of the blocks from {@code fromBlock} over {@code words}, whose first is that block. */
    void apply(long[] words, int fromBlock) {
        int end = fromBlock + words.length;
        for (int at = lowerBound(fromBlock); at < size && blocks[at] < end; at++) {
            int word = blocks[at] - fromBlock;
            if (!isConditional(at)) {
                words[word] = locators[at];
            } else if (Locator.isSegment(words[word])) {
                words[word] = after(at, words[word]);
            }
        }
    }

    /** Gives every change to {@code consumer}. */
    void forEach(Consumer consumer) {
        for (int at = 0; at < size; at++) {
            if (isConditional(at)) {
                consumer.moved(blocks[at], moves(at));
            } else {
                consumer.known(blocks[at], locators[at]);
            }
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    long memoryBytes() {
        long entry = olds == null ? ENTRY_BYTES : ENTRY_BYTES + Long.BYTES;
        return OVERHEAD_BYTES + (blocks.length * entry) + ((long) several.size() * MORE_BYTES);
    }

    private boolean isConditional(int at) {
        return olds != null && olds[at] != KNOWN;
    }

    private void makeKnown(int at) {
        if (isConditional(at)) {
            several.remove((int) blocks[at]);
            conditions()[at] = KNOWN;
        }
    }

    private void makeConditional(int at, long[] moves) {
        conditions()[at] = moves[0];
        locators[at] = moves[1];
        if (moves.length > 2) {
            several.put((int) blocks[at], moves);
        }
    }

    private long[] conditions() {
        long[] conditions = olds;
        if (conditions == null) {
            conditions = new long[blocks.length];
            olds = conditions;
        }
        return conditions;
    }

    private long[] moves(int at) {
        long[] moves = several.get((int) blocks[at]);
        return moves == null ? PlaceMoves.of(conditions()[at], locators[at]) : moves;
    }

    private long after(int at, long place) {
        if (several.isEmpty()) {
            return place == conditions()[at] ? locators[at] : place;
        }
        return PlaceMoves.after(moves(at), place);
    }

    private int find(int block) {
        return size > 0 && blocks[size - 1] < block ? -(size + 1) : Arrays.binarySearch(blocks, 0, size, (short) block);
    }

    private void insert(int at, int block, long locator) {
        open(at, 1);
        blocks[at] = (short) block;
        locators[at] = locator;
    }

    /** Makes room for {@code count} known blocks at {@code at}. */
    private void open(int at, int count) {
        makeRoom(count);
        System.arraycopy(blocks, at, blocks, at + count, size - at);
        System.arraycopy(locators, at, locators, at + count, size - at);
        if (olds != null) {
            System.arraycopy(olds, at, olds, at + count, size - at);
            Arrays.fill(olds, at, at + count, KNOWN);
        }
        size += count;
    }

    private void makeRoom(int count) {
        if (size + count > blocks.length) {
            int capacity = Math.min(TreeGeometry.PAGE_BLOCKS, Math.max(size + count, 2 * size));
            blocks = Arrays.copyOf(blocks, capacity);
            locators = Arrays.copyOf(locators, capacity);
            olds = olds == null ? null : Arrays.copyOf(olds, capacity);
        }
    }

    private int lowerBound(int block) {
        int at = Arrays.binarySearch(blocks, 0, size, (short) block);
        return at >= 0 ? at : -(at + 1);
    }

    /** Takes one change. */
    interface Consumer {
        /** The block was written: it stands at {@code locator}. */
        void known(int block, long locator);

        /** The block was moved, as {@link PlaceMoves} say. */
        void moved(int block, long[] moves);
    }
}
