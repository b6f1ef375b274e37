package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;

import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Reads the whole segment table, a page per turn of the lane, and keeps the segments of which the smallest share is
 * live: the collector's next ones.
 */
final class SegmentScan {
    private static final Comparator<SegmentUse> FULLEST_FIRST = Comparator.comparingDouble(SegmentUse::liveShare)
            .thenComparingLong(SegmentUse::number)
            .reversed();

    private final PageTree tree;
    private final PageLoader loader;
    private final Lane lane;
    private final double liveShareMax;
    private final int limit;
    private final Deque<Place> waiting = new ArrayDeque<>();
    private final PriorityQueue<SegmentUse> found = new PriorityQueue<>(FULLEST_FIRST);
    private final CompletableFuture<List<SegmentUse>> result = new CompletableFuture<>();

    private record Place(int level, long index, PagePointer pointer) {}

    SegmentScan(PageTree tree, PageLoader loader, Lane lane, double liveShareMax, int limit) {
        this.tree = tree;
        this.loader = loader;
        this.lane = lane;
        this.liveShareMax = liveShareMax;
        this.limit = limit;
        if (!tree.root().isAbsent()) {
            waiting.add(new Place(tree.height(), 0, tree.root()));
        }
    }

    /** Those with a live share of at most {@code liveShareMax}, sparsest first, at most {@code limit}. */
    CompletableFuture<List<SegmentUse>> start() {
        lane.execute(this::turn);
        return result;
    }

    private void turn() {
        if (waiting.isEmpty()) {
            result.complete(found.stream().sorted(FULLEST_FIRST.reversed()).toList());
            return;
        }
        Place place = waiting.pop();
        PageId id = tree.id(place.level(), place.index());
        CompletableFuture<?> unused = loader.load(place.pointer(), id, RequestCause.GC)
                .whenComplete((words, failure) -> {
                    if (failure == null) {
                        take(place, words);
                        lane.execute(this::turn);
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
    }

    private void take(Place place, long[] words) {
        long first = place.index() << FAN_OUT_SHIFT;
        for (int i = 0; i < FAN_OUT; i++) {
            if (place.level() == 0) {
                consider(words, i, first + i);
            } else if (!InnerPage.child(words, i).isAbsent()) {
                waiting.add(new Place(place.level() - 1, first + i, InnerPage.child(words, i)));
            }
        }
    }

    private void consider(long[] words, int entry, long segment) {
        if (!SegmentPage.exists(words, entry)) {
            return;
        }
        SegmentUse use = new SegmentUse(
                segment,
                SegmentPage.liveBlocks(words, entry),
                SegmentPage.totalBlocks(words, entry),
                SegmentPage.storedBytes(words, entry),
                SegmentPage.deadSince(words, entry),
                SegmentPage.isShared(words, entry),
                SegmentPage.hasZeros(words, entry));
        if (use.liveShare() <= liveShareMax) {
            found.add(use);
            if (found.size() > limit) {
                found.remove();
            }
        }
    }
}
