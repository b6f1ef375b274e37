package io.sluice.storage.inspection;

import io.sluice.storage.checkpoint.TreeCommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.runtime.Futures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads the mapping of a view in order of blocks, a section at a time; sections that read as zeros altogether are stepped
 * over, also where they are most of a large volume. The pages of a section are asked for side by side.
 *
 * <p>A page that is damaged or missing makes its blocks UNKNOWN and is told; any other failure (an outage) fails the read.
 *
 * <p>Confined to the view's lane.
 */
public final class MappingReader {
    /** Pages of the mapping that a section may need at once, with those above them. */
    public static final int PAGES_MIN = 64;
    /** A multiple of the blocks that one page of the mapping covers. */
    public static final int SECTION_BLOCKS = 16 * 4096;

    private static final int PAGE_LEAVES = 4096 / BlockGeometry.LEAF_BLOCKS;

    private final TreeCommittedMap map;
    private final BucketVolume view;

    /** Of a view that keeps at least {@link #PAGES_MIN} pages. */
    public MappingReader(BucketVolume view) {
        this.view = view;
        this.map = view.map();
    }

    /**
     * The section from block {@code from} (a multiple of 64) on, or from behind the zeros that begin there: up to {@code
     * blocks} blocks (a multiple of 64), never beyond the end of the volume; without locators when nothing but zeros is
     * left, with its first block at the end then.
     */
    public CompletableFuture<MappedSection> read(long from, int blocks) {
        long endLeaf = (view.blocks() + BlockGeometry.LEAF_BLOCKS - 1) >>> BlockGeometry.LEAF_SHIFT;
        long first = Math.max(BlockGeometry.leafOf(from), map.zerosUntil(BlockGeometry.leafOf(from), endLeaf));
        if (first >= endLeaf) {
            return CompletableFuture.completedFuture(new MappedSection(view.blocks(), new long[0], List.of()));
        }
        long end = Math.min(endLeaf, first + blocks / BlockGeometry.LEAF_BLOCKS);
        return new Walk(first, end).start();
    }

    /** Whether a failure says that an object is damaged or missing, and not that the store cannot be asked. */
    static boolean isDamage(Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        if (cause instanceof ObjectStoreException store) {
            return store.kind() == ObjectStoreException.Kind.NOT_FOUND
                    || store.kind() == ObjectStoreException.Kind.INVALID;
        }
        return cause instanceof DamagedObjectException || cause instanceof UnsupportedFormatException;
    }

    /** What an operator is told of a damage. */
    static String reason(Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        if (cause instanceof ObjectStoreException store && store.kind() == ObjectStoreException.Kind.NOT_FOUND) {
            return "is missing";
        }
        return String.valueOf(cause.getMessage());
    }

    /** One read. */
    private final class Walk {
        private final long firstLeaf;
        private final long endLeaf;
        private final long[] locators;
        private final List<BlockDamage> unreadable = new ArrayList<>();
        private final CompletableFuture<MappedSection> result = new CompletableFuture<>();
        private long leaf;

        Walk(long firstLeaf, long endLeaf) {
            this.firstLeaf = firstLeaf;
            this.endLeaf = endLeaf;
            this.leaf = firstLeaf;
            long firstBlock = firstLeaf << BlockGeometry.LEAF_SHIFT;
            long endBlock = Math.min(view.blocks(), endLeaf << BlockGeometry.LEAF_SHIFT);
            this.locators = new long[Math.toIntExact(endBlock - firstBlock)];
        }

        CompletableFuture<MappedSection> start() {
            List<CompletableFuture<?>> pages = new ArrayList<>();
            for (long at = firstLeaf; at < endLeaf; at = (at | (PAGE_LEAVES - 1)) + 1) {
                pages.add(map.leaf(at));
            }
            // Failures are met again, leaf by leaf.
            Futures.then(
                    CompletableFuture.allOf(pages.toArray(CompletableFuture[]::new)),
                    view.lane(),
                    (done, failure) -> goOn());
            return result;
        }

        private void goOn() {
            while (leaf < endLeaf) {
                long[] now = map.leafNow(leaf);
                if (now == null) {
                    Futures.then(map.leaf(leaf), view.lane(), this::arrived);
                    return;
                }
                take(now);
            }
            result.complete(new MappedSection(firstLeaf << BlockGeometry.LEAF_SHIFT, locators, unreadable));
        }

        private void arrived(long @Nullable [] words, @Nullable Throwable failure) {
            if (words != null) {
                take(words);
            } else if (failure != null && isDamage(failure)) {
                leavePageOut(failure);
            } else {
                result.completeExceptionally(failure == null ? new IllegalStateException("no leaf") : failure);
                return;
            }
            goOn();
        }

        private void take(long[] words) {
            int at = Math.toIntExact((leaf - firstLeaf) << BlockGeometry.LEAF_SHIFT);
            System.arraycopy(words, 0, locators, at, Math.min(words.length, locators.length - at));
            leaf++;
        }

        /** Blocks that were written since the checkpoint could still be known; the leaf is told as a whole. */
        private void leavePageOut(Throwable failure) {
            int at = Math.toIntExact((leaf - firstLeaf) << BlockGeometry.LEAF_SHIFT);
            int end = Math.min(at + BlockGeometry.LEAF_BLOCKS, locators.length);
            Arrays.fill(locators, at, end, Locator.UNKNOWN);
            add(new BlockDamage(
                    leaf << BlockGeometry.LEAF_SHIFT,
                    end - (long) at,
                    "the mapping of volume " + view.names().volumeName(),
                    reason(failure),
                    Failures.unwrap(failure)));
            leaf++;
        }

        private void add(BlockDamage damage) {
            int last = unreadable.size() - 1;
            if (last >= 0 && unreadable.get(last).isContinuedBy(damage)) {
                unreadable.set(last, unreadable.get(last).with(damage));
            } else {
                unreadable.add(damage);
            }
        }
    }
}
