package io.sluice.storage.checkpoint;

import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_BLOCKS;
import static io.sluice.storage.checkpoint.TreeGeometry.PAGE_LEAVES_SHIFT;

import io.sluice.storage.checkpoint.CheckpointWriter.Plan;
import io.sluice.storage.checkpoint.CheckpointWriter.Written;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The committed mapping as a copy-on-write radix tree in checkpoint objects (FORMAT.md), with the segments since the
 * adopted checkpoint folded over it.
 *
 * <pre>
 *              write()                    adopt(root)
 *   gathering ─────────▶ writing, written ────────────▶ gathering
 *       ▲                     │ abandon(root), or write() failed
 *       └─────────────────────┘
 *
 *   lookup: active delta ─▶ frozen delta (while writing or written) ─▶ pages of the adopted checkpoint
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Segments are folded in one after another, each once: adopted tree, then frozen, then active hold consecutive
 *       ones.
 *   <li>The adopted state changes in {@link #adopt} alone; what {@link #write} does before can be thrown away.
 *   <li>A segment's live count in the table is never too low: blocks in subtrees that were unmapped as a whole count
 *       until their pages have been walked ({@link #unfinishedDrops}).
 *   <li>A checkpoint object is never overwritten and its number never used for two contents that both count.
 * </ol>
 *
 * <p>Live counts are exact as of the adopted checkpoint, unfinished drops excepted: blocks of MOVED segments that turned out
 * not to count are not in them. Of pending segments, all blocks that were written count as live.
 */
public final class TreeCommittedMap implements CommittedMap {
    private static final int DROP_PAGES_MAX = 1024;
    private static final int NUMBER_ATTEMPTS_MAX = 16;

    private final ObjectStore store;
    private final LongFunction<String> checkpointName;
    private final PageCodec codec;
    private final Lane lane;
    private final PageLoader loader;
    private final TreeSet<Long> forgottenSegments = new TreeSet<>();
    private final TreeSet<Long> forgottenObjects = new TreeSet<>();
    private final int dropPagesMax;
    private final long slackBytes;

    private long volumeBlocks;
    private CheckpointRoot root;
    /** Null until the root record was read. */
    private @Nullable RootRecord adopted;

    private @Nullable CompletableFuture<RootRecord> loading;
    /** Grows with each adopted checkpoint. */
    private long generation;

    private CommittedDelta active = new CommittedDelta();
    private @Nullable CommittedDelta frozen;
    private @Nullable Plan plan;
    private @Nullable Written written;
    private long lastSegment;
    private long nextObjectMin = 1;
    private long pagesWritten;

    /**
     * The mapping as of {@code root}; nothing is read before it is needed, or {@link #load} is called.
     *
     * @param checkpointName gives the key of a checkpoint object from its number
     * @param pageCachePages bound of decoded pages kept in memory, up to 32 KiB each
     */
    public TreeCommittedMap(
            UUID volume,
            long sizeBytes,
            CheckpointRoot root,
            ObjectStore store,
            LongFunction<String> checkpointName,
            Sealing sealing,
            Lane lane,
            int pageCachePages) {
        this(
                new PageCodec(volume, sealing),
                sizeBytes,
                root,
                store,
                checkpointName,
                lane,
                pageCachePages,
                DROP_PAGES_MAX,
                Evacuation.SLACK_BYTES);
    }

    /** With bounds of their own, for tests. */
    TreeCommittedMap(
            PageCodec codec,
            long sizeBytes,
            CheckpointRoot root,
            ObjectStore store,
            LongFunction<String> checkpointName,
            Lane lane,
            int pageCachePages,
            int dropPagesMax,
            long slackBytes) {
        this.codec = codec;
        this.store = store;
        this.checkpointName = checkpointName;
        this.lane = lane;
        this.loader = new PageLoader(store, checkpointName, codec, lane, pageCachePages);
        this.volumeBlocks = (sizeBytes + BlockGeometry.BLOCK_BYTES - 1) >>> BlockGeometry.BLOCK_SHIFT;
        this.dropPagesMax = dropPagesMax;
        this.slackBytes = slackBytes;
        this.root = root;
        this.lastSegment = root.coversSegment();
        this.adopted = root.object() == 0 ? RootRecord.EMPTY : null;
    }

    /**
     * Reads the root record (one request); completes at once when it is in memory. Until then, {@link #usage} and the
     * lists of what is dead know only of segments folded in since.
     */
    public CompletableFuture<@Nullable Void> load() {
        return record().thenApply(unused -> null);
    }

    @Override
    public void grow(long sizeBytes) {
        long blocks = (sizeBytes + BlockGeometry.BLOCK_BYTES - 1) >>> BlockGeometry.BLOCK_SHIFT;
        Invariant.check(blocks >= volumeBlocks, "a volume does not shrink", blocks, volumeBlocks);
        volumeBlocks = blocks;
    }

    @Override
    public CheckpointRoot root() {
        return root;
    }

    @Override
    public void commit(SegmentHeader segment) {
        Invariant.check(
                segment.number() == lastSegment + 1, "segments are folded in in order", segment.number(), lastSegment);
        active.add(segment);
        lastSegment = segment.number();
    }

    @Override
    public long lastSegment() {
        return lastSegment;
    }

    @Override
    public long pendingBytes() {
        return active.memoryBytes() + (frozen == null ? 0 : frozen.memoryBytes());
    }

    @Override
    public long pendingSegments() {
        long segments = active.segments().size();
        return frozen == null ? segments : segments + frozen.segments().size();
    }

    @Override
    public long @Nullable [] leafNow(long leaf) {
        long[] changed = new long[BlockGeometry.LEAF_BLOCKS];
        layDeltasOver(changed, leaf);
        if (isKnown(changed)) {
            return changed;
        }
        if (adopted == null) {
            return null;
        }
        PageWalk walk = new PageWalk(adopted.map(), leaf >>> PAGE_LEAVES_SHIFT);
        return walk.advance(loader) ? compose(walk.words(), leaf) : null;
    }

    @Override
    public long zerosUntil(long leaf, long end) {
        long at = leaf;
        while (adopted != null && at < end) {
            long page = at >>> PAGE_LEAVES_SHIFT;
            PageWalk walk = new PageWalk(adopted.map(), page);
            long changed = active.nextPage(page);
            long until = active.zeros().coveredUntil(at << BlockGeometry.LEAF_SHIFT) >>> BlockGeometry.LEAF_SHIFT;
            if (until <= at && walk.advance(loader) && walk.words() == null) {
                changed = Math.min(changed, frozen == null ? changed : frozen.nextPage(page));
                until = walk.absentUntil() << PAGE_LEAVES_SHIFT;
            }
            if (until <= at || changed == page) {
                return at;
            }
            until = Math.min(until, end);
            at = changed > until >>> PAGE_LEAVES_SHIFT ? until : changed << PAGE_LEAVES_SHIFT;
        }
        return at;
    }

    @Override
    public CompletableFuture<long[]> leaf(long leaf) {
        return leaf(leaf, RequestCause.HOST);
    }

    @Override
    public CompletableFuture<long[]> leaf(long leaf, RequestCause cause) {
        long[] now = leafNow(leaf);
        if (now != null) {
            return CompletableFuture.completedFuture(now);
        }
        CompletableFuture<long[]> result = new CompletableFuture<>();
        lookup(leaf, cause, result);
        return result;
    }

    @Override
    public CompletableFuture<CheckpointRoot> write() {
        Invariant.check(frozen == null, "one checkpoint at a time");
        CommittedDelta delta = active;
        frozen = delta;
        active = new CommittedDelta();
        CompletableFuture<CheckpointRoot> result = new CompletableFuture<>();
        CompletableFuture<?> unused = record().whenComplete((record, failure) -> {
            if (failure != null) {
                fail(result, failure);
            } else {
                plan = new Plan(
                        record,
                        delta,
                        root.coversEpoch(),
                        volumeBlocks,
                        List.copyOf(forgottenSegments),
                        List.copyOf(forgottenObjects),
                        dropPagesMax,
                        slackBytes);
                attempt(plan, result, 0);
            }
        });
        return result;
    }

    /** Writes a checkpoint of the adopted state with {@code delta} over it, not made of commits. */
    CompletableFuture<CheckpointRoot> write(CommittedDelta delta) {
        Invariant.check(pendingSegments() == 0, "segments are pending", pendingSegments(), lastSegment);
        active = delta;
        for (CommittedDelta.AddedSegment segment : delta.segments()) {
            lastSegment = Math.max(lastSegment, segment.number());
        }
        return write();
    }

    @Override
    public void adopt(CheckpointRoot newRoot) {
        Written done = written(newRoot);
        if (plan != null) {
            plan.deletedSegments().forEach(forgottenSegments::remove);
            plan.deletedObjects().forEach(forgottenObjects::remove);
        }
        root = newRoot;
        adopted = done.record();
        frozen = null;
        written = null;
        plan = null;
        generation++;
    }

    @Override
    public void abandon(CheckpointRoot newRoot) {
        Invariant.check(written(newRoot).root().equals(newRoot), "another checkpoint was written");
        written = null;
        thaw();
    }

    @Override
    public List<Long> deadSegments() {
        return new ArrayList<>(deadSegmentsSince().keySet());
    }

    /** Dead segments that were not forgotten, each with the number of the checkpoint in which it died. */
    public SortedMap<Long, Long> deadSegmentsSince() {
        return stillDead(known().deadSegments());
    }

    @Override
    public List<Long> deadSegmentsWithZeros() {
        SortedMap<Long, Long> dead = stillDead(known().deadWithZeros());
        dead.keySet().removeAll(active.settled());
        if (frozen != null) {
            dead.keySet().removeAll(frozen.settled());
        }
        return new ArrayList<>(dead.keySet());
    }

    private SortedMap<Long, Long> stillDead(SortedMap<Long, Long> before) {
        SortedMap<Long, Long> dead = new TreeMap<>(before);
        dead.keySet().removeAll(forgottenSegments);
        dead.keySet().removeAll(active.sources());
        if (frozen != null) {
            dead.keySet().removeAll(frozen.sources());
        }
        return dead;
    }

    @Override
    public List<Long> deadCheckpointObjects() {
        return new ArrayList<>(deadCheckpointObjectsSince().keySet());
    }

    /** Dead checkpoint objects that were not forgotten, each with the number of the first checkpoint without it. */
    public SortedMap<Long, Long> deadCheckpointObjectsSince() {
        SortedMap<Long, Long> dead = new TreeMap<>();
        known().objects().forEach((object, use) -> {
            if (use.deadSince() > 0 && !forgottenObjects.contains(object)) {
                dead.put(object, use.deadSince());
            }
        });
        return dead;
    }

    @Override
    public List<Long> knownCheckpointObjects() {
        return new ArrayList<>(known().objects().keySet());
    }

    @Override
    public void passCheckpointObjects(long number) {
        nextObjectMin = Math.max(nextObjectMin, number + 1);
    }

    @Override
    public void forget(List<Long> segments, List<Long> checkpointObjects) {
        forgottenSegments.addAll(segments);
        forgottenObjects.addAll(checkpointObjects);
    }

    @Override
    public CompletableFuture<List<SegmentUse>> sparseSegments(double liveShareMax, int limit) {
        return record().thenCompose(
                        record -> new SegmentScan(record.segments(), loader, lane, liveShareMax, limit).start());
    }

    @Override
    public CompletableFuture<Void> findBlocks(SortedSet<Long> segments, PlacementVisitor visitor) {
        return new BlockSearch(new View(), loader, lane, segments, visitor).start();
    }

    /** What a search needs to see. */
    private final class View implements BlockSearch.MapView {
        @Override
        public CompletableFuture<RootRecord> record() {
            return TreeCommittedMap.this.record();
        }

        @Override
        public long generation() {
            return generation;
        }

        @Override
        public long nextChanged(long page) {
            return Math.min(active.nextPage(page), frozen == null ? Long.MAX_VALUE : frozen.nextPage(page));
        }

        @Override
        public long[] compose(long @Nullable [] words, long page) {
            return wholePage(words, page);
        }

        @Override
        public long lastSegment() {
            return lastSegment;
        }

        @Override
        public long endPage() {
            return (volumeBlocks + PAGE_BLOCKS - 1) / PAGE_BLOCKS;
        }
    }

    private long[] wholePage(long @Nullable [] page, long index) {
        long[] words = new long[PAGE_BLOCKS];
        if (page == null) {
            Arrays.fill(words, Locator.ZERO);
        } else {
            System.arraycopy(page, 0, words, 0, words.length);
        }
        long first = index << TreeGeometry.PAGE_BLOCKS_SHIFT;
        if (frozen != null) {
            frozen.apply(words, first);
        }
        active.apply(words, first);
        return words;
    }

    @Override
    public CompletableFuture<Long> lowestSegment() {
        return record().thenCompose(
                        record -> new LowestSegment(record.segments(), loader, lane, lastSegment + 1).start());
    }

    @Override
    public int unfinishedDrops() {
        return known().drops().size();
    }

    @Override
    public Usage usage() {
        Usage usage = known().usage();
        Usage withFrozen = frozen == null ? usage : plus(usage, frozen);
        Usage whole = plus(withFrozen, active);
        // Overwritten blocks of pending segments count each time: never more than there can be.
        return new Usage(
                Math.min(whole.liveBlocks(), volumeBlocks),
                whole.storedBlocks(),
                whole.storedBytes(),
                whole.segments());
    }

    /** Requests for pages so far. */
    long pageFetches() {
        return loader.fetches();
    }

    /** Pages of all checkpoints written here. */
    long pagesWritten() {
        return pagesWritten;
    }

    /** The adopted state. */
    RootRecord loaded() {
        if (adopted == null) {
            throw new IllegalStateException("the checkpoint's root was not loaded");
        }
        return adopted;
    }

    /** The adopted state, or nothing while it was not loaded. */
    private RootRecord known() {
        return adopted == null ? RootRecord.EMPTY : adopted;
    }

    private static Usage plus(Usage usage, CommittedDelta delta) {
        long blocks = 0;
        long live = 0;
        long bytes = 0;
        for (CommittedDelta.AddedSegment segment : delta.segments()) {
            blocks += segment.blocks();
            live += segment.liveBlocks();
            bytes += segment.storedBytes();
        }
        return new Usage(
                usage.liveBlocks() + live,
                usage.storedBlocks() + blocks,
                usage.storedBytes() + bytes,
                usage.segments() + delta.segments().size());
    }

    private CompletableFuture<RootRecord> record() {
        if (adopted != null) {
            return CompletableFuture.completedFuture(adopted);
        }
        CompletableFuture<RootRecord> running = loading;
        if (running != null) {
            return running;
        }
        CompletableFuture<RootRecord> load = loader.loadRoot(root).whenComplete((record, failure) -> {
            loading = null;
            adopted = record;
        });
        loading = load.isDone() ? null : load;
        return load;
    }

    private void lookup(long leaf, RequestCause cause, CompletableFuture<long[]> result) {
        CompletableFuture<?> unused = record().whenComplete((record, failure) -> {
            if (failure != null) {
                result.completeExceptionally(Failures.unwrap(failure));
            } else {
                PageWalk walk = new PageWalk(loaded().map(), leaf >>> PAGE_LEAVES_SHIFT);
                walkOn(walk, generation, leaf, cause, result);
            }
        });
    }

    private void walkOn(
            PageWalk walk, long startedIn, long leaf, RequestCause cause, CompletableFuture<long[]> result) {
        if (startedIn != generation) {
            lookup(leaf, cause, result);
        } else if (walk.advance(loader)) {
            result.complete(compose(walk.words(), leaf));
        } else {
            CompletableFuture<?> unused = walk.fetch(loader, cause).whenComplete((page, failure) -> {
                if (failure != null && startedIn == generation) {
                    result.completeExceptionally(Failures.unwrap(failure));
                } else {
                    // A page of an older generation may be gone; then the walk begins anew.
                    if (failure == null) {
                        walk.accept(page);
                    }
                    walkOn(walk, startedIn, leaf, cause, result);
                }
            });
        }
    }

    private long[] compose(long @Nullable [] page, long leaf) {
        long[] words = new long[BlockGeometry.LEAF_BLOCKS];
        if (page == null) {
            Arrays.fill(words, Locator.ZERO);
        } else {
            int from = (int) ((leaf << BlockGeometry.LEAF_SHIFT) & (PAGE_BLOCKS - 1));
            System.arraycopy(page, from, words, 0, words.length);
        }
        layDeltasOver(words, leaf);
        return words;
    }

    private void layDeltasOver(long[] words, long leaf) {
        if (frozen != null) {
            frozen.applyLeaf(words, leaf);
        }
        active.applyLeaf(words, leaf);
    }

    private static boolean isKnown(long[] words) {
        for (long word : words) {
            if (word == Locator.UNKNOWN) {
                return false;
            }
        }
        return true;
    }

    private void attempt(Plan toWrite, CompletableFuture<CheckpointRoot> result, int attempt) {
        CheckpointOutput output = new CheckpointOutput(
                store,
                checkpointName,
                codec,
                toWrite.before().objects(),
                Math.max(toWrite.before().nextObject(), nextObjectMin));
        CompletableFuture<?> unused = new CheckpointWriter(toWrite, lane, loader, output)
                .start()
                .whenComplete((done, failure) -> {
                    nextObjectMin = Math.max(nextObjectMin, output.nextObject());
                    pagesWritten += output.pagesWritten();
                    if (failure == null) {
                        written = done;
                        result.complete(done.root());
                    } else if (failure instanceof CheckpointOutput.NumberTakenException taken
                            && attempt < NUMBER_ATTEMPTS_MAX) {
                        nextObjectMin = Math.max(nextObjectMin, taken.number() + (1L << attempt));
                        attempt(toWrite, result, attempt + 1);
                    } else {
                        fail(result, failure);
                    }
                });
    }

    private void fail(CompletableFuture<CheckpointRoot> result, Throwable failure) {
        thaw();
        result.completeExceptionally(Failures.unwrap(failure));
    }

    /** What was frozen is pending again. */
    private void thaw() {
        CommittedDelta merged = frozen;
        if (merged != null) {
            merged.addAll(active);
            active = merged;
        }
        frozen = null;
        plan = null;
    }

    private Written written(CheckpointRoot newRoot) {
        if (written == null || !written.root().equals(newRoot)) {
            throw new IllegalStateException("checkpoint " + newRoot.number() + " was not written here");
        }
        return written;
    }
}
