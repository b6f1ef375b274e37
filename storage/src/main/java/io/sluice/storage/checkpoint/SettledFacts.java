package io.sluice.storage.checkpoint;

import io.sluice.storage.format.Locator;
import io.sluice.storage.segment.SegmentFormat;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Gathers from the headers of segments what must be said by a MOVED segment before they may go ({@link
 * CommittedMap#deadSegmentsWithZeros}): zeros, of each block the newest that were told, and references to other segments.
 * Not thread-safe.
 */
public final class SettledFacts {
    private final long lowestSegment;
    private final long window;
    private final VersionSteps zeros = new VersionSteps();
    private final TreeSet<Long> segments = new TreeSet<>();
    private final List<SegmentHeader.SharedExtent> references = new ArrayList<>();

    /** {@code lowestSegment}: a result of {@link CommittedMap#lowestSegment}. */
    public SettledFacts(long lowestSegment) {
        this(lowestSegment, SegmentFormat.MOVE_WINDOW_SEGMENTS);
    }

    /** With another bound for how late moved blocks are told, for tests. */
    SettledFacts(long lowestSegment, long window) {
        this.lowestSegment = lowestSegment;
        this.window = window;
    }

    /** Takes what {@code segment} says; in any order. */
    public void add(SegmentHeader segment) {
        segments.add(segment.number());
        for (SegmentHeader.Extent extent : segment.zeros()) {
            zero(extent.lba(), extent.count(), segment.number());
        }
        for (SegmentHeader.Tombstone tombstone : segment.tombstones()) {
            zero(tombstone.lba(), tombstone.count(), tombstone.version());
        }
        for (SegmentHeader.SharedExtent extent : segment.shared()) {
            if (Locator.segmentNumber(extent.run().first()) != segment.number()) {
                references.add(extent);
            }
        }
    }

    private void zero(long lba, long count, long version) {
        if (version + window >= lowestSegment) {
            zeros.raise(lba, lba + count, version);
        }
    }

    /** Those that were added: to be named as settled. */
    public SortedSet<Long> segments() {
        return segments;
    }

    /** To be told on, ascending, each block once; those that are no longer needed are left out. */
    public List<SegmentHeader.Tombstone> tombstones() {
        List<SegmentHeader.Tombstone> tombstones = new ArrayList<>();
        zeros.forEach(0, SegmentFormat.LBA_MAX + 1, (first, end, version) -> {
            if (version > 0) {
                tombstones.add(new SegmentHeader.Tombstone(first, end - first, version));
            }
        });
        return tombstones;
    }

    /**
     * Shared extents with a source in another segment. The caller tells on those blocks that stand there as of the newest
     * committed segment, each with its place as old and as new one, and holds their sources until that is committed.
     */
    public List<SegmentHeader.SharedExtent> references() {
        return references;
    }
}
