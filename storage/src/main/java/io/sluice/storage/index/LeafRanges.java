package io.sluice.storage.index;

import io.sluice.storage.format.Locator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Whole leaves that one record of the journal changed while they were not resident: disjoint ranges of leaves, each with
 * the locator (ZERO, JOURNAL or REFERENCE) of all blocks in it. Where records overlap, the higher address stands,
 * whichever came first.
 *
 * <p>A record is forgotten once the journal is settled past it: the committed mapping knows it then. Thread-safe.
 */
final class LeafRanges {
    /** All blocks of leaves {@code first} to {@code end - 1} stand at {@code locator}. */
    record Range(long first, long end, long locator) {
        long address() {
            return Locator.address(locator);
        }
    }

    /** The part of the leaves up to {@code end - 1} is alike: at {@code locator}, UNKNOWN where no record covers it. */
    record Span(long end, long locator) {}

    private final TreeMap<Long, Range> byFirst = new TreeMap<>();
    /** Every piece of {@link #byFirst}, and pieces that were cut since; oldest first. */
    private final PriorityQueue<Range> byAddress = new PriorityQueue<>(Comparator.comparingLong(Range::address));

    private long settledBelow;
    private volatile int size;

    /** Adds a record; ignored where a newer one stands, and altogether when the journal is settled past it. */
    synchronized void add(long first, long end, long locator) {
        long address = Locator.address(locator);
        if (address < settledBelow || first >= end) {
            return;
        }
        cutAt(first);
        cutAt(end);
        long cursor = first;
        for (Range piece : List.copyOf(byFirst.subMap(first, end).values())) {
            if (piece.address() > address) {
                put(cursor, piece.first(), locator);
                cursor = piece.end();
            } else {
                byFirst.remove(piece.first());
            }
        }
        put(cursor, end, locator);
        size = byFirst.size();
    }

    /** The locator of the blocks of {@code leaf} by the record that covers it, else UNKNOWN. */
    long locatorAt(long leaf) {
        if (size == 0) {
            return Locator.UNKNOWN;
        }
        synchronized (this) {
            Map.Entry<Long, Range> entry = byFirst.floorEntry(leaf);
            return entry == null || entry.getValue().end() <= leaf
                    ? Locator.UNKNOWN
                    : entry.getValue().locator();
        }
    }

    /** What stands from {@code leaf} on, up to {@code end} at most. */
    synchronized Span spanAt(long leaf, long end) {
        Map.Entry<Long, Range> entry = byFirst.floorEntry(leaf);
        if (entry != null && entry.getValue().end() > leaf) {
            return new Span(
                    Math.min(end, entry.getValue().end()), entry.getValue().locator());
        }
        Long next = byFirst.higherKey(leaf);
        return new Span(next == null ? end : Math.min(end, next), Locator.UNKNOWN);
    }

    /** Forgets records older than {@code address}, now and when they come late. */
    synchronized void settleBelow(long address) {
        settledBelow = Math.max(settledBelow, address);
        Range oldest = byAddress.peek();
        while (oldest != null && oldest.address() < settledBelow) {
            byAddress.remove();
            Range standing = byFirst.get(oldest.first());
            if (standing != null && standing.equals(oldest)) {
                byFirst.remove(oldest.first());
            }
            oldest = byAddress.peek();
        }
        size = byFirst.size();
    }

    int size() {
        return size;
    }

    synchronized List<Range> all() {
        return new ArrayList<>(byFirst.values());
    }

    private void cutAt(long leaf) {
        Map.Entry<Long, Range> entry = byFirst.lowerEntry(leaf);
        if (entry != null && entry.getValue().end() > leaf) {
            Range piece = entry.getValue();
            put(piece.first(), leaf, piece.locator());
            put(leaf, piece.end(), piece.locator());
        }
    }

    private void put(long first, long end, long locator) {
        if (first < end) {
            Range piece = new Range(first, end, locator);
            byFirst.put(first, piece);
            byAddress.add(piece);
        }
    }
}
