package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.journal.ReferenceRuns;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The net effect of a part of the journal: of each block only the newest version within the part, and what reads as
 * zeros or shares what stands elsewhere. Exactly one segment will hold it, so that after each segment the bucket is a state the volume really had.
 *
 * <p>Invariant: blocks and extents are disjoint. Not thread-safe.
 */
final class FlushPlan implements JournalAppender.Applier {
    private final long from;
    private final TreeMap<Long, Long> addresses = new TreeMap<>();
    private final TreeMap<Long, Extent> extents = new TreeMap<>();
    private long extentBlocks;
    private int runs;
    private long end;
    private int entries;
    private long wallTimeMillis;

    /**
     * Blocks up to {@code end - 1} that one record of the journal put at one locator: ZERO, JOURNAL (a pattern) or
     * REFERENCE.
     *
     * @param origin the first block the record is about, at or before the extent's first
     * @param runs what a record of references says
     */
    record Extent(
            long end, long origin, long locator, @Nullable ReferenceRuns runs) {
        private Extent until(long newEnd) {
            return new Extent(newEnd, origin, locator, runs);
        }
    }

    /** An empty plan that begins at journal address {@code from}. */
    FlushPlan(long from) {
        this.from = from;
        this.end = from;
    }

    @Override
    public void block(long lba, long address) {
        entries++;
        cutExtents(lba, lba + 1);
        addresses.put(lba, address);
    }

    @Override
    public void zero(long lba, long count, long address) {
        extent(lba, new Extent(lba + count, lba, Locator.ZERO, null));
    }

    @Override
    public void pattern(long lba, long count, long address) {
        extent(lba, new Extent(lba + count, lba, Locator.journal(address), null));
        extentBlocks += count;
    }

    @Override
    public void references(long lba, ReferenceRuns what, long address) {
        extent(lba, new Extent(lba + what.count(), lba, Locator.reference(address), what));
        extentBlocks += what.count();
        runs += what.runs().size();
    }

    private void extent(long lba, Extent extent) {
        entries++;
        addresses.subMap(lba, extent.end()).clear();
        cutExtents(lba, extent.end());
        extents.put(lba, extent);
    }

    private void cutExtents(long from, long to) {
        if (extents.isEmpty()) {
            return;
        }
        Map.Entry<Long, Extent> before = extents.lowerEntry(from);
        if (before != null && before.getValue().end() > from) {
            extents.put(before.getKey(), before.getValue().until(from));
            if (before.getValue().end() > to) {
                extents.put(to, before.getValue());
            }
        }
        Map.Entry<Long, Extent> inside = extents.ceilingEntry(from);
        while (inside != null && inside.getKey() < to) {
            extents.remove(inside.getKey());
            if (inside.getValue().end() > to) {
                extents.put(to, inside.getValue());
            }
            inside = extents.ceilingEntry(from);
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

    /** First block to extent, ascending. */
    SortedMap<Long, Extent> extents() {
        return extents;
    }

    /** Blocks taken that share what stands elsewhere, also those that a later entry replaced. */
    long extentBlocks() {
        return extentBlocks;
    }

    /** Runs of the records of references taken. */
    int runs() {
        return runs;
    }

    boolean isEmpty() {
        return addresses.isEmpty() && extents.isEmpty();
    }
}
