package io.sluice.storage.index;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * Whole leaves that were zeroed while they were not resident: disjoint ranges of leaves, each with the journal address
 * of the record that zeroed it. Where records overlap, the higher address stands, whichever came first.
 *
 * <p>A record is forgotten once the journal is settled past it: the committed mapping knows it then. Thread-safe.
 */
final class ZeroRanges {
    /** Leaves {@code first} to {@code end - 1}, zeroed by the record at {@code address}. */
    record Range(long first, long end, long address) {}

    /** No record covers the leaf. */
    static final long NONE = -1;

    private final TreeMap<Long, Range> byFirst = new TreeMap<>();
    /** Every piece of {@link #byFirst}, and pieces that were cut since; oldest first. */
    private final PriorityQueue<Range> byAddress = new PriorityQueue<>(Comparator.comparingLong(Range::address));

    private long settledBelow;
    private volatile int size;

    /** Adds a record; ignored where a newer one stands, and altogether when the journal is settled past it. */
    synchronized void add(long first, long end, long address) {
        if (address < settledBelow || first >= end) {
            return;
        }
        cutAt(first);
        cutAt(end);
        long cursor = first;
        for (Range piece : List.copyOf(byFirst.subMap(first, end).values())) {
            if (piece.address() > address) {
                put(cursor, piece.first(), address);
                cursor = piece.end();
            } else {
                byFirst.remove(piece.first());
            }
        }
        put(cursor, end, address);
        size = byFirst.size();
    }

    /** Address of the record that covers {@code leaf}, else {@link #NONE}. */
    long addressAt(long leaf) {
        if (size == 0) {
            return NONE;
        }
        synchronized (this) {
            Map.Entry<Long, Range> entry = byFirst.floorEntry(leaf);
            return entry == null || entry.getValue().end() <= leaf
                    ? NONE
                    : entry.getValue().address();
        }
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
            put(piece.first(), leaf, piece.address());
            put(leaf, piece.end(), piece.address());
        }
    }

    private void put(long first, long end, long address) {
        if (first < end) {
            Range piece = new Range(first, end, address);
            byFirst.put(first, piece);
            byAddress.add(piece);
        }
    }
}
