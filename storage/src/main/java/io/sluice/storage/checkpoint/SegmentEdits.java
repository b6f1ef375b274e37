package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;

import io.sluice.storage.checkpoint.CommittedDelta.AddedSegment;
import io.sluice.storage.checkpoint.CommittedMap.Usage;
import io.sluice.storage.runtime.Invariant;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Brings the segment table up to date: added segments, changed live counts, deleted segments. */
final class SegmentEdits implements TreeEdits {
    private final long checkpoint;
    private final TreeMap<Long, AddedSegment> added = new TreeMap<>();
    private final NavigableMap<Long, Long> changes;
    private final SortedSet<Long> shared;
    private final SortedSet<Long> settled;
    private final TreeSet<Long> deleted;
    private final TreeSet<Long> pages = new TreeSet<>();
    private final SortedMap<Long, Long> deadSegments;
    private final SortedMap<Long, Long> deadWithZeros;
    private long liveBlocks;
    private long storedBlocks;
    private long storedBytes;
    private long segments;

    SegmentEdits(
            long checkpoint,
            RootRecord before,
            CommittedDelta delta,
            NavigableMap<Long, Long> changes,
            Collection<Long> deleted) {
        this.checkpoint = checkpoint;
        this.changes = changes;
        this.shared = delta.sources();
        this.settled = delta.settled();
        this.deleted = new TreeSet<>(deleted);
        this.deadSegments = new TreeMap<>(before.deadSegments());
        this.deadWithZeros = new TreeMap<>(before.deadWithZeros());
        this.liveBlocks = before.usage().liveBlocks();
        this.storedBlocks = before.usage().storedBlocks();
        this.storedBytes = before.usage().storedBytes();
        this.segments = before.usage().segments();
        for (AddedSegment segment : delta.segments()) {
            if (!segment.fence()) { // fences are kept for ever: they stop a gateway that slept, however long
                this.added.put(segment.number(), segment);
            }
            pages.add(SegmentPage.pageOf(segment.number()));
        }
        changes.keySet().forEach(segment -> pages.add(SegmentPage.pageOf(segment)));
        shared.forEach(segment -> pages.add(SegmentPage.pageOf(segment)));
        settled.forEach(segment -> pages.add(SegmentPage.pageOf(segment)));
        deleted.forEach(segment -> pages.add(SegmentPage.pageOf(segment)));
    }

    Usage usage() {
        return new Usage(liveBlocks, storedBlocks, storedBytes, segments);
    }

    SortedMap<Long, Long> deadSegments() {
        return deadSegments;
    }

    SortedMap<Long, Long> deadWithZeros() {
        return deadWithZeros;
    }

    @Override
    public boolean erases(int level, long index) {
        return false;
    }

    @Override
    public boolean touches(int level, long index) {
        Long page = pages.ceiling(index << (FAN_OUT_SHIFT * level));
        return page != null && page < (index + 1) << (FAN_OUT_SHIFT * level);
    }

    @Override
    public long endPage() {
        return pages.isEmpty() ? 0 : pages.last() + 1;
    }

    @Override
    public long @Nullable [] edit(long index, long[] old) {
        long[] words = old.clone();
        long first = index << FAN_OUT_SHIFT;
        long end = (index + 1) << FAN_OUT_SHIFT;
        for (AddedSegment segment : added.subMap(first, end).values()) {
            add(words, segment);
        }
        for (Map.Entry<Long, Long> change : changes.subMap(first, end).entrySet()) {
            change(words, change.getKey(), change.getValue());
        }
        for (long segment : shared.subSet(first, end)) {
            int entry = SegmentPage.entryOf(segment);
            Invariant.check(SegmentPage.exists(words, entry), "an unknown segment is shared", segment, checkpoint);
            SegmentPage.markShared(words, entry);
        }
        for (long segment : settled.subSet(first, end)) {
            settle(words, segment);
        }
        for (long segment : deleted.subSet(first, end)) {
            delete(words, segment);
        }
        boolean empty = true;
        for (long word : words) {
            empty &= word == 0;
        }
        return empty ? null : words;
    }

    private void add(long[] words, AddedSegment segment) {
        int entry = SegmentPage.entryOf(segment.number());
        Invariant.check(!SegmentPage.exists(words, entry), "segment added twice", segment.number(), checkpoint);
        SegmentPage.put(words, entry, 0, segment.blocks(), segment.storedBytes(), checkpoint);
        SegmentPage.markZeros(words, entry, segment.zeros());
        file(words, segment.number());
        storedBlocks += segment.blocks();
        storedBytes += segment.storedBytes();
        segments++;
    }

    private void change(long[] words, long segment, long change) {
        int entry = SegmentPage.entryOf(segment);
        Invariant.check(SegmentPage.exists(words, entry), "blocks point into an unknown segment", segment, change);
        long live = SegmentPage.liveBlocks(words, entry) + change;
        int total = SegmentPage.totalBlocks(words, entry);
        Invariant.check(live >= 0 && live <= SegmentPage.LIVE_MAX, "live count of a segment", segment, live);
        long deadSince = live == 0 ? checkpoint : 0;
        SegmentPage.put(words, entry, live, total, SegmentPage.storedBytes(words, entry), deadSince);
        file(words, segment);
        liveBlocks += change;
    }

    private void settle(long[] words, long segment) {
        int entry = SegmentPage.entryOf(segment);
        if (SegmentPage.exists(words, entry)) {
            SegmentPage.markZeros(words, entry, false);
            file(words, segment);
        }
    }

    /** Puts the segment into the list of dead ones where it belongs by its entry, or into none. */
    private void file(long[] words, long segment) {
        int entry = SegmentPage.entryOf(segment);
        deadSegments.remove(segment);
        deadWithZeros.remove(segment);
        if (SegmentPage.liveBlocks(words, entry) == 0) {
            SortedMap<Long, Long> dead = SegmentPage.hasZeros(words, entry) ? deadWithZeros : deadSegments;
            dead.put(segment, SegmentPage.deadSince(words, entry));
        }
    }

    private void delete(long[] words, long segment) {
        int entry = SegmentPage.entryOf(segment);
        if (!SegmentPage.exists(words, entry)) {
            return;
        }
        Invariant.check(SegmentPage.liveBlocks(words, entry) == 0, "a live segment was deleted", segment, checkpoint);
        storedBlocks -= SegmentPage.totalBlocks(words, entry);
        storedBytes -= SegmentPage.storedBytes(words, entry);
        segments--;
        SegmentPage.clear(words, entry);
        deadSegments.remove(segment);
        deadWithZeros.remove(segment);
    }

    @Override
    public long[] emptyPage() {
        return new long[TreeGeometry.SEGMENT_LEAF_WORDS];
    }

    @Override
    public void erased(int level, long index, PagePointer pointer) {
        Invariant.check(false, "the segment table is never erased", level, index);
    }
}
