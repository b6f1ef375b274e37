package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS;
import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS_SHIFT;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.segment.OldPlace;
import io.sluice.storage.segment.SegmentHeader;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A part of the address space, into which segments are folded by the versions of what they say ({@link SeriesFold}).
 *
 * <p>It begins at a page and ends where memory does: when more pages would be touched than it may hold, the last ones are
 * given up, and are another window's.
 *
 * <p>The <em>rank</em> of what stands for a block is twice its version, and one more when it was said by a MOVED segment;
 * what is said later counts when its rank is higher. So a moved block wins over the write that it was moved from, which has
 * the same version, and not over another move of it.
 */
final class FoldWindow {
    private final long firstPage;
    private final int pagesMax;
    private final TreeMap<Long, Page> pages = new TreeMap<>();
    /** Rank of the newest zeros. */
    private final VersionSteps zeroRanks = new VersionSteps();

    private long endPage = Long.MAX_VALUE >>> PAGE_BLOCKS_SHIFT;

    /** What stands in a leaf page of the map: {@code places} are 0 where a block reads as zeros. */
    private static final class Page {
        final long[] places = new long[PAGE_BLOCKS];
        final int[] ranks = new int[PAGE_BLOCKS];

        void take(int block, long place, int rank) {
            if (Integer.compareUnsigned(rank, ranks[block]) > 0) {
                places[block] = place;
                ranks[block] = rank;
            }
        }
    }

    /** {@code pagesMax} is at least 1. */
    FoldWindow(long firstPage, int pagesMax) {
        this.firstPage = firstPage;
        this.pagesMax = pagesMax;
    }

    /** Folds in the next segment. */
    void add(SegmentHeader segment) {
        long number = segment.number();
        for (SegmentHeader.Extent extent : segment.zeros()) {
            zero(extent.lba(), extent.lba() + extent.count(), rank(number, false));
        }
        for (SegmentHeader.Tombstone stone : segment.tombstones()) {
            zero(stone.lba(), stone.lba() + stone.count(), rank(stone.version(), true));
        }
        for (SegmentHeader.Frame frame : segment.frames()) {
            addFrame(segment, frame);
        }
        for (SegmentHeader.SharedExtent extent : segment.shared()) {
            addShared(segment, extent);
        }
    }

    private void addFrame(SegmentHeader segment, SegmentHeader.Frame frame) {
        long[] lbas = frame.lbas();
        if (segment.kind() != SegmentHeader.Kind.MOVED) {
            for (int slot = 0; slot < lbas.length; slot++) {
                put(lbas[slot], frame.locator(segment.number(), slot), rank(segment.number(), false));
            }
            return;
        }
        int slot = 0;
        for (OldPlace old : frame.old()) {
            for (long i = 0; i < old.run().count(); i++) {
                put(lbas[slot], frame.locator(segment.number(), slot), rank(old.version(), true));
                slot++;
            }
        }
    }

    private void addShared(SegmentHeader segment, SegmentHeader.SharedExtent extent) {
        if (segment.kind() != SegmentHeader.Kind.MOVED) {
            putRun(extent.lba(), extent.run(), rank(segment.number(), false));
            return;
        }
        long moved = 0;
        for (OldPlace old : extent.old()) {
            long end = moved + old.run().count();
            putRun(extent.lba() + moved, extent.run().part(moved, end), rank(old.version(), true));
            moved = end;
        }
    }

    private static int rank(long version, boolean moved) {
        return (int) ((version << 1) | (moved ? 1 : 0));
    }

    private void putRun(long lba, LocatorRun run, int rank) {
        for (long i = 0; i < run.count(); i++) {
            put(lba + i, run.locator(i), rank);
        }
    }

    private void put(long lba, long place, int rank) {
        Page page = page(lba >>> PAGE_BLOCKS_SHIFT);
        if (page != null) {
            page.take((int) (lba & (PAGE_BLOCKS - 1)), place, rank);
        }
    }

    /** The page; null when it is not this window's. */
    private @Nullable Page page(long number) {
        if (number < firstPage || number >= endPage) {
            return null;
        }
        Page known = pages.get(number);
        if (known != null) {
            return known;
        }
        Page page = new Page();
        long first = number << PAGE_BLOCKS_SHIFT;
        zeroRanks.forEach(
                first,
                first + PAGE_BLOCKS,
                (from, end, rank) -> Arrays.fill(page.ranks, (int) (from - first), (int) (end - first), (int) rank));
        pages.put(number, page);
        if (pages.size() > pagesMax) {
            endPage = pages.lastKey();
            pages.remove(endPage);
        }
        return number < endPage ? page : null;
    }

    private void zero(long first, long end, int rank) {
        long from = Math.max(first, firstPage << PAGE_BLOCKS_SHIFT);
        long to = Math.min(end, endPage << PAGE_BLOCKS_SHIFT);
        if (from >= to) {
            return;
        }
        for (Map.Entry<Long, Page> entry : pages.subMap(
                        from >>> PAGE_BLOCKS_SHIFT, ((to - 1) >>> PAGE_BLOCKS_SHIFT) + 1)
                .entrySet()) {
            long page = entry.getKey() << PAGE_BLOCKS_SHIFT;
            for (long lba = Math.max(from, page); lba < Math.min(to, page + PAGE_BLOCKS); lba++) {
                entry.getValue().take((int) (lba - page), 0, rank);
            }
        }
        zeroRanks.raise(from, to, Integer.toUnsignedLong(rank));
    }

    /** The page behind the last one of this window; {@link #isLast} when there can be none. */
    long endPage() {
        return endPage;
    }

    /** True when nothing that was told lies behind it. */
    boolean isLast() {
        return endPage == Long.MAX_VALUE >>> PAGE_BLOCKS_SHIFT;
    }

    /** Takes the places. */
    interface Consumer {
        /** Block {@code lba} stands at {@code place}. */
        void accept(long lba, long place);
    }

    /** Gives the places of all blocks that do not read as zeros, ascending, and forgets them. */
    void drain(Consumer consumer) {
        Map.Entry<Long, Page> entry = pages.pollFirstEntry();
        while (entry != null) {
            long first = entry.getKey() << PAGE_BLOCKS_SHIFT;
            long[] places = entry.getValue().places;
            for (int i = 0; i < places.length; i++) {
                if (Locator.isSegment(places[i])) {
                    consumer.accept(first + i, places[i]);
                }
            }
            entry = pages.pollFirstEntry();
        }
    }
}
