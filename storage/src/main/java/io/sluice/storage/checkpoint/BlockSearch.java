package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS_SHIFT;

import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Lane;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Walks the committed mapping, a page per turn of the lane, and tells which blocks stand in some segments. It keeps only
 * the number of the next page: a checkpoint that is adopted meanwhile changes the tree below it, not its place.
 */
final class BlockSearch {
    private final PageSource pages;
    private final Lane lane;
    private final SortedSet<Long> segments;
    private final PlacementVisitor visitor;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private long next;

    /** Gives the mapping page by page. */
    interface PageSource {
        /**
         * The first page at or above {@code from} of which something may be mapped, with its words as of the newest committed
         * segment; fails when a request does. Completes on the lane.
         */
        CompletableFuture<FoundPage> pageFrom(long from);
    }

    /**
     * A leaf page of the map.
     *
     * @param page its number, {@code Long.MAX_VALUE} when there is no more
     * @param words its locators, not to be changed
     * @param asOf the newest segment folded in
     */
    record FoundPage(long page, long[] words, long asOf) {
        static final FoundPage END = new FoundPage(Long.MAX_VALUE, new long[0], 0);
    }

    BlockSearch(PageSource pages, Lane lane, SortedSet<Long> segments, PlacementVisitor visitor) {
        this.pages = pages;
        this.lane = lane;
        this.segments = segments;
        this.visitor = visitor;
    }

    CompletableFuture<Void> start() {
        lane.execute(this::turn);
        return result;
    }

    private void turn() {
        CompletableFuture<?> unused = pages.pageFrom(next).whenComplete(this::arrived);
    }

    private void arrived(@Nullable FoundPage found, @Nullable Throwable failure) {
        if (found == null) {
            result.completeExceptionally(Failures.unwrap(failure == null ? new IllegalStateException() : failure));
        } else if (found.page() == Long.MAX_VALUE) {
            result.complete(null);
        } else {
            try {
                tell(found);
            } catch (RuntimeException broken) {
                result.completeExceptionally(broken);
                return;
            }
            next = found.page() + 1;
            lane.execute(this::turn);
        }
    }

    private void tell(FoundPage found) {
        long first = found.page() << PAGE_BLOCKS_SHIFT;
        long known = -1;
        boolean wanted = false;
        for (int i = 0; i < found.words().length; i++) {
            long locator = found.words()[i];
            if (Locator.isSegment(locator)) {
                long segment = Locator.segmentNumber(locator);
                if (segment != known) {
                    known = segment;
                    wanted = segments.contains(segment);
                }
                if (wanted) {
                    visitor.place(first + i, locator, found.asOf());
                }
            }
        }
    }
}
