package io.sluice.storage.checkpoint;

import io.sluice.storage.object.RequestCause;
import io.sluice.storage.segment.SegmentHeader;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where every block stands as of the newest committed segment: the tree of the last checkpoint with the extents of the
 * segments committed since folded over it. Never contains journal addresses.
 *
 * <p>Checkpoint <em>n+1</em> = fold of checkpoint <em>n</em> over the headers of the segments in between; nothing else
 * goes into it, so it can be computed from the bucket alone, and recovery does exactly that.
 *
 * <p>Confined to the volume's lane, futures complete on it; nothing here blocks.
 */
public interface CommittedMap {
    /**
     * Folds in the next segment in order. Its number must be one above the last one folded in.
     *
     * <p>A block of a MOVED segment counts where, as of the segment before, it stands at exactly the old place that the
     * header tells, the mark of sharing included; elsewhere it changes nothing. Tombstones change nothing here.
     */
    void commit(SegmentHeader segment);

    /** The newest segment folded in. */
    long lastSegment();

    /** Bytes of memory the extents since the last checkpoint take: the caller checkpoints before this gets large. */
    long pendingBytes();

    /** Segments folded in since the last checkpoint. */
    long pendingSegments();

    /** The 64 locators of a leaf, ZERO or SEGMENT each, when no page must be fetched; else null. */
    long @Nullable [] leafNow(long leaf);

    /** The 64 locators of a leaf, ZERO or SEGMENT each; fetches pages when needed (single-flight). */
    CompletableFuture<long[]> leaf(long leaf);

    /** As {@link #leaf(long)}, with pages billed to {@code cause}. */
    CompletableFuture<long[]> leaf(long leaf, RequestCause cause);

    /**
     * All blocks of leaves {@code leaf} to the result less one read as zeros, as far as that is known without a request,
     * at most up to {@code end}; {@code leaf} itself when its first one does not, or it is not known.
     */
    long zerosUntil(long leaf, long end);

    /**
     * Writes a checkpoint of the state as of the segments folded in at this moment: changed pages and the root, as new
     * objects. Commits may go on meanwhile. It does not count until the caller has stored its root in a manifest and
     * called {@link #adopt}; one at a time.
     */
    CompletableFuture<CheckpointRoot> write();

    /** The root is in the manifest: what it covers is no longer pending. */
    void adopt(CheckpointRoot root);

    /** The checkpoint could not be stored: what was to be covered is pending again. */
    void abandon(CheckpointRoot root);

    /**
     * Segments that the adopted checkpoint does not reach and no segment since refers to: no block of the newest committed
     * state stands there. May be deleted when the one before did not reach them either and no record of the journal refers
     * to them. Ascending. Those of {@link #deadSegmentsWithZeros} are not among them.
     */
    List<Long> deadSegments();

    /**
     * Segments in which no block stands, as {@link #deadSegments}, but whose headers say what nobody else may say any more:
     * that blocks read as zeros, or stand in other segments (<em>references</em>, from copies). As long as older segments
     * exist, {@code volume rebuild} needs that: without it older versions of those blocks would come back. Ascending.
     *
     * <p>They become plainly dead when a MOVED segment that names them as <em>settled</em> ({@code
     * SegmentBuilder.addSettled}) is committed and in an adopted checkpoint; nothing has to be called. Who writes that
     * segment promises that it holds, of each settled segment's header,
     *
     * <ul>
     *   <li>its extents of zeros, as tombstones of its number, and its tombstones with the versions they have; left out may
     *       be what does not read as zeros as of the newest committed segment, and tombstones whose version plus {@code
     *       SegmentFormat.MOVE_WINDOW_SEGMENTS} is below {@link #lowestSegment};
     *   <li>of its shared extents with a source in another segment those blocks that still stand there, as shared extents
     *       whose old place is the place itself.
     * </ul>
     *
     * <p>"Still" is judged by this mapping alone: an overwrite that is only in the journal is in no segment yet. And each block
     * is looked up after every MOVED segment that names it was committed. What cannot be told on (because the look is too long
     * ago, say) leaves its segment unsettled. {@link SettledFacts} gathers what is to be told.
     *
     * <p>A live segment may be settled too, by the one that moves its last blocks, say.
     */
    List<Long> deadSegmentsWithZeros();

    /**
     * The lowest number of a segment, fences left out, that the adopted checkpoint knows of; {@link #lastSegment} plus one
     * when there is none. None below it exists in the bucket, or will. Reads up to one path of the segment table.
     */
    CompletableFuture<Long> lowestSegment();

    /**
     * Segments of the adopted checkpoint with a live share of at most {@code liveShareMax} (0 to 1), sparsest first, at
     * most {@code limit}, dead ones included; reads the segment table, a page per 512 segments. The checkpoint must not be
     * replaced by two newer ones meanwhile, whose clean-up could delete pages; the walk fails then.
     */
    CompletableFuture<List<SegmentUse>> sparseSegments(double liveShareMax, int limit);

    /**
     * Tells {@code visitor} the blocks that stand in one of {@code segments}, ascending. Needed for segments marked as
     * shared; of others, the header names all.
     *
     * <p>Promise: a block that stands there all the time from the beginning of the walk to its end is told, once. Of blocks
     * that come or go meanwhile, some are told; each one told stood there as of the segment that is told with it.
     *
     * <p>Walks the whole mapping as of the newest committed segment: one request per page (16 MiB of address space that is
     * written) that is not in memory, several at once; memory is bounded, whatever the size of the volume. Works on the lane, a page
     * per turn. Commits and checkpoints may go on meanwhile. Fails with the failure of a request.
     */
    CompletableFuture<Void> findBlocks(SortedSet<Long> segments, PlacementVisitor visitor);

    /** The root that was adopted last. */
    CheckpointRoot root();

    /** Subtrees whose unmapping the live counts do not know yet: more checkpoints will, a bounded part each. */
    int unfinishedDrops();

    /**
     * All checkpoint objects that the adopted checkpoint, its root read, knows of. Others with numbers below that of its root's
     * object were never part of one, and no later checkpoint, of whatever gateway, will have such a number.
     */
    List<Long> knownCheckpointObjects();

    /** The objects of checkpoints whose writing begins after this have numbers above {@code number}. */
    void passCheckpointObjects(long number);

    /** Checkpoint objects that the adopted checkpoint does not reach. */
    List<Long> deadCheckpointObjects();

    /** These were deleted, and are forgotten with the next checkpoint. */
    void forget(List<Long> segments, List<Long> checkpointObjects);

    /**
     * Live and total blocks over all segments. Exact as of the adopted checkpoint, apart from areas unmapped as a whole that
     * are not counted yet; what was committed since counts as if it replaced nothing, so that {@code liveBlocks} is an upper
     * bound, at most the volume's size.
     */
    Usage usage();

    /** The volume has got larger; called before any segment with a block behind the old end is folded in. */
    void grow(long sizeBytes);

    /** Space: blocks reachable now, blocks stored in segments, and the segments' bytes in the bucket. */
    record Usage(long liveBlocks, long storedBlocks, long storedBytes, long segments) {}
}
