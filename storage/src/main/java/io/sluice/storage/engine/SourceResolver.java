package io.sluice.storage.engine;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import java.util.concurrent.CompletableFuture;

/**
 * Finds out where the blocks of a copy's source stand. Ordering rule: each block is looked up, and the segment it stands
 * in is held, in one turn of the volume's lane. Commits and decisions to delete are turns of the lane too, so that a
 * segment which is seen here is needed at that moment and stays until the hold ends.
 *
 * <p>Used once. Begun on any thread, works on the lane; makes no leaf resident.
 */
final class SourceResolver {
    private final BlockFinder finder;
    private final CommittedMap committed;
    private final Lane lane;
    private final long lba;
    private final long[] locators;
    private final PendingReferences.Hold hold;
    private final CompletableFuture<SourceResolver> result = new CompletableFuture<>();
    private int done;

    SourceResolver(
            BlockFinder finder, CommittedMap committed, PendingReferences references, Lane lane, long lba, int count) {
        this.finder = finder;
        this.committed = committed;
        this.lane = lane;
        this.lba = lba;
        this.locators = new long[count];
        this.hold = references.newHold();
    }

    /** Completes on the lane, with this, when all blocks are found; fails, holding nothing, when the bucket does. */
    CompletableFuture<SourceResolver> start() {
        lane.execute(this::work);
        return result;
    }

    /** Where each block stands: JOURNAL, ZERO or SEGMENT. */
    long[] locators() {
        return locators;
    }

    /** Keeps the segments of {@link #locators}. */
    PendingReferences.Hold hold() {
        return hold;
    }

    private void work() {
        while (done < locators.length) {
            long leaf = BlockGeometry.leafOf(lba + done);
            long[] now = committed.leafNow(leaf);
            if (now == null) {
                // In the same turn of the lane as the answer: no commit may come in between.
                Futures.then(committed.leaf(leaf), Runnable::run, this::answered);
                return;
            }
            take(now);
        }
        result.complete(this);
    }

    private void answered(
            long @org.jspecify.annotations.Nullable [] leaf, @org.jspecify.annotations.Nullable Throwable failure) {
        if (leaf == null) {
            hold.release();
            result.completeExceptionally(failure == null ? new IllegalStateException("no leaf") : failure);
        } else {
            take(leaf);
            work();
        }
    }

    private void take(long[] leaf) {
        int slot = BlockGeometry.slotInLeaf(lba + done);
        int count = Math.min(locators.length - done, BlockGeometry.LEAF_BLOCKS - slot);
        long[] known = new long[count];
        finder.lookup(lba + done, count, known);
        for (int i = 0; i < count; i++) {
            long locator = known[i] == Locator.UNKNOWN ? leaf[slot + i] : known[i];
            locators[done + i] = locator;
            if (Locator.isSegment(locator)) {
                hold.add(locator);
            }
        }
        done += count;
    }
}
