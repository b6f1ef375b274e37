package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS;
import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS_SHIFT;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.segment.OldPlace;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the segments since some checkpoint changed: locators of single blocks over intervals of zeros.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A block in {@link #pages} was written after the last zeroing of it, so that what stands there wins over an interval.
 *       A conditional one wins over none, because no old place reads as zeros; so it is left out where an interval covers it.
 *   <li>The order of segments is kept: laying this over any state gives what folding them over it one after another gives.
 *       For a moved block whose state below is not here, that takes a condition ({@link PageDelta}).
 * </ol>
 */
final class CommittedDelta {
    private static final long SEGMENT_BYTES = 72;
    private static final long NUMBER_BYTES = 64;

    private final TreeMap<Long, PageDelta> pages = new TreeMap<>();
    private final BlockIntervals zeros = new BlockIntervals();
    private final List<AddedSegment> segments = new ArrayList<>();
    /** Segments to which others refer. */
    private final TreeSet<Long> sources = new TreeSet<>();
    /** Segments of which others carry on what they say of zeros and references. */
    private final TreeSet<Long> settled = new TreeSet<>();

    private long pageBytes;

    /**
     * A segment that became part of the volume.
     *
     * @param blocks stored in it
     * @param liveBlocks by how many it may add to the live ones: those of the address space that its header is about, as
     *     stored or shared ones; none when it only moved what was live before
     * @param zeros its header says more than its frames hold
     */
    record AddedSegment(
            long number,
            long epoch,
            boolean fence,
            int blocks,
            long liveBlocks,
            long storedBytes,
            long endSequence,
            boolean zeros) {
        static AddedSegment of(SegmentHeader segment) {
            boolean moved = segment.kind() == SegmentHeader.Kind.MOVED;
            return new AddedSegment(
                    segment.number(),
                    segment.epoch(),
                    segment.kind() == SegmentHeader.Kind.FENCE,
                    segment.blockCount(),
                    moved ? 0 : segment.blockCount() + segment.sharedBlocks(),
                    segment.storedBytes(),
                    segment.endSequence(),
                    segment.speaksOfOthers());
        }

        /** One in which blocks stand, and that does not exist. */
        static AddedSegment missing(long number) {
            return new AddedSegment(number, 0, false, 0, 0, 0, 0, false);
        }
    }

    /** Folds in the next segment. */
    void add(SegmentHeader segment) {
        segments.add(AddedSegment.of(segment));
        settled.addAll(segment.settled());
        for (SegmentHeader.SharedExtent extent : segment.shared()) {
            long source = Locator.segmentNumber(extent.run().first());
            if (source != segment.number()) {
                sources.add(source);
            }
        }
        if (segment.kind() == SegmentHeader.Kind.MOVED) {
            move(segment);
        } else {
            write(segment);
        }
    }

    private void write(SegmentHeader segment) {
        for (SegmentHeader.Extent extent : segment.zeros()) {
            zero(extent.lba(), extent.lba() + extent.count());
        }
        for (SegmentHeader.Frame frame : segment.frames()) {
            long[] lbas = frame.lbas();
            for (int slot = 0; slot < lbas.length; slot++) {
                put(lbas[slot], frame.locator(segment.number(), slot));
            }
        }
        for (SegmentHeader.SharedExtent extent : segment.shared()) {
            putRun(extent.lba(), extent.run());
        }
    }

    private void move(SegmentHeader segment) {
        for (SegmentHeader.Frame frame : segment.frames()) {
            int slot = 0;
            for (OldPlace old : frame.old()) {
                for (long i = 0; i < old.run().count(); i++) {
                    move(frame.lbas()[slot], old.run().locator(i), frame.locator(segment.number(), slot));
                    slot++;
                }
            }
        }
        for (SegmentHeader.SharedExtent extent : segment.shared()) {
            long moved = 0;
            for (OldPlace old : extent.old()) {
                for (long i = 0; i < old.run().count(); i++) {
                    move(
                            extent.lba() + moved,
                            old.run().locator(i),
                            extent.run().locator(moved));
                    moved++;
                }
            }
        }
    }

    /** Takes a segment whose blocks are {@link #put} one by one, and those it settled. */
    void addSegment(AddedSegment segment, List<Long> settledBy) {
        segments.add(segment);
        settled.addAll(settledBy);
    }

    /** These are segments to which others refer. */
    void addSources(SortedSet<Long> segmentNumbers) {
        sources.addAll(segmentNumbers);
    }

    /** Folds in everything of {@code later}. */
    void addAll(CommittedDelta later) {
        segments.addAll(later.segments);
        sources.addAll(later.sources);
        settled.addAll(later.settled);
        later.zeros.endByFirst().forEach(this::zero);
        later.pages.forEach((page, delta) -> delta.forEach(new PageDelta.Consumer() {
            @Override
            public void known(int block, long locator) {
                put((page << PAGE_BLOCKS_SHIFT) + block, locator);
            }

            @Override
            public void moved(int block, long[] moves) {
                move((page << PAGE_BLOCKS_SHIFT) + block, moves);
            }
        }));
    }

    /** Lays this over {@code words}, the locators from block {@code firstBlock} on, all within one page. */
    void apply(long[] words, long firstBlock) {
        zeros.apply(words, firstBlock, Locator.ZERO);
        PageDelta delta = pages.get(firstBlock >>> PAGE_BLOCKS_SHIFT);
        if (delta != null) {
            delta.apply(words, (int) (firstBlock & (PAGE_BLOCKS - 1)));
        }
    }

    /** The locators of {@code leaf} as far as they stand here, UNKNOWN elsewhere. */
    void applyLeaf(long[] words, long leaf) {
        apply(words, leaf << BlockGeometry.LEAF_SHIFT);
    }

    /** True when a single locator stands in leaf pages {@code first} to {@code end - 1}. */
    boolean hasLocators(long first, long end) {
        Long page = pages.ceilingKey(first);
        return page != null && page < end;
    }

    BlockIntervals zeros() {
        return zeros;
    }

    List<AddedSegment> segments() {
        return segments;
    }

    /** Segments to which the headers of others refer. */
    SortedSet<Long> sources() {
        return sources;
    }

    /** Segments whose zeros and references the headers of others carry on. */
    SortedSet<Long> settled() {
        return settled;
    }

    /** The first leaf page from {@code page} on with single locators, else {@link Long#MAX_VALUE}. */
    long nextPage(long page) {
        Long next = pages.ceilingKey(page);
        return next == null ? Long.MAX_VALUE : next;
    }

    /** Leaf pages with single locators. */
    int pageCount() {
        return pages.size();
    }

    /** The leaf page behind the last one that changes from zeros to something. */
    long endPage() {
        return pages.isEmpty() ? 0 : pages.lastKey() + 1;
    }

    long memoryBytes() {
        long sets = (sources.size() + settled.size()) * NUMBER_BYTES;
        return pageBytes + zeros.memoryBytes() + (segments.size() * SEGMENT_BYTES) + sets;
    }

    /** Block {@code lba} was written, and stands at {@code locator}. */
    void put(long lba, long locator) {
        PageDelta delta = page(lba >>> PAGE_BLOCKS_SHIFT);
        long before = delta.memoryBytes();
        delta.put((int) (lba & (PAGE_BLOCKS - 1)), locator);
        pageBytes += delta.memoryBytes() - before;
    }

    private void putRun(long lba, LocatorRun run) {
        long done = 0;
        while (done < run.count()) {
            long first = lba + done;
            int from = (int) (first & (PAGE_BLOCKS - 1));
            int blocks = (int) Math.min(run.count() - done, PAGE_BLOCKS - from);
            PageDelta delta = page(first >>> PAGE_BLOCKS_SHIFT);
            long before = delta.memoryBytes();
            delta.putRun(from, run.part(done, done + blocks));
            pageBytes += delta.memoryBytes() - before;
            done += blocks;
        }
    }

    private PageDelta page(long page) {
        PageDelta delta = pages.get(page);
        if (delta == null) {
            delta = new PageDelta();
            pages.put(page, delta);
            pageBytes += delta.memoryBytes();
        }
        return delta;
    }

    private void move(long lba, long from, long to) {
        if (from != to) {
            move(lba, PlaceMoves.of(from, to));
        }
    }

    private void move(long lba, long[] moves) {
        PageDelta known = pages.get(lba >>> PAGE_BLOCKS_SHIFT);
        int block = (int) (lba & (PAGE_BLOCKS - 1));
        if ((known == null || !known.has(block)) && zeros.contains(lba)) {
            return; // it reads as zeros, so it stands at none of the old places
        }
        PageDelta delta = page(lba >>> PAGE_BLOCKS_SHIFT);
        long before = delta.memoryBytes();
        delta.move(block, moves);
        pageBytes += delta.memoryBytes() - before;
    }

    private void zero(long first, long end) {
        zeros.add(first, end);
        long firstPage = first >>> PAGE_BLOCKS_SHIFT;
        Iterator<Map.Entry<Long, PageDelta>> entries =
                pages.tailMap(firstPage).entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Long, PageDelta> entry = entries.next();
            long pageBlock = entry.getKey() << PAGE_BLOCKS_SHIFT;
            if (pageBlock >= end) {
                return;
            }
            PageDelta delta = entry.getValue();
            pageBytes -= delta.memoryBytes();
            delta.remove((int) Math.max(0, first - pageBlock), (int) Math.min(PAGE_BLOCKS, end - pageBlock));
            if (delta.isEmpty()) {
                entries.remove();
            } else {
                pageBytes += delta.memoryBytes();
            }
        }
    }
}
