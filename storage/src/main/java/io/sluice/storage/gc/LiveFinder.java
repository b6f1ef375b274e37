package io.sluice.storage.gc;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds which blocks that a segment's header names still stand there. For blocks that are to be moved the index is asked first:
 * what it has in the journal will be overwritten in the bucket soon and is left out. For leaves that are not resident the
 * committed mapping is asked, which may fetch pages. For what is only told on, the committed mapping alone decides: an overwrite
 * in the journal is in no segment yet, and may never be. Confined to the lane; looks at a bounded number of leaves per turn.
 */
final class LiveFinder {
    /** A header that names more in shared extents is not looked through: the mapping is walked instead. */
    static final long NAMED_BLOCKS_MAX = 1 << 18;

    private static final int LEAVES_PER_TURN = 64;

    /** Null when the committed mapping alone decides. */
    private final @Nullable BlockIndex index;

    private final CommittedMap committed;
    private final Lane lane;
    private final Pace pace;
    private final List<Placed> candidates;
    private final List<Placed> live = new ArrayList<>();
    private final long[] words = new long[BlockGeometry.LEAF_BLOCKS];
    private final CompletableFuture<List<Placed>> result = new CompletableFuture<>();
    private int next;

    private LiveFinder(
            @Nullable BlockIndex index, CommittedMap committed, Lane lane, Pace pace, List<Placed> candidates) {
        this.index = index;
        this.committed = committed;
        this.lane = lane;
        this.pace = pace;
        this.candidates = candidates;
        candidates.sort(Comparator.comparingLong(Placed::lba));
    }

    /**
     * Those of {@code candidates} (sorted by this) that stand where they say, ascending; completes on the lane.
     *
     * @param index asked first; null: the committed mapping alone decides
     */
    static CompletableFuture<List<Placed>> find(
            @Nullable BlockIndex index, CommittedMap committed, Lane lane, Pace pace, List<Placed> candidates) {
        LiveFinder finder = new LiveFinder(index, committed, lane, pace, candidates);
        finder.turn();
        return finder.result;
    }

    /** Every block that {@code header} says to stand in its own segment. */
    static List<Placed> named(SegmentHeader header) {
        List<Placed> named = new ArrayList<>();
        for (SegmentHeader.Frame frame : header.frames()) {
            long[] lbas = frame.lbas();
            for (int slot = 0; slot < lbas.length; slot++) {
                named.add(Placed.claimed(lbas[slot], frame.locator(header.number(), slot)));
            }
        }
        addShared(header, true, named);
        return named;
    }

    /** Every block that {@code header} says to stand in another segment. */
    static List<Placed> referring(SegmentHeader header) {
        List<Placed> referring = new ArrayList<>();
        addShared(header, false, referring);
        return referring;
    }

    private static void addShared(SegmentHeader header, boolean own, List<Placed> to) {
        for (SegmentHeader.SharedExtent extent : header.shared()) {
            LocatorRun run = extent.run();
            if ((Locator.segmentNumber(run.first()) == header.number()) == own) {
                for (long i = 0; i < run.count(); i++) {
                    to.add(Placed.claimed(extent.lba() + i, run.locator(i)));
                }
            }
        }
    }

    private void turn() {
        for (int leaves = 0; leaves < LEAVES_PER_TURN && next < candidates.size(); leaves++) {
            long leaf = BlockGeometry.leafOf(candidates.get(next).lba());
            askIndex(leaf);
            if (!takeKnown(leaf)) {
                return;
            }
        }
        if (next == candidates.size()) {
            result.complete(live);
        } else {
            lane.execute(this::turn);
        }
    }

    private void askIndex(long leaf) {
        if (index == null) {
            Arrays.fill(words, Locator.UNKNOWN);
        } else {
            index.lookup(leaf << BlockGeometry.LEAF_SHIFT, BlockGeometry.LEAF_BLOCKS, words, 0);
        }
    }

    /** True when the leaf is done; false when the committed mapping must fetch something first. */
    private boolean takeKnown(long leaf) {
        if (!needsCommitted(leaf)) {
            take(leaf, null);
            return true;
        }
        long[] now = committed.leafNow(leaf);
        if (now != null) {
            take(leaf, now);
            return true;
        }
        Futures.then(pace.request(), Runnable::run, (go, never) -> fetch(leaf));
        return false;
    }

    private void fetch(long leaf) {
        // In the same turn of the lane as the answer: the index is looked up again, for no commit may come in between.
        Futures.then(committed.leaf(leaf, RequestCause.GC), Runnable::run, (found, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
                return;
            }
            askIndex(leaf);
            take(leaf, found);
            lane.execute(this::turn);
        });
    }

    private boolean needsCommitted(long leaf) {
        for (int i = next; i < candidates.size(); i++) {
            long lba = candidates.get(i).lba();
            if (BlockGeometry.leafOf(lba) != leaf) {
                return false;
            }
            if (words[(int) (lba & (BlockGeometry.LEAF_BLOCKS - 1))] == Locator.UNKNOWN) {
                return true;
            }
        }
        return false;
    }

    private void take(long leaf, long @Nullable [] below) {
        while (next < candidates.size()
                && BlockGeometry.leafOf(candidates.get(next).lba()) == leaf) {
            Placed candidate = candidates.get(next);
            int word = (int) (candidate.lba() & (BlockGeometry.LEAF_BLOCKS - 1));
            long stands = words[word] == Locator.UNKNOWN && below != null ? below[word] : words[word];
            if (stands == candidate.locator()) {
                live.add(candidate.foundAsOf(committed.lastSegment()));
            }
            next++;
        }
    }
}
