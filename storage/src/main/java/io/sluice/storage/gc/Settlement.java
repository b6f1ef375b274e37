package io.sluice.storage.gc;

import io.sluice.storage.format.Locator;
import io.sluice.storage.segment.SegmentFormat;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Tombstone;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a MOVED segment carries on for segments that are to go: their zeros, as tombstones, and their references to others
 * that still hold ({@code CommittedMap.deadSegmentsWithZeros}). Not thread-safe.
 */
final class Settlement {
    /** Extents and runs of one, unless a single header has more: all must fit into a header again. */
    static final int ITEMS_MAX = 8192;

    private final Tombstones tombstones = new Tombstones();
    private final List<SegmentHeader> referring = new ArrayList<>();
    private final TreeSet<Long> settled = new TreeSet<>();
    private int items;
    private long sharedBlocks;

    /** How many extents and runs {@code header} would add at most. */
    static int itemsOf(SegmentHeader header) {
        return header.zeros().size()
                + header.tombstones().size()
                + header.shared().size();
    }

    /** Whether what {@code header} says still fits. */
    boolean hasRoomFor(SegmentHeader header) {
        return items == 0
                || (items + itemsOf(header) <= ITEMS_MAX
                        && sharedBlocks + header.sharedBlocks() <= LiveFinder.NAMED_BLOCKS_MAX);
    }

    /**
     * Takes over what {@code header} says of others.
     *
     * @param lowestSegment tombstones that no segment from here on can contradict are left out
     */
    void add(SegmentHeader header, long lowestSegment) {
        items += itemsOf(header);
        sharedBlocks += header.sharedBlocks();
        for (SegmentHeader.Extent extent : header.zeros()) {
            addTombstone(extent.lba(), extent.count(), header.number(), lowestSegment);
        }
        for (Tombstone tombstone : header.tombstones()) {
            addTombstone(tombstone.lba(), tombstone.count(), tombstone.version(), lowestSegment);
        }
        referring.add(header);
        settled.add(header.number());
    }

    private void addTombstone(long lba, long count, long version, long lowestSegment) {
        if (version + SegmentFormat.MOVE_WINDOW_SEGMENTS >= lowestSegment) {
            tombstones.add(lba, count, version);
        }
    }

    boolean isEmpty() {
        return settled.isEmpty();
    }

    /** The segments it stands in for. */
    SortedSet<Long> settled() {
        return settled;
    }

    List<Tombstone> tombstones() {
        return tombstones.merged();
    }

    /** Blocks that these segments say to stand in others; whether they still do is asked when it is told on. */
    List<Placed> references() {
        List<Placed> references = new ArrayList<>();
        referring.forEach(header -> references.addAll(LiveFinder.referring(header)));
        return references;
    }

    /** Segments in which {@code header} says that blocks stand, its own left out. */
    static SortedSet<Long> sources(SegmentHeader header) {
        TreeSet<Long> sources = new TreeSet<>();
        for (SegmentHeader.SharedExtent extent : header.shared()) {
            sources.add(Locator.segmentNumber(extent.run().first()));
        }
        sources.remove(header.number());
        return sources;
    }
}
