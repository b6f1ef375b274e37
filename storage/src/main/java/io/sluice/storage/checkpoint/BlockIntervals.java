package io.sluice.storage.checkpoint;

import java.util.Map;
import java.util.TreeMap;

/** A set of blocks as disjoint intervals, adjacent ones merged. */
final class BlockIntervals {
    private static final long INTERVAL_BYTES = 96;

    /** First block of an interval to the block behind its last one. */
    private final TreeMap<Long, Long> endByFirst = new TreeMap<>();

    void add(long first, long end) {
        long from = first;
        long to = end;
        Map.Entry<Long, Long> before = endByFirst.floorEntry(from);
        if (before != null && before.getValue() >= from) {
            from = before.getKey();
            to = Math.max(to, before.getValue());
        }
        Map.Entry<Long, Long> next = endByFirst.ceilingEntry(from);
        while (next != null && next.getKey() <= to) {
            to = Math.max(to, next.getValue());
            endByFirst.remove(next.getKey());
            next = endByFirst.ceilingEntry(from);
        }
        endByFirst.put(from, to);
    }

    boolean contains(long block) {
        Map.Entry<Long, Long> entry = endByFirst.floorEntry(block);
        return entry != null && entry.getValue() > block;
    }

    /** The block behind the last one of the interval that holds {@code block}; {@code block} itself when none does. */
    long coveredUntil(long block) {
        Map.Entry<Long, Long> entry = endByFirst.floorEntry(block);
        return entry == null ? block : Math.max(block, entry.getValue());
    }

    /** True when all blocks from {@code first} to {@code end - 1} are in the set. */
    boolean covers(long first, long end) {
        Map.Entry<Long, Long> entry = endByFirst.floorEntry(first);
        return entry != null && entry.getValue() >= end;
    }

    /** True when any block from {@code first} to {@code end - 1} is in the set. */
    boolean intersects(long first, long end) {
        Map.Entry<Long, Long> entry = endByFirst.lowerEntry(end);
        return entry != null && entry.getValue() > first;
    }

    /** Puts {@code value} where {@code words}, whose first is block {@code from}, are in the set. */
    void apply(long[] words, long from, long value) {
        long end = from + words.length;
        Map.Entry<Long, Long> entry = endByFirst.lowerEntry(end);
        while (entry != null && entry.getValue() > from) {
            int first = (int) (Math.max(entry.getKey(), from) - from);
            int last = (int) (Math.min(entry.getValue(), end) - from);
            java.util.Arrays.fill(words, first, last, value);
            entry = endByFirst.lowerEntry(entry.getKey());
        }
    }

    Map<Long, Long> endByFirst() {
        return endByFirst;
    }

    long memoryBytes() {
        return endByFirst.size() * INTERVAL_BYTES;
    }

    /** The block behind the last one in the set, 0 when it is empty. */
    long end() {
        return endByFirst.isEmpty() ? 0 : endByFirst.lastEntry().getValue();
    }
}
