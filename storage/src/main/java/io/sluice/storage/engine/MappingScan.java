package io.sluice.storage.engine;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.volume.MappedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tells which blocks take space, from the start of a range on, until enough runs are found or enough was looked at.
 * Where no leaf is resident, whole records of the index and absent subtrees of the committed mapping are one step each.
 *
 * <p>Used once. Begun on any thread, works on the lane; makes no leaf resident.
 */
final class MappingScan {
    /** Steps of one scan: leaves, or longer parts that are alike. */
    static final int STEPS_MAX = 4096;
    /** Leaves that may be fetched from the bucket in one scan. */
    static final int FETCHES_MAX = 64;
    /** Parts so long that the search for resident leaves in them may look at all of those. */
    static final int LONG_STEPS_MAX = 16;

    private static final long LONG_LEAVES = 256;

    private final BlockIndex index;
    private final CommittedMap committed;
    private final Lane lane;
    private final long startBytes;
    private final long endBytes;
    private final int runsMax;
    private final long endLba;
    private final List<MappedRun> runs = new ArrayList<>();
    private final CompletableFuture<List<MappedRun>> result = new CompletableFuture<>();
    private long lba;
    private long runStartLba;
    private boolean runMapped;
    private int steps;
    private int fetches;
    private int longSteps;

    /** {@code lengthBytes} and {@code runsMax} are at least 1. */
    MappingScan(BlockIndex index, CommittedMap committed, Lane lane, long offsetBytes, long lengthBytes, int runsMax) {
        this.index = index;
        this.committed = committed;
        this.lane = lane;
        this.startBytes = offsetBytes;
        this.endBytes = offsetBytes + lengthBytes;
        this.runsMax = runsMax;
        this.lba = offsetBytes >>> BlockGeometry.BLOCK_SHIFT;
        this.runStartLba = lba;
        this.endLba = (endBytes + BlockGeometry.BLOCK_BYTES - 1) >>> BlockGeometry.BLOCK_SHIFT;
    }

    /** Completes on the lane with at least one run; fails when not even the first block's leaf can be read. */
    CompletableFuture<List<MappedRun>> start() {
        lane.execute(this::work);
        return result;
    }

    private void work() {
        while (lba < endLba && runs.size() < runsMax && steps < STEPS_MAX && longSteps < LONG_STEPS_MAX) {
            steps++;
            long leaf = BlockGeometry.leafOf(lba);
            if (skipAbsent(leaf)) {
                continue;
            }
            long[] now = committed.leafNow(leaf);
            if (now == null && fetches == FETCHES_MAX) {
                break;
            }
            if (now == null) {
                fetches++;
                Futures.then(committed.leaf(leaf), Runnable::run, this::answered);
                return;
            }
            take(now);
        }
        end();
    }

    private void answered(long @Nullable [] leaf, @Nullable Throwable failure) {
        if (leaf != null) {
            take(leaf);
            work();
        } else if (lba > startBytes >>> BlockGeometry.BLOCK_SHIFT) {
            end(); // the next call begins where it failed, and tells
        } else {
            result.completeExceptionally(failure == null ? new IllegalStateException("no leaf") : failure);
        }
    }

    /** Steps over leaves that are not resident and alike; false when the leaf must be looked at. */
    private boolean skipAbsent(long leaf) {
        long endLeaf = BlockGeometry.leafOf(endLba - 1) + 1;
        // The committed mapping first: what is newer than its answer is in the index.
        long zerosEnd = committed.zerosUntil(leaf, endLeaf);
        BlockIndex.AbsentLeaves absent = index.absentFrom(leaf, leaf + 1);
        if (absent == null) {
            return false;
        }
        long bound = absent.locator() == Locator.UNKNOWN ? zerosEnd : endLeaf;
        if (bound - leaf > LONG_LEAVES) {
            longSteps++;
        }
        absent = bound <= leaf ? null : index.absentFrom(leaf, bound);
        if (absent == null) {
            return false;
        }
        long until = absent.locator() == Locator.UNKNOWN ? Math.min(absent.end(), zerosEnd) : absent.end();
        if (until <= leaf) {
            return false;
        }
        boolean mapped = absent.locator() != Locator.UNKNOWN && !Locator.isZero(absent.locator());
        tell(Math.min(endLba, until << BlockGeometry.LEAF_SHIFT), mapped);
        return true;
    }

    private void take(long[] leaf) {
        int slot = BlockGeometry.slotInLeaf(lba);
        int count = (int) Math.min(endLba - lba, BlockGeometry.LEAF_BLOCKS - slot);
        long[] known = new long[count];
        index.lookup(lba, count, known, 0);
        long first = lba;
        for (int i = 0; i < count; i++) {
            long locator = known[i] == Locator.UNKNOWN ? leaf[slot + i] : known[i];
            tell(first + i + 1, !Locator.isZero(locator));
        }
    }

    /** The blocks up to {@code until - 1} are mapped, or not. */
    private void tell(long until, boolean mapped) {
        if (lba > runStartLba && mapped != runMapped) {
            endRun();
        }
        runMapped = mapped;
        lba = until;
    }

    private void endRun() {
        if (runs.size() < runsMax) {
            long from = Math.max(startBytes, runStartLba << BlockGeometry.BLOCK_SHIFT);
            long to = Math.min(endBytes, lba << BlockGeometry.BLOCK_SHIFT);
            runs.add(new MappedRun(from, to - from, runMapped));
        }
        runStartLba = lba;
    }

    private void end() {
        if (lba > runStartLba) {
            endRun();
        }
        result.complete(runs);
    }
}
