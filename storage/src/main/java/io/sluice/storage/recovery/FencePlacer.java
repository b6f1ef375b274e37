package io.sluice.storage.recovery;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.segment.SealedSegment;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import io.sluice.storage.segment.SegmentTakenException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Ends the series of the older epoch: puts the first segment of the new epoch right behind it, if absent.
 *
 * <p>When the older gateway was quicker and its next segment stands there, that one counts, and the fence goes behind it;
 * the older gateway loses at the first number it does not get.
 */
final class FencePlacer {
    private final CheckpointRoot checkpoint;
    private final SegmentCodec codec;
    private final SegmentStore segments;
    private final BucketReplay replay;
    private final Executor lane;

    /** Behind the segments that {@code replay} finds behind {@code checkpoint}. */
    FencePlacer(
            CheckpointRoot checkpoint, SegmentCodec codec, SegmentStore segments, BucketReplay replay, Executor lane) {
        this.checkpoint = checkpoint;
        this.codec = codec;
        this.segments = segments;
        this.replay = replay;
        this.lane = lane;
    }

    /**
     * Puts the fence of {@code epoch} behind what was {@code found}; the result holds all that counts, the fence last.
     *
     * @param floor the sequence number where the new epoch's journal begins, if that is behind what was found
     */
    CompletableFuture<BucketReplay.Found> place(BucketReplay.Found found, long floor, long epoch) {
        List<SegmentHeader> headers = found.headers();
        long number = checkpoint.coversSegment() + headers.size() + 1;
        long end = Math.max(floor, checkpoint.sequence());
        long historyEpoch = checkpoint.coversEpoch();
        if (!headers.isEmpty()) {
            SegmentHeader last = headers.get(headers.size() - 1);
            end = Math.max(floor, last.endSequence());
            historyEpoch = last.epoch();
        }
        SealedSegment fence = codec.builder(number, epoch, SegmentHeader.Kind.FENCE)
                .seal(end, end, found.end().timeMillis());
        return segments.putFence(fence, historyEpoch, RequestCause.RECOVERY)
                .thenApply(done -> with(found, fence))
                .exceptionallyComposeAsync(
                        failure -> Failures.unwrap(failure) instanceof SegmentTakenException
                                ? replay.find(checkpoint).thenComposeAsync(more -> place(more, floor, epoch), lane)
                                : CompletableFuture.failedFuture(Failures.unwrap(failure)),
                        lane);
    }

    private static BucketReplay.Found with(BucketReplay.Found found, SealedSegment fence) {
        List<SegmentHeader> all = new ArrayList<>(found.headers());
        all.add(fence.header());
        return new BucketReplay.Found(all, found.orphans(), found.end());
    }
}
