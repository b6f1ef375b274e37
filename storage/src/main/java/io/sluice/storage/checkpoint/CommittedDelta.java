package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS;
import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS_SHIFT;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
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
 * <p>Invariant: a block in {@link #pages} was written after the last zeroing of it, so that a locator always wins over an
 * interval.
 */
final class CommittedDelta {
    private static final long SEGMENT_BYTES = 64;

    private final TreeMap<Long, PageDelta> pages = new TreeMap<>();
    private final BlockIntervals zeros = new BlockIntervals();
    private final List<AddedSegment> segments = new ArrayList<>();
    /** Segments to which others refer. */
    private final TreeSet<Long> sources = new TreeSet<>();

    private long pageBytes;

    /**
     * A segment that became part of the volume.
     *
     * @param blocks stored in it
     * @param liveBlocks of the address space that its header is about, as stored or shared ones
     */
    record AddedSegment(
            long number, long epoch, boolean fence, int blocks, long liveBlocks, long storedBytes, long endSequence) {}

    /** Folds in the next segment. */
    void add(SegmentHeader segment) {
        segments.add(new AddedSegment(
                segment.number(),
                segment.epoch(),
                segment.kind() == SegmentHeader.Kind.FENCE,
                segment.blockCount(),
                segment.blockCount() + segment.sharedBlocks(),
                segment.storedBytes(),
                segment.endSequence()));
        for (SegmentHeader.Extent extent : segment.zeros()) {
            zero(extent.lba(), extent.lba() + extent.count());
        }
        boolean moved = segment.kind() == SegmentHeader.Kind.MOVED;
        for (SegmentHeader.Frame frame : segment.frames()) {
            long[] lbas = frame.lbas();
            for (int slot = 0; slot < lbas.length; slot++) {
                long locator = frame.locator(segment.number(), slot);
                if (moved) {
                    putMoved(lbas[slot], locator);
                } else {
                    put(lbas[slot], locator);
                }
            }
        }
        for (SegmentHeader.SharedExtent extent : segment.shared()) {
            addShared(segment.number(), extent, moved);
        }
    }

    private void addShared(long number, SegmentHeader.SharedExtent extent, boolean moved) {
        LocatorRun run = extent.run();
        long source = Locator.segmentNumber(run.first());
        if (source != number) {
            sources.add(source);
        }
        if (moved) {
            for (long i = 0; i < run.count(); i++) {
                putMoved(extent.lba() + i, run.locator(i));
            }
        } else {
            putRun(extent.lba(), run);
        }
    }

    /** Folds in everything of {@code later}. */
    void addAll(CommittedDelta later) {
        segments.addAll(later.segments);
        sources.addAll(later.sources);
        later.zeros.endByFirst().forEach(this::zero);
        later.pages.forEach((page, delta) -> delta.forEach((block, locator) -> {
            long lba = (page << PAGE_BLOCKS_SHIFT) + block;
            if (PageDelta.isConditional(locator)) {
                putMoved(lba, PageDelta.flipConditional(locator));
            } else {
                put(lba, locator);
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
        return pageBytes + zeros.memoryBytes() + (segments.size() * SEGMENT_BYTES);
    }

    private void put(long lba, long locator) {
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

    private void putMoved(long lba, long locator) {
        PageDelta delta = pages.get(lba >>> PAGE_BLOCKS_SHIFT);
        long standing = delta == null ? Locator.UNKNOWN : delta.get((int) (lba & (PAGE_BLOCKS - 1)));
        if (Locator.isSegment(standing)) {
            put(lba, locator);
        } else if (PageDelta.isConditional(standing) || !zeros.contains(lba)) {
            put(lba, PageDelta.flipConditional(locator));
        }
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
            delta.remove((int) Math.max(0, first - pageBlock), (int) Math.min(PAGE_BLOCKS, end - pageBlock));
            if (delta.isEmpty()) {
                pageBytes -= delta.memoryBytes();
                entries.remove();
            }
        }
    }
}
