package io.sluice.storage.rebuild;

import io.sluice.storage.checkpoint.TreeCommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Compares two mappings leaf by leaf, each on its own lane, a leaf per turn; where both read as zeros costs nothing. Memory: two
 * leaves. Used once.
 */
final class MappingComparison {
    private static final long LEAF_BYTES = (long) BlockGeometry.LEAF_BLOCKS * BlockGeometry.BLOCK_BYTES;

    private final TreeCommittedMap before;
    private final Lane beforeLane;
    private final TreeCommittedMap after;
    private final Lane afterLane;
    private final long endLeaf;
    private final RangeList different;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private long leaf;

    /** Of volumes of at most {@code sizeBytes}; {@code different} gets the blocks that stand elsewhere. */
    MappingComparison(
            TreeCommittedMap before,
            Lane beforeLane,
            TreeCommittedMap after,
            Lane afterLane,
            long sizeBytes,
            RangeList different) {
        this.before = before;
        this.beforeLane = beforeLane;
        this.after = after;
        this.afterLane = afterLane;
        this.endLeaf = (sizeBytes + LEAF_BYTES - 1) / LEAF_BYTES;
        this.different = different;
    }

    /** Fails when one of them cannot be looked up. */
    CompletableFuture<Void> run() {
        beforeLane.execute(this::lookBefore);
        return result;
    }

    private void lookBefore() {
        long zeros = before.zerosUntil(leaf, endLeaf);
        afterLane.execute(() -> {
            leaf = Math.min(zeros, after.zerosUntil(leaf, endLeaf));
            if (leaf >= endLeaf) {
                result.complete(null);
            } else {
                beforeLane.execute(() -> Futures.then(before.leaf(leaf), afterLane, this::lookAfter));
            }
        });
    }

    private void lookAfter(long @Nullable [] old, @Nullable Throwable failure) {
        if (old == null) {
            fail(failure);
            return;
        }
        Futures.then(after.leaf(leaf), afterLane, (fresh, second) -> {
            if (fresh == null) {
                fail(second);
                return;
            }
            compare(old, fresh);
            leaf++;
            beforeLane.execute(this::lookBefore);
        });
    }

    private void fail(@Nullable Throwable failure) {
        result.completeExceptionally(Failures.unwrap(failure == null ? new IllegalStateException("no leaf") : failure));
    }

    private void compare(long[] old, long[] fresh) {
        for (int i = 0; i < old.length; i++) {
            boolean bothZero = Locator.isZero(old[i]) && Locator.isZero(fresh[i]);
            if (!bothZero && old[i] != fresh[i]) {
                different.add((leaf << BlockGeometry.LEAF_SHIFT) + i);
            }
        }
    }
}
