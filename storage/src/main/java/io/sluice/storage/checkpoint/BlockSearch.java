package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.FAN_OUT;
import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS_SHIFT;

import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Walks the committed mapping, a page per turn of the lane, and tells which blocks stand in some segments. Of its place it
 * keeps only the number of the next leaf page: a checkpoint that is adopted meanwhile changes the tree below it, and the
 * walk goes on in the new one.
 *
 * <pre>
 *   turn ─▶ next leaf page that is present ─▶ fetch, with those behind it ─▶ lay the deltas over, tell ─▶ turn
 * </pre>
 *
 * Leaf pages go by and are not kept: the walk must not drive out the pages that hosts need.
 */
final class BlockSearch {
    private static final int FETCH_AHEAD = 8;
    private static final int SKIPS_PER_TURN = 1024;

    private final MapView map;
    private final PageLoader loader;
    private final Lane lane;
    private final SortedSet<Long> segments;
    private final PlacementVisitor visitor;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    /** Leaf pages of the present generation, by number, that were asked for before their turn. */
    private final TreeMap<Long, CompletableFuture<long[]>> ahead = new TreeMap<>();

    private long next;
    private long generation;

    /** The mapping as of the newest committed segment. */
    interface MapView {
        /** Reads the adopted root when it is not in memory. */
        CompletableFuture<RootRecord> record();

        /** Grows when another checkpoint is adopted. */
        long generation();

        /** The first leaf page from {@code page} on of which a block was written or moved since the checkpoint. */
        long nextChanged(long page);

        /** {@code words} of leaf page {@code page}, null when it is absent, with what was committed since laid over. */
        long[] compose(long @Nullable [] words, long page);

        long lastSegment();

        /** The leaf page behind the volume's last one. */
        long endPage();
    }

    BlockSearch(MapView map, PageLoader loader, Lane lane, SortedSet<Long> segments, PlacementVisitor visitor) {
        this.map = map;
        this.loader = loader;
        this.lane = lane;
        this.segments = segments;
        this.visitor = visitor;
    }

    CompletableFuture<Void> start() {
        lane.execute(this::turn);
        return result;
    }

    private void turn() {
        CompletableFuture<?> unused = map.record().whenComplete((record, failure) -> {
            if (failure != null) {
                result.completeExceptionally(Failures.unwrap(failure));
                return;
            }
            if (generation != map.generation()) {
                generation = map.generation();
                ahead.clear();
            }
            search(record.map(), new PageWalk(record.map(), next));
        });
    }

    /** Goes on to the next leaf page of which something is known; {@code begun} is on the way to {@link #next}. */
    private void search(PageTree tree, PageWalk begun) {
        PageWalk walk = begun;
        for (int skipped = 0; skipped < SKIPS_PER_TURN; skipped++) {
            if (next >= map.endPage()) {
                result.complete(null);
                return;
            }
            if (!walk.advance(loader)) {
                fetch(tree, walk);
                return;
            }
            long changed = map.nextChanged(next);
            if (walk.words() != null || changed == next) {
                tell(walk.words());
                return;
            }
            next = Math.min(changed, walk.absentUntil());
            walk = new PageWalk(tree, next);
        }
        lane.execute(this::turn);
    }

    private void fetch(PageTree tree, PageWalk walk) {
        CompletableFuture<long[]> page = walk.level() == 0 ? fetchLeaf(walk) : walk.fetch(loader, RequestCause.GC);
        long startedIn = generation;
        CompletableFuture<?> unused = page.whenComplete((words, failure) -> {
            if (startedIn != map.generation()) {
                lane.execute(this::turn); // a page of an older generation may be gone: the walk goes on in the new one
            } else if (failure != null) {
                result.completeExceptionally(Failures.unwrap(failure));
            } else {
                walk.accept(words);
                search(tree, walk);
            }
        });
    }

    private CompletableFuture<long[]> fetchLeaf(PageWalk walk) {
        ahead.headMap(next).clear();
        CompletableFuture<long[]> page = ahead.remove(next);
        if (page == null) {
            page = walk.fetchOnce(loader, RequestCause.GC);
        }
        long[] parent = walk.parent();
        long firstChild = next & -FAN_OUT;
        for (int child = (int) (next - firstChild) + 1; child < FAN_OUT && ahead.size() < FETCH_AHEAD; child++) {
            PagePointer pointer = InnerPage.child(parent, child);
            long number = firstChild + child;
            if (!pointer.isAbsent() && !ahead.containsKey(number)) {
                PageId id = new PageId(PageKind.MAP_LEAF, 0, number);
                ahead.put(number, loader.loadOnce(pointer, id, RequestCause.GC));
            }
        }
        return page;
    }

    private void tell(long @Nullable [] words) {
        try {
            tellBlocks(map.compose(words, next), next << PAGE_BLOCKS_SHIFT, map.lastSegment());
        } catch (RuntimeException broken) {
            result.completeExceptionally(broken);
            return;
        }
        next++;
        lane.execute(this::turn);
    }

    private void tellBlocks(long[] words, long first, long asOf) {
        long known = -1;
        boolean wanted = false;
        for (int i = 0; i < words.length; i++) {
            if (Locator.isSegment(words[i])) {
                long segment = Locator.segmentNumber(words[i]);
                if (segment != known) {
                    known = segment;
                    wanted = segments.contains(segment);
                }
                if (wanted) {
                    visitor.place(first + i, words[i], asOf);
                }
            }
        }
    }
}
