package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT_SHIFT;

import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import java.util.concurrent.CompletableFuture;

/** Finds the first entry of the segment table: pages without one are absent, so it is one path of pages. */
final class LowestSegment {
    private final PageTree tree;
    private final PageLoader loader;
    private final Lane lane;
    private final long otherwise;
    private final CompletableFuture<Long> result = new CompletableFuture<>();

    /** Gives {@code otherwise} when the table is empty. */
    LowestSegment(PageTree tree, PageLoader loader, Lane lane, long otherwise) {
        this.tree = tree;
        this.loader = loader;
        this.lane = lane;
        this.otherwise = otherwise;
    }

    CompletableFuture<Long> start() {
        if (tree.root().isAbsent()) {
            result.complete(otherwise);
        } else {
            lane.execute(() -> visit(tree.height(), 0, tree.root()));
        }
        return result;
    }

    private void visit(int level, long index, PagePointer pointer) {
        CompletableFuture<?> unused = loader.load(pointer, tree.id(level, index), RequestCause.GC)
                .whenComplete((words, failure) -> {
                    if (failure == null) {
                        descend(level, index, words);
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
    }

    private void descend(int level, long index, long[] words) {
        long first = index << FAN_OUT_SHIFT;
        for (int i = 0; i < FAN_OUT; i++) {
            if (level == 0 && SegmentPage.exists(words, i)) {
                result.complete(first + i);
                return;
            }
            if (level > 0 && !InnerPage.child(words, i).isAbsent()) {
                visit(level - 1, first + i, InnerPage.child(words, i));
                return;
            }
        }
        result.completeExceptionally(new IllegalStateException("an empty page of the segment table is present"));
    }
}
