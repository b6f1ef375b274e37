package io.sluice.storage.engine;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SealedSegment;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

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
    private final VolumeSettings.Flush settings;
    private final EngineRuntime runtime;
    private final Lane lane;
    private final Lane planningLane;
    private final Journal journal;
    private final BlockIndex index;
    private final CacheHandover handover;
    private final VolumeHealth health;
    private final FlushPlanner planner;
    private final CommittedMoves moves;
    private final PendingReferences references;
    private final SegmentSeries series;

    /**
     * When nothing came to the bucket for so long, another gateway may have taken the volume over: while this one had nothing
     * to write, or did not run. So short that no takeover is quicker after a failure; so long that who writes all the time
     * is not asked.
     */
    static final Duration QUIET = Duration.ofSeconds(30);

    /** So long the buffers of segments outlast the last one: who writes now and then finds them again. */
    private static final Duration BUFFERS_KEPT = Duration.ofSeconds(10);

    private final AtomicBoolean awake = new AtomicBoolean();
    private final AtomicLong appendedBlocks = new AtomicLong();
    private final int segmentBlocks;
    private final SegmentBuffers buffers;
    private final Runnable afterQuiet;
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>(Comparator.comparingLong(Waiter::address));
    private long plannedEnd;
    /** End of the newest segment that is committed. */
    private long bucketEnd;

    private long forcedEnd;
    /** The volume was this gateway's then: a segment was committed, or the question was put. */
    private long ownedNanos;

    private long plannedBlocks;
    private long plannedMillis;
    /** Plans in the series that are not committed yet. */
    private int underWay;

    /** The buffers are let go of in a while. */
    private boolean lettingGo;

    private boolean planning;
    private boolean pressed;
    private long pendingSinceNanos = -1;
    private @Nullable Cancellable ageTimer;
    private volatile long committedSequence;
    private final AtomicLong committedBlocks = new AtomicLong();
    private volatile long oldestPendingMillis;

    private record Waiter(long address, long sinceNanos, IoCompletion completion) {}

    /**
     * Puts its segments into {@code series}. {@code afterQuiet} runs on the lane when something is appended after {@link #QUIET}
     * in which no segment was committed.
     */
    Flusher(VolumeParts parts, SegmentSeries series, Runnable afterQuiet) {
        this.afterQuiet = afterQuiet;
        this.settings = parts.settings().flush();
        this.runtime = parts.runtime();
        this.lane = parts.lane();
        this.planningLane =
                parts.runtime().backgroundLane("flush-" + parts.settings().name());
        this.journal = parts.journal();
        this.index = parts.index();
        this.health = parts.health();
        this.moves = new CommittedMoves(index);
        this.references = parts.references();
        this.series = series;
        this.segmentBlocks = Math.max(1, (int) (settings.segmentSize().bytes() >>> BlockGeometry.BLOCK_SHIFT));
        this.buffers = new SegmentBuffers(segmentBlocks);
        this.handover = new CacheHandover(parts.cache(), lane, buffers, settings.uploads(), this::pump);
        this.planner = new FlushPlanner(journal, segmentBlocks);
        this.plannedEnd = journal.tail();
        this.bucketEnd = parts.bucketSequence();
        this.ownedNanos = runtime.clock().monotonicNanos();
        this.plannedMillis = parts.bucketMillis();
        this.committedSequence = parts.bucketSequence();
        series.whenUploaded(this::pump);
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
            askAfterQuiet(pendingSinceNanos);
        }
        pump();
    }

    private void askAfterQuiet(long nowNanos) {
        if (nowNanos - ownedNanos > QUIET.toNanos()) {
            ownedNanos = nowNanos;
            afterQuiet.run();
        }
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
            waiters.add(new Waiter(address, runtime.clock().monotonicNanos(), completion));
            pump();
        });
    }

    /** Ends all waiters with the reason; nothing is planned any more. */
    void stop() {
        Invariant.check(lane.isCurrent(), "the flusher is confined to its lane");
        cancelAgeTimer();
        buffers.clear();
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

    /** End of what was planned: what comes next in the series begins here. */
    long plannedEnd() {
        return plannedEnd;
    }

    /** Time of the newest write that was planned, milliseconds since 1970. */
    long plannedMillis() {
        return plannedMillis;
    }

    /** True while writers wait for space of the journal. */
    boolean isPressed() {
        return pressed;
    }

    /** How long the flush has waited that waits for longest. */
    Duration longestWait() {
        long nowNanos = runtime.clock().monotonicNanos();
        long longest = 0;
        for (Waiter waiter : waiters) {
            longest = Math.max(longest, nowNanos - waiter.sinceNanos());
        }
        return Duration.ofNanos(longest);
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
        if (planning || underWay >= settings.uploads()) {
            return;
        }
        long end = journal.appliedEnd();
        if (end <= plannedEnd) {
            rest();
        } else if (isDue()) {
            if (isHurried() || !handover.mustWait(underWay)) {
                startPlanning(end);
            }
        } else {
            armAgeTimer();
        }
    }

    /** Nothing is left to plan: no request, until the next append wakes the flusher; at most a timer to let go of memory. */
    private void rest() {
        cancelAgeTimer();
        pressed = false;
        pendingSinceNanos = -1;
        if (underWay == 0) {
            oldestPendingMillis = 0;
            letGoOfBuffersLater();
        }
        awake.set(false);
        if (journal.appliedEnd() > plannedEnd && awake.compareAndSet(false, true)) {
            lane.execute(this::wake);
        }
    }

    private void letGoOfBuffersLater() {
        if (!lettingGo && (buffers.hasResting() || handover.isLending())) {
            lettingGo = true;
            lane.schedule(BUFFERS_KEPT, () -> {
                lettingGo = false;
                if (!awake.get()) { // else it is asked for again at the next rest
                    buffers.clear();
                }
            });
        }
    }

    private boolean isDue() {
        return pressed
                || forcedEnd > plannedEnd
                || appendedBlocks.get() - plannedBlocks >= segmentBlocks
                || ageNanos() >= settings.maxAge().toNanos();
    }

    /** Writers are short of journal space, or soon will be. */
    private boolean isHurried() {
        return pressed || journal.usedBytes() > journal.capacityBytes() * WritePacer.FREE_SHARE;
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
        plannedMillis = Math.max(plannedMillis, plan.wallTimeMillis());
        underWay++;
        series.append(new PlannedSegment(new SegmentJob(plan)));
        pump();
    }

    /** A plan's place in the series. */
    private final class PlannedSegment implements SegmentSeries.Entry {
        private final SegmentJob job;

        PlannedSegment(SegmentJob job) {
            this.job = job;
        }

        @Override
        public boolean isEmpty() {
            return job.plan().isEmpty();
        }

        @Override
        public SegmentHeader.Kind kind() {
            return SegmentHeader.Kind.DATA;
        }

        @Override
        public RequestCause cause() {
            return RequestCause.FLUSH;
        }

        @Override
        public SealedSegment build(SegmentBuilder builder) throws IOException {
            return job.build(journal, builder, buffers);
        }

        @Override
        public void committed(@Nullable SegmentHeader header) {
            underWay--;
            if (header != null) {
                ownedNanos = runtime.clock().monotonicNanos();
                settle(job, header);
            }
            release(job.plan());
        }
    }

    /** The committed mapping knows the segment: its frames go to the read cache, then the index moves on. */
    private void settle(SegmentJob job, SegmentHeader header) {
        handover.give(job, header);
        moves.apply(job);
        oldestPendingMillis = Math.max(oldestPendingMillis, header.wallTimeMillis());
    }

    private void release(FlushPlan plan) {
        references.releaseBelow(plan.end());
        // A part without content needs no segment: that it is over stands nowhere in the bucket.
        bucketEnd = plan.isEmpty() ? bucketEnd : plan.end();
        journal.release(plan.end(), bucketEnd);
        index.settledBelow(journal.tail());
        committedSequence = plan.end();
        committedBlocks.addAndGet(plan.entries());
        tellWaiters();
        if (underWay == 0 && journal.appliedEnd() <= plannedEnd) {
            oldestPendingMillis = 0;
        }
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
