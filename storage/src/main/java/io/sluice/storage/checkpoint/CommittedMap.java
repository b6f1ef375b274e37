package io.sluice.storage.checkpoint;

import io.sluice.storage.segment.SegmentHeader;
import java.util.List;
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
    /** Folds in the next segment in order. Its number must be one above the last one folded in. */
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
     * to them.
     */
    List<Long> deadSegments();

    /** Checkpoint objects that the adopted checkpoint does not reach. */
    List<Long> deadCheckpointObjects();

    /** These were deleted, and are forgotten with the next checkpoint. */
    void forget(List<Long> segments, List<Long> checkpointObjects);

    /** Live and total blocks over all segments. */
    Usage usage();

    /** The volume has got larger; called before any segment with a block behind the old end is folded in. */
    void grow(long sizeBytes);

    /** Space: blocks reachable now, blocks stored in segments, and the segments' bytes in the bucket. */
    record Usage(long liveBlocks, long storedBlocks, long storedBytes, long segments) {}
}
