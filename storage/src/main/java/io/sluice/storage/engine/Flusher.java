package io.sluice.storage.engine;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.FencedException;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the journal to the bucket.
 *
 * <p>Ordering rules, all of them enforced here:
 *
 * <ol>
 *   <li>Plans are consecutive parts of the journal; each becomes one segment; segment numbers follow the plans.
 *   <li>Segments upload side by side, but <em>commit in order</em>: one counts only when all lower ones are durable.
 *   <li>At a commit, first the committed mapping learns of the segment, then its frames go to the read cache, then the
 *       index moves each block whose newest version this is, and only then is the journal space given back: at every
 *       moment a reader finds each block at the place it looks.
 *   <li>Frames enter the read cache only after their segment is committed: until then the number could still come to
 *       name other content.
 * </ol>
 *
 * <p>Confined to the volume's lane, apart from {@link #noteAppended} and {@link #journalFull}.
 */
final class Flusher {
    private static final Logger log = LoggerFactory.getLogger(Flusher.class);

    private final String volumeName;
    private final VolumeSettings.Flush settings;
    private final EngineRuntime runtime;
    private final Lane lane;
    private final Lane planningLane;
    private final Journal journal;
    private final BlockIndex index;
    private final CommittedMap committed;
    private final ReadCache cache;
    private final SegmentCodec codec;
    private final SegmentStore segments;
    private final VolumeHealth health;
    private final FlushPlanner planner;
    private final CommittedMoves moves;
    private final PendingReferences references;
    private final Runnable afterCommit;
    private final long epoch;

    private final AtomicBoolean awake = new AtomicBoolean();
    private final AtomicLong appendedBlocks = new AtomicLong();
    private final int segmentBlocks;
    private final ArrayDeque<SegmentJob> jobs = new ArrayDeque<>();
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>(Comparator.comparingLong(Waiter::address));
    private long plannedEnd;
    private long forcedEnd;
    private long plannedBlocks;
    private long nextNumber;
    private boolean planning;
    private boolean pressed;
    private long pendingSinceNanos = -1;
    private @Nullable Cancellable ageTimer;
    private volatile long committedSequence;
    private volatile long committedSegment;
    private final AtomicLong committedBlocks = new AtomicLong();
    private volatile long oldestPendingMillis;

    private record Waiter(long address, IoCompletion completion) {}

    /** {@code afterCommit} runs on the lane after each commit. */
    Flusher(VolumeParts parts, Runnable afterCommit) {
        this.volumeName = parts.settings().name();
        this.settings = parts.settings().flush();
        this.runtime = parts.runtime();
        this.lane = parts.lane();
        this.planningLane = parts.runtime().blockingLane("flush-" + volumeName);
        this.journal = parts.journal();
        this.index = parts.index();
        this.committed = parts.committed();
        this.cache = parts.cache();
        this.codec = parts.codec();
        this.segments = parts.segments();
        this.health = parts.health();
        this.moves = new CommittedMoves(index);
        this.references = parts.references();
        this.afterCommit = afterCommit;
        this.epoch = parts.epoch();
        this.segmentBlocks = Math.max(1, (int) (settings.segmentSize().bytes() >>> BlockGeometry.BLOCK_SHIFT));
        this.planner = new FlushPlanner(journal, segmentBlocks);
        this.plannedEnd = journal.tail();
        this.nextNumber = committed.lastSegment() + 1;
        this.committedSequence = parts.bucketSequence();
        this.committedSegment = committed.lastSegment();
    }

    /** {@code blocks} entries were appended to the journal; on any thread, cheap. */
    void noteAppended(int blocks) {
        long after = appendedBlocks.addAndGet(blocks);
        if (!awake.get() && awake.compareAndSet(false, true)) {
            lane.execute(this::wake);
        } else if (after / segmentBlocks != (after - blocks) / segmentBlocks) {
            lane.execute(this::pump);
        }
    }

    /** Writers wait for journal space: flush what there is, whatever its age; on any thread. */
    void journalFull() {
        lane.execute(() -> {
            pressed = true;
            pump();
        });
    }

    private void wake() {
        if (pendingSinceNanos < 0) {
            pendingSinceNanos = runtime.clock().monotonicNanos();
            if (oldestPendingMillis == 0) { // else older segments are still on their way
                oldestPendingMillis = runtime.clock().wallTime().toEpochMilli();
            }
        }
        pump();
    }

    /** Completes when everything below {@code address} is in the bucket. */
    void commitThrough(long address, IoCompletion completion) {
        lane.execute(() -> {
            if (committedEnd() >= address) {
                completion.complete(null);
                return;
            }
            IoFailure over = health.stopReason();
            if (over != null) {
                completion.complete(over);
                return;
            }
            forcedEnd = Math.max(forcedEnd, address);
            waiters.add(new Waiter(address, completion));
            pump();
        });
    }

    /** Ends all waiters with the reason; nothing is planned any more. */
    void stop() {
        Invariant.check(lane.isCurrent(), "the flusher is confined to its lane");
        cancelAgeTimer();
        IoFailure over = health.stopReason();
        while (!waiters.isEmpty()) {
            waiters.remove()
                    .completion()
                    .complete(over != null ? over : IoFailure.of(IoFailure.Kind.CLOSED, "the volume is closed"));
        }
    }

    private long committedEnd() {
        return journal.tail();
    }

    long committedSequence() {
        return committedSequence;
    }

    long committedSegment() {
        return committedSegment;
    }

    /** Acknowledged bytes that are not in the bucket yet; an overwritten block counts each time. */
    long dirtyBytes() {
        return (appendedBlocks.get() - committedBlocks.get()) << BlockGeometry.BLOCK_SHIFT;
    }

    /** Wall time since which something acknowledged is missing in the bucket; 0 when nothing is. */
    long oldestPendingMillis() {
        return oldestPendingMillis;
    }

    private void pump() {
        if (health.stopReason() != null) {
            stop();
            return;
        }
        if (planning || jobs.size() >= settings.uploads()) {
            return;
        }
        long end = journal.appliedEnd();
        if (end <= plannedEnd) {
            rest();
        } else if (isDue()) {
            startPlanning(end);
        } else {
            armAgeTimer();
        }
    }

    /** Nothing is left to plan: no timer, no request, until the next append wakes the flusher. */
    private void rest() {
        cancelAgeTimer();
        pressed = false;
        pendingSinceNanos = -1;
        if (jobs.isEmpty()) {
            oldestPendingMillis = 0;
        }
        awake.set(false);
        if (journal.appliedEnd() > plannedEnd && awake.compareAndSet(false, true)) {
            lane.execute(this::wake);
        }
    }

    private boolean isDue() {
        return pressed
                || forcedEnd > plannedEnd
                || appendedBlocks.get() - plannedBlocks >= segmentBlocks
                || ageNanos() >= settings.maxAge().toNanos();
    }

    private long ageNanos() {
        return pendingSinceNanos < 0 ? 0 : runtime.clock().monotonicNanos() - pendingSinceNanos;
    }

    private void armAgeTimer() {
        if (ageTimer == null) {
            Duration left = settings.maxAge().minusNanos(ageNanos());
            ageTimer = lane.schedule(left.isNegative() ? Duration.ZERO : left, () -> {
                ageTimer = null;
                pump();
            });
        }
    }

    private void cancelAgeTimer() {
        if (ageTimer != null) {
            ageTimer.cancel();
            ageTimer = null;
        }
    }

    private void startPlanning(long end) {
        planning = true;
        cancelAgeTimer();
        long from = plannedEnd;
        long startedNanos = runtime.clock().monotonicNanos();
        planningLane.execute(() -> {
            try {
                FlushPlan plan = planner.plan(from, end);
                lane.execute(() -> planned(plan, startedNanos));
            } catch (IOException | RuntimeException failure) {
                lane.execute(() -> health.failed("the journal cannot be read for flushing", failure));
            }
        });
    }

    private void planned(FlushPlan plan, long startedNanos) {
        planning = false;
        if (health.stopReason() != null) {
            return;
        }
        Invariant.check(plan.from() == plannedEnd, "plans must be consecutive", plan.from(), plannedEnd);
        plannedEnd = plan.end();
        pendingSinceNanos = startedNanos;
        plannedBlocks += plan.entries();
        SegmentJob job = new SegmentJob(plan.isEmpty() ? 0 : nextNumber++, plan);
        jobs.add(job);
        if (plan.isEmpty()) {
            job.markUploaded();
            commitReady();
        } else {
            runtime.workers().execute(() -> build(job));
        }
        pump();
    }

    private void build(SegmentJob job) {
        try {
            job.build(journal, codec.builder(job.number(), epoch, SegmentHeader.Kind.DATA));
            lane.execute(() -> upload(job));
        } catch (IOException | RuntimeException failure) {
            lane.execute(() -> health.failed("a segment could not be built from the journal", failure));
        }
    }

    private void upload(SegmentJob job) {
        if (health.stopReason() != null) {
            return;
        }
        Futures.then(segments.put(job.sealed(), RequestCause.FLUSH), lane, (done, failure) -> uploaded(job, failure));
    }

    private void uploaded(SegmentJob job, @Nullable Throwable failure) {
        if (health.stopReason() != null) {
            return; // the files may be closed: the next opening finds the segment in the bucket
        }
        if (failure == null) {
            health.recovered();
            job.markUploaded();
            commitReady();
            pump();
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof FencedException) {
            health.fenced(String.valueOf(cause.getMessage()));
            stop();
            return;
        }
        health.degraded(String.valueOf(cause.getMessage()));
        lane.schedule(Backoff.after(job.countFailure()), () -> upload(job));
    }

    private void commitReady() {
        while (!jobs.isEmpty() && jobs.peek().isUploaded()) {
            SegmentJob job = jobs.remove();
            if (!job.plan().isEmpty()) {
                commit(job);
            }
            references.releaseBelow(job.plan().end());
            journal.release(job.plan().end());
            index.settledBelow(journal.tail());
            committedSequence = job.plan().end();
            committedBlocks.addAndGet(job.plan().entries());
            tellWaiters();
        }
        if (jobs.isEmpty() && journal.appliedEnd() <= plannedEnd) {
            oldestPendingMillis = 0;
        }
    }

    private void commit(SegmentJob job) {
        SegmentHeader header = job.header();
        committed.commit(header);
        List<SegmentHeader.Frame> frames = header.frames();
        for (int i = 0; i < frames.size(); i++) {
            long key = Locator.frameKey(frames.get(i).locator(header.number(), 0));
            cache.insert(key, job.frame(i), ReadCache.Origin.FLUSHED);
        }
        moves.apply(job);
        committedSegment = header.number();
        oldestPendingMillis = Math.max(oldestPendingMillis, header.wallTimeMillis());
        if (log.isDebugEnabled()) {
            log.debug("volume {}: segment {} committed, {} blocks", volumeName, header.number(), header.blockCount());
        }
        afterCommit.run();
    }

    private void tellWaiters() {
        List<IoCompletion> done = new ArrayList<>();
        while (!waiters.isEmpty() && waiters.peek().address() <= committedEnd()) {
            done.add(waiters.remove().completion());
        }
        for (IoCompletion completion : done) {
            completion.complete(null);
        }
    }
}
