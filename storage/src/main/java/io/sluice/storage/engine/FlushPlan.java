package io.sluice.storage.engine;

import io.sluice.storage.journal.JournalAppender;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The net effect of a part of the journal: of each block only the newest version within the part, and what reads as
 * zeros. Exactly one segment will hold it, so that after each segment the bucket is a state the volume really had.
 *
 * <p>Invariant: blocks and zero extents are disjoint. Not thread-safe.
 */
final class FlushPlan implements JournalAppender.Applier {
    private final long from;
    private final TreeMap<Long, Long> addresses = new TreeMap<>();
    private final TreeMap<Long, Long> zeroEnds = new TreeMap<>();
    private long end;
    private int entries;
    private long wallTimeMillis;

    /** An empty plan that begins at journal address {@code from}. */
    FlushPlan(long from) {
        this.from = from;
        this.end = from;
    }

    @Override
    public void block(long lba, long address) {
        entries++;
        cutZeros(lba, lba + 1);
        addresses.put(lba, address);
    }

    @Override
    public void zero(long lba, long count, long address) {
        entries++;
        addresses.subMap(lba, lba + count).clear();
        cutZeros(lba, lba + count);
        zeroEnds.put(lba, lba + count);
    }

    private void cutZeros(long from, long to) {
        Map.Entry<Long, Long> before = zeroEnds.lowerEntry(from);
        if (before != null && before.getValue() > from) {
            zeroEnds.put(before.getKey(), from);
            if (before.getValue() > to) {
                zeroEnds.put(to, before.getValue());
            }
        }
        Map.Entry<Long, Long> inside = zeroEnds.ceilingEntry(from);
        while (inside != null && inside.getKey() < to) {
            zeroEnds.remove(inside.getKey());
            if (inside.getValue() > to) {
                zeroEnds.put(to, inside.getValue());
            }
            inside = zeroEnds.ceilingEntry(from);
        }
    }

    /** The plan covers everything below {@code address} now; its newest batch was written at {@code timeMillis}. */
    void reaches(long address, long timeMillis) {
        end = address;
        wallTimeMillis = Math.max(wallTimeMillis, timeMillis);
    }

    /** Journal entries taken, also those that a later one replaced. */
    int entries() {
        return entries;
    }

    long from() {
        return from;
    }

    long end() {
        return end;
    }

    long wallTimeMillis() {
        return wallTimeMillis;
    }

    /** Block to journal address, ascending by block. */
    SortedMap<Long, Long> addresses() {
        return addresses;
    }

    /** First block to the block behind the last, ascending. */
    SortedMap<Long, Long> zeroEnds() {
        return zeroEnds;
    }

    boolean isEmpty() {
        return addresses.isEmpty() && zeroEnds.isEmpty();
    }
}
