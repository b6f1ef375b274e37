package io.sluice.storage.scrub;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the committed mapping from the first block to the last, on its lane, some leaves per turn so that others get
 * theirs. Memory: one leaf.
 */
public final class PlacementWalk {
    private static final int LEAVES_PER_TURN = 256;
    /** Leaves that one page of the checkpoint holds: what is unknown when it cannot be read. */
    private static final long PAGE_LEAVES = 64;

    private final CommittedMap committed;
    private final Lane lane;
    private final long endLeaf;
    private final ScrubSubject.PlacementVisitor visitor;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private long leaf;

    /** Of a volume of {@code sizeBytes}; {@code lane} is the mapping's. */
    public PlacementWalk(CommittedMap committed, Lane lane, long sizeBytes, ScrubSubject.PlacementVisitor visitor) {
        this.committed = committed;
        this.lane = lane;
        long blocks = (sizeBytes + BlockGeometry.BLOCK_BYTES - 1) >>> BlockGeometry.BLOCK_SHIFT;
        this.endLeaf = (blocks + BlockGeometry.LEAF_BLOCKS - 1) >>> BlockGeometry.LEAF_SHIFT;
        this.visitor = visitor;
    }

    /** Begins; any thread. Fails when the store cannot be reached. */
    public CompletableFuture<Void> start() {
        lane.execute(this::turn);
        return result;
    }

    private void turn() {
        try {
            for (int i = 0; i < LEAVES_PER_TURN && leaf < endLeaf; i++) {
                leaf = committed.zerosUntil(leaf, endLeaf);
                if (leaf >= endLeaf) {
                    break;
                }
                long[] words = committed.leafNow(leaf);
                if (words == null) {
                    Futures.then(committed.leaf(leaf), lane, this::fetched);
                    return;
                }
                take(words);
            }
        } catch (RuntimeException failure) {
            result.completeExceptionally(failure);
            return;
        }
        if (leaf >= endLeaf) {
            result.complete(null);
        } else {
            lane.execute(this::turn);
        }
    }

    private void fetched(long @Nullable [] words, @Nullable Throwable failure) {
        if (words != null) {
            take(words);
        } else {
            Throwable cause = Failures.unwrap(failure == null ? new IllegalStateException("no leaf") : failure);
            if (!isDamage(cause)) {
                result.completeExceptionally(cause);
                return;
            }
            long end = Math.min(endLeaf, (leaf / PAGE_LEAVES + 1) * PAGE_LEAVES);
            visitor.unknown(
                    leaf << BlockGeometry.LEAF_SHIFT,
                    (end - leaf) << BlockGeometry.LEAF_SHIFT,
                    String.valueOf(cause.getMessage()));
            leaf = end;
        }
        turn();
    }

    private static boolean isDamage(Throwable cause) {
        return cause instanceof DamagedObjectException
                || cause instanceof UnsupportedFormatException
                || (cause instanceof ObjectStoreException refused
                        && (refused.kind() == ObjectStoreException.Kind.NOT_FOUND
                                || refused.kind() == ObjectStoreException.Kind.INVALID));
    }

    private void take(long[] words) {
        for (int i = 0; i < words.length; i++) {
            if (Locator.isSegment(words[i])) {
                visitor.placed((leaf << BlockGeometry.LEAF_SHIFT) + i, words[i]);
            }
        }
        leaf++;
    }
}
