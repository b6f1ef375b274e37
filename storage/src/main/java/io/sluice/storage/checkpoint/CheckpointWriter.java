package io.sluice.storage.checkpoint;

import io.sluice.storage.checkpoint.CommittedDelta.AddedSegment;
import io.sluice.storage.checkpoint.RootRecord.Drop;
import io.sluice.storage.format.Failures;
import io.sluice.storage.runtime.Lane;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Writes one checkpoint, a step per turn of the lane:
 *
 * <pre>
 *   map ─▶ drops ─▶ segment table ─▶ root ─▶ last put ─▶ done
 *    └────────┴───────────┴─▶ put whenever the object is full
 * </pre>
 *
 * Confined to the lane. The state before is not changed; a writer that failed is thrown away.
 */
final class CheckpointWriter {
    private static final int STEPS_PER_TURN = 16;

    private final Plan plan;
    private final Lane lane;
    private final PageLoader loader;
    private final CheckpointOutput output;
    private final LiveCounts counts = new LiveCounts();
    private final Evacuation evacuation;
    private final CompletableFuture<Written> result = new CompletableFuture<>();
    private final MapEdits mapEdits;
    private final TreeRewriter mapStage;
    private @Nullable DropWalker dropStage;
    private @Nullable SegmentEdits segmentEdits;
    private @Nullable TreeRewriter segmentStage;
    /** Set once the root is in the last object. */
    private @Nullable Written written;

    /**
     * What to write.
     *
     * @param before the state of the adopted checkpoint
     * @param delta what changed since
     * @param volumeBlocks size of the volume
     * @param deletedSegments and {@code deletedObjects}: to be forgotten
     * @param dropPagesMax how many pages of dropped subtrees may be walked
     * @param slackBytes see {@link Evacuation#SLACK_BYTES}
     */
    record Plan(
            RootRecord before,
            CommittedDelta delta,
            long coversEpoch,
            long volumeBlocks,
            Collection<Long> deletedSegments,
            Collection<Long> deletedObjects,
            int dropPagesMax,
            long slackBytes) {}

    /** What was written: where its root is and what stands in it. */
    record Written(CheckpointRoot root, RootRecord record, long pagesWritten) {}

    CheckpointWriter(Plan plan, Lane lane, PageLoader loader, CheckpointOutput output) {
        this.plan = plan;
        this.lane = lane;
        this.loader = loader;
        this.output = output;
        this.evacuation = Evacuation.plan(plan.before().objects(), plan.delta().pageCount(), plan.slackBytes());
        output.forget(plan.deletedObjects());
        this.mapEdits = new MapEdits(plan.delta(), counts, plan.volumeBlocks());
        this.mapStage = new TreeRewriter(plan.before().map(), loader, output, mapEdits, evacuation);
    }

    /** Writes on until it must wait; completes on the lane. */
    CompletableFuture<Written> start() {
        lane.execute(this::turn);
        return result;
    }

    private void turn() {
        try {
            CompletableFuture<?> obstacle = work();
            if (result.isDone()) {
                return;
            }
            if (obstacle == null) {
                lane.execute(this::turn);
            } else {
                CompletableFuture<?> unused =
                        obstacle.whenComplete((any, failure) -> lane.execute(() -> resume(failure)));
            }
        } catch (RuntimeException failure) {
            result.completeExceptionally(Failures.unwrap(failure));
        }
    }

    private void resume(@Nullable Throwable failure) {
        if (failure == null) {
            turn();
        } else {
            result.completeExceptionally(Failures.unwrap(failure));
        }
    }

    /** Works for one turn: null when it was used up, else what must complete first. */
    private @Nullable CompletableFuture<?> work() {
        long pages = output.pagesWritten();
        for (int i = 0; i < STEPS_PER_TURN && output.pagesWritten() == pages; i++) {
            WriteStage stage = stage();
            if (stage == null) {
                return finish();
            }
            CompletableFuture<?> obstacle = stage.step();
            if (obstacle != null) {
                return obstacle;
            }
        }
        return output.putIfFull();
    }

    /** The stage at work; null when all are done. */
    private @Nullable WriteStage stage() {
        if (!mapStage.isDone()) {
            return mapStage;
        }
        if (dropStage == null) {
            List<Drop> drops = new ArrayList<>(plan.before().drops());
            drops.addAll(mapEdits.drops());
            dropStage = new DropWalker(loader, output, counts, drops, plan.dropPagesMax());
        }
        if (!dropStage.isDone()) {
            return dropStage;
        }
        if (segmentStage == null) {
            segmentEdits = new SegmentEdits(
                    plan.before().number() + 1, plan.before(), plan.delta(), counts.changes(), plan.deletedSegments());
            segmentStage = new TreeRewriter(plan.before().segments(), loader, output, segmentEdits, evacuation);
        }
        return segmentStage.isDone() ? null : segmentStage;
    }

    /** First time: writes the root, and the last put must complete; second time: all is durable. */
    private @Nullable CompletableFuture<?> finish() {
        if (written == null) {
            written = writeRoot();
            return output.putCurrent();
        }
        result.complete(written);
        return null;
    }

    private Written writeRoot() {
        RootRecord before = plan.before();
        long number = before.number() + 1;
        long coversSegment = before.coversSegment();
        long coversEpoch = plan.coversEpoch();
        long sequence = before.sequence();
        for (AddedSegment segment : plan.delta().segments()) {
            if (segment.number() > coversSegment) {
                coversSegment = segment.number();
                coversEpoch = segment.epoch();
            }
            sequence = Math.max(sequence, segment.endSequence());
        }
        CheckpointObject object = output.object();
        RootRecord record = new RootRecord(
                number,
                coversSegment,
                sequence,
                output.nextObject(),
                mapStage.result(),
                done(segmentStage).result(),
                done(segmentEdits).usage(),
                output.tableFor(number),
                done(segmentEdits).deadSegments(),
                done(segmentEdits).deadWithZeros(),
                done(dropStage).left());
        int offset = object.sizeBytes();
        int part = 0;
        for (byte[] content : RootCodec.toParts(record)) {
            output.appendRoot(part, content);
            part++;
        }
        CheckpointRoot root = new CheckpointRoot(
                number, object.number(), offset, object.sizeBytes() - offset, coversSegment, coversEpoch, sequence);
        return new Written(root, record.withObjectBytes(object.number(), object.sizeBytes()), output.pagesWritten());
    }

    private static <T> T done(@Nullable T stage) {
        if (stage == null) {
            throw new IllegalStateException("the root is written last");
        }
        return stage;
    }
}
