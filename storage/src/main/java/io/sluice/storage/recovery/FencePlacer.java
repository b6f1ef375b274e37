package io.sluice.storage.recovery;

import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.segment.FencedException;
import io.sluice.storage.segment.SealedSegment;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Ends the series of the older epoch: puts the first segment of the new epoch right behind it, if absent.
 *
 * <p>When the older gateway was quicker and its next segment stands there, that one counts, and the fence goes behind it;
 * the older gateway loses at the first number it does not get. An orphan of a still older epoch, which does not count, is
 * replaced.
 */
final class FencePlacer {
    private final ObjectStore store;
    private final ObjectNames names;
    private final SegmentCodec codec;
    private final SegmentStore segments;
    private final BucketReplay replay;
    private final Executor lane;

    FencePlacer(
            ObjectStore store,
            ObjectNames names,
            SegmentCodec codec,
            SegmentStore segments,
            BucketReplay replay,
            Executor lane) {
        this.store = store;
        this.names = names;
        this.codec = codec;
        this.segments = segments;
        this.replay = replay;
        this.lane = lane;
    }

    /**
     * Puts the fence of {@code epoch} behind what {@code found}, which begins behind segment {@code covered}; the result
     * holds all that counts, the fence last.
     *
     * @param floor the sequence number where the new epoch's journal begins, if that is behind what was found
     */
    CompletableFuture<BucketReplay.Found> place(long covered, long floor, BucketReplay.Found found, long epoch) {
        List<SegmentHeader> headers = found.headers();
        SegmentHeader last = headers.isEmpty() ? null : headers.get(headers.size() - 1);
        Invariant.check(
                last == null || last.epoch() < epoch, "a segment of this epoch before its fence", epoch, covered);
        long number = covered + headers.size() + 1;
        long end = last == null ? floor : Math.max(floor, last.endSequence());
        long time = last == null ? 0 : last.wallTimeMillis();
        SealedSegment fence =
                codec.builder(number, epoch, SegmentHeader.Kind.FENCE).seal(end, end, time);
        return store.put(names.segment(number), fence.bytes(), PutCondition.IF_ABSENT, RequestCause.RECOVERY)
                .handleAsync(
                        (tag, failure) -> {
                            if (failure == null) {
                                return CompletableFuture.completedFuture(with(found, fence));
                            }
                            return isTaken(failure)
                                    ? taken(covered, floor, found, fence)
                                    : CompletableFuture.<BucketReplay.Found>failedFuture(Failures.unwrap(failure));
                        },
                        lane)
                .thenCompose(next -> next);
    }

    private static boolean isTaken(Throwable failure) {
        return Failures.unwrap(failure) instanceof ObjectStoreException refused
                && refused.kind() == ObjectStoreException.Kind.PRECONDITION_FAILED;
    }

    private static BucketReplay.Found with(BucketReplay.Found found, SealedSegment fence) {
        List<SegmentHeader> all = new ArrayList<>(found.headers());
        all.add(fence.header());
        return new BucketReplay.Found(all, found.orphans());
    }

    private CompletableFuture<BucketReplay.Found> taken(
            long covered, long floor, BucketReplay.Found found, SealedSegment fence) {
        long number = fence.header().number();
        return store.head(names.segment(number), RequestCause.RECOVERY)
                .thenCompose(head -> segments.readHeader(number, head.sizeBytes(), RequestCause.RECOVERY))
                .thenComposeAsync(there -> decide(covered, floor, found, fence, there), lane);
    }

    private CompletableFuture<BucketReplay.Found> decide(
            long covered, long floor, BucketReplay.Found found, SealedSegment fence, SegmentHeader there) {
        SegmentHeader ours = fence.header();
        if (there.epoch() == ours.epoch() && there.attemptTag() == ours.attemptTag()) {
            return CompletableFuture.completedFuture(with(found, fence));
        }
        if (there.epoch() >= ours.epoch()) {
            return CompletableFuture.failedFuture(
                    new FencedException(names.segment(ours.number()), there.epoch(), ours.epoch()));
        }
        List<SegmentHeader> headers = found.headers();
        boolean orphan = !headers.isEmpty()
                && there.epoch() < headers.get(headers.size() - 1).epoch();
        if (orphan) {
            return segments.put(fence, RequestCause.RECOVERY).thenApply(done -> with(found, fence));
        }
        return replay.find(covered).thenComposeAsync(more -> place(covered, floor, more, ours.epoch()), lane);
    }
}
