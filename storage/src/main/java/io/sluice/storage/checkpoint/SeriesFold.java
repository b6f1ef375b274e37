package io.sluice.storage.checkpoint;

import io.sluice.storage.checkpoint.CommittedDelta.AddedSegment;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.segment.SegmentHeader;
import java.util.BitSet;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rebuilds the committed mapping from segments alone, also where the collector has deleted some of them: the newest
 * <em>version</em> of each block counts.
 *
 * <p>The version of what a DATA segment says is its number; of what a MOVED segment says of a block, {@link
 * io.sluice.storage.segment.OldPlace#version}; of a tombstone, the one it tells. While nobody moves a block before he sees
 * the last move of it committed, two facts of a block with different contents have versions in the order in which they
 * were written, whatever was committed in between. So the newest is found without those that were deleted; that it
 * was not deleted itself, the collector sees to ({@link CommittedMap#deadSegmentsWithZeros}). On a complete series this is the
 * same mapping as the fold of {@link CommittedMap#commit}.
 *
 * <pre>
 *   pass (all headers, a window of the address space) ─▶ checkpoint of the window ─▶ next pass, until no window is left
 * </pre>
 *
 * <p>A segment with an epoch below that of one before it is an orphan and does not count. A place in a segment that does
 * not exist stays: reading the block fails, as it must, and the segment is in {@link Result#missing}.
 *
 * <p>Memory: 90 KiB per page of the window (16 MiB of address space of which something is told), 72 bytes per segment, 100
 * bytes per extent of zeros. Time: one pass per {@code pagesMax} such pages. Confined to the lane.
 */
public final class SeriesFold {
    private final TreeCommittedMap map;
    private final Series series;
    private final int pagesMax;
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private final BitSet known = new BitSet();
    private final TreeSet<Long> sources = new TreeSet<>();
    private final SortedMap<Long, Long> missing = new TreeMap<>();
    private long segments;
    private long orphans;
    private int passes;

    /** Gives the headers of a volume's segments, as often as it is asked. */
    @FunctionalInterface
    public interface Series {
        /**
         * Gives every header to {@code consumer}, on the map's lane, ascending by number, the same ones each time; completes
         * there when it has taken the last one.
         */
        CompletableFuture<Void> forEach(Consumer<SegmentHeader> consumer);
    }

    /**
     * What was rebuilt.
     *
     * @param root of the checkpoint, which is durable; adopted by the map, and in no manifest yet
     * @param segments that count
     * @param orphans that do not
     * @param missing segments in which blocks stand and that do not exist, each with the number of these blocks
     * @param passes over the series that were needed
     */
    public record Result(CheckpointRoot root, long segments, long orphans, SortedMap<Long, Long> missing, int passes) {}

    private SeriesFold(TreeCommittedMap map, Series series, int pagesMax) {
        this.map = map;
        this.series = series;
        this.pagesMax = pagesMax;
    }

    /**
     * Rebuilds into {@code map}, which was made for {@link CheckpointRoot#EMPTY} and not used yet. Fails with the failure of
     * the series or of a request; the map is of no use then.
     *
     * @param pagesMax pages of 16 MiB of address space held in memory, at least 1
     */
    public static CompletableFuture<Result> into(TreeCommittedMap map, Series series, int pagesMax) {
        Invariant.check(map.root().equals(CheckpointRoot.EMPTY) && map.pendingSegments() == 0, "the map was used");
        Invariant.check(pagesMax >= 1, "pages of a window", pagesMax, 1);
        SeriesFold fold = new SeriesFold(map, series, pagesMax);
        fold.pass(0);
        return fold.result;
    }

    private void pass(long firstPage) {
        passes++;
        FoldWindow window = new FoldWindow(firstPage, pagesMax);
        CommittedDelta delta = new CommittedDelta();
        CountingOnly counting = new CountingOnly();
        CompletableFuture<?> unused = series.forEach(header -> {
                    if (counting.counts(header)) {
                        window.add(header);
                        if (firstPage == 0) {
                            learn(header, delta);
                        }
                    }
                })
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        orphans = counting.orphans;
                        write(window, delta);
                    } else {
                        result.completeExceptionally(Failures.unwrap(failure));
                    }
                });
    }

    /** Leaves out what an older gateway wrote behind a newer one. */
    private static final class CountingOnly {
        private long epoch;
        private long number;
        private long orphans;

        boolean counts(SegmentHeader header) {
            Invariant.check(header.number() > number, "the series does not ascend", header.number(), number);
            number = header.number();
            if (header.epoch() < epoch) {
                orphans++;
                return false;
            }
            epoch = header.epoch();
            return true;
        }
    }

    private void learn(SegmentHeader header, CommittedDelta delta) {
        segments++;
        known.set((int) header.number());
        delta.addSegment(AddedSegment.of(header), header.settled());
        for (SegmentHeader.SharedExtent extent : header.shared()) {
            long source = Locator.segmentNumber(extent.run().first());
            if (source != header.number()) {
                sources.add(source);
            }
        }
    }

    private void write(FoldWindow window, CommittedDelta delta) {
        window.drain((lba, place) -> {
            long segment = Locator.segmentNumber(place);
            if (!known.get((int) segment)) {
                if (missing.merge(segment, 1L, Long::sum) == 1) {
                    delta.addSegment(AddedSegment.missing(segment), Collections.emptyList());
                }
            }
            delta.put(lba, place);
        });
        if (window.isLast()) {
            sources.removeIf(source -> !known.get(source.intValue()) && !missing.containsKey(source));
            delta.addSources(sources);
        }
        CompletableFuture<?> unused = map.write(delta).whenComplete((root, failure) -> written(window, root, failure));
    }

    private void written(FoldWindow window, @Nullable CheckpointRoot root, @Nullable Throwable failure) {
        if (root == null) {
            result.completeExceptionally(Failures.unwrap(failure == null ? new IllegalStateException() : failure));
            return;
        }
        map.adopt(root);
        if (window.isLast()) {
            result.complete(new Result(root, segments, orphans, missing, passes));
        } else {
            pass(window.endPage());
        }
    }
}
