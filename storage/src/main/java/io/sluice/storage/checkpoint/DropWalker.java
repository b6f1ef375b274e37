package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;

import io.sluice.storage.checkpoint.RootRecord.Drop;
import io.sluice.storage.object.RequestCause;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Takes subtrees that were unmapped as a whole out of the segments' live counts, a bounded number of pages per
 * checkpoint; what is left stands in the root record for the next one. Until a page was walked, its object counts as
 * reached and the segments it points to as live: nothing is deleted too early.
 */
final class DropWalker implements WriteStage {
    private static final int FETCH_AHEAD = 16;

    private final PageLoader loader;
    private final CheckpointOutput output;
    private final LiveCounts counts;
    private final Deque<Drop> waiting = new ArrayDeque<>();
    private final Deque<Walk> walking = new ArrayDeque<>();
    private int pagesLeft;

    private record Walk(Drop drop, CompletableFuture<long[]> page) {}

    DropWalker(PageLoader loader, CheckpointOutput output, LiveCounts counts, List<Drop> drops, int pagesMax) {
        this.loader = loader;
        this.output = output;
        this.counts = counts;
        this.waiting.addAll(drops);
        this.pagesLeft = pagesMax;
    }

    /** What is left to walk. */
    List<Drop> left() {
        return new ArrayList<>(waiting);
    }

    @Override
    public boolean isDone() {
        return walking.isEmpty() && (waiting.isEmpty() || pagesLeft == 0);
    }

    @Override
    public @Nullable CompletableFuture<?> step() {
        while (pagesLeft > 0 && walking.size() < FETCH_AHEAD && !waiting.isEmpty()) {
            Drop drop = waiting.pop();
            PageTree kind = PageTree.EMPTY_MAP;
            walking.add(new Walk(
                    drop, loader.load(drop.pointer(), kind.id(drop.level(), drop.index()), RequestCause.CHECKPOINT)));
            pagesLeft--;
        }
        Walk walk = walking.element();
        if (!walk.page().isDone()) {
            return walk.page();
        }
        long[] words = walk.page().join();
        walking.remove();
        take(walk.drop(), words);
        return null;
    }

    private void take(Drop drop, long[] words) {
        output.retire(drop.pointer());
        if (drop.level() == 0) {
            for (long locator : words) {
                counts.change(locator, -1);
            }
            return;
        }
        for (int child = 0; child < FAN_OUT; child++) {
            PagePointer pointer = InnerPage.child(words, child);
            if (!pointer.isAbsent()) {
                waiting.push(new Drop(drop.level() - 1, (drop.index() << FAN_OUT_SHIFT) + child, pointer));
            }
        }
    }
}
