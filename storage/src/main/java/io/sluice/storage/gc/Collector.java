package io.sluice.storage.gc;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.checkpoint.SegmentUse;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Failures;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the bytes of a volume's segments within a bound of what its live blocks need (COLLECTOR.md).
 *
 * <pre>
 *            more stored than may be              the round's segments are done
 *   IDLE ───────────────────────────▶ WORKING ─────────────────────────────────▶ IDLE, until the next checkpoint
 *                                      │   ▲
 *            journal filling, writes   ▼   │ a moment later
 *            waiting, bucket away    STANDING_BACK
 *                                      │
 *            a request failed          ▼
 *                                    BLOCKED ── a growing while later ──▶ WORKING
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Nothing is asked of the bucket while the volume is within its bound and no checkpoint has been adopted since that
 *       was found.
 *   <li>One batch at a time, one MOVED segment under way at a time; what it holds was read and verified before it got its
 *       number.
 *   <li>A segment of which something could not be verified is left alone for as long as the volume is open.
 * </ol>
 *
 * <p>Confined to the volume's lane, apart from {@link #status}.
 */
public final class Collector {
    private static final Logger log = LoggerFactory.getLogger(Collector.class);
    /** Segments looked at by one scan of the table: 16 TiB of full ones. */
    private static final int SCAN_SEGMENTS_MAX = 1 << 20;
    /** Dead segments that still say something are gathered when there are so many, whatever their size. */
    private static final int SPEAKING_MANY = 256;
    /** The estimate without a scan is believed until so many segments were committed since the last one. */
    private static final long SCAN_AFTER_SEGMENTS = 16;
    /** ... or this part of all segments. */
    private static final long SCAN_AFTER_PART = 8;
    /** Checkpoints after the last moved segment: one in which the victims are dead, one that deletes them. */
    private static final int SETTLING_CHECKPOINTS = 2;

    private static final Duration STAND_BACK_POLL = Duration.ofMillis(100);
    private static final Duration RETRY_FIRST = Duration.ofSeconds(5);
    private static final Duration RETRY_MAX = Duration.ofMinutes(5);

    private final String volumeName;
    private final Lane lane;
    private final CommittedMap committed;
    private final CollectorHost host;
    private final SpaceBound bound;
    private final Mover mover;
    private final OrphanSweep sweep;
    private final SortedMap<Long, String> damaged = new TreeMap<>();
    private final Set<Long> unwieldy = new HashSet<>();
    private @Nullable Round round;
    private boolean scanning;
    private boolean again;
    private int failures;
    private int settlingCheckpoints;
    private long scannedSegment = -1;
    private volatile CollectorStatus status = CollectorStatus.INITIAL;

    /** Works for {@code host}; nothing happens before {@link #consider}. */
    public Collector(CollectorParts parts, CollectorHost host) {
        this.volumeName = parts.volumeName();
        this.lane = parts.lane();
        this.committed = parts.committed();
        this.host = host;
        this.bound = new SpaceBound(parts.settings().spaceAmplification(), parts.segmentBytes());
        Pace pace = new Pace(parts.settings(), parts.runtime().clock(), lane);
        this.mover = new Mover(parts, host, pace);
        this.sweep = new OrphanSweep(parts, host, pace, this::passedOrphans);
    }

    /** What it does and has done; on any thread. */
    public CollectorStatus status() {
        return status;
    }

    /** Objects that were part of nothing and were deleted; on any thread. */
    public long deletedOrphans() {
        return sweep.deletedObjects();
    }

    /** There may be objects that are part of nothing: looks for them once a checkpoint was adopted. */
    public void wantSweep() {
        sweep.want();
    }

    /** The volume was opened; {@code clean}: it had been closed properly, and nothing stood behind its end. */
    public void opened(boolean clean) {
        if (!clean) {
            sweep.want();
        }
        sweep.opened();
        consider();
    }

    /** A checkpoint was adopted. */
    public void adopted() {
        sweep.adopted();
        consider();
    }

    /** Empty segments were written, to be deleted. */
    private void passedOrphans() {
        settlingCheckpoints = SETTLING_CHECKPOINTS + 1;
        if (round == null && !scanning) {
            rest();
        }
    }

    /** The volume was opened, or something changed: looks whether there is something to do. */
    public void consider() {
        Invariant.check(lane.isCurrent(), "the collector is confined to the volume's lane");
        again = true;
        if (round == null && !scanning) {
            look();
        }
    }

    private void look() {
        again = false;
        if (host.isOver()) {
            return;
        }
        if (!isWorthScanning()) {
            rest();
            return;
        }
        scanning = true;
        scannedSegment = committed.lastSegment();
        Futures.then(committed.sparseSegments(1, SCAN_SEGMENTS_MAX), lane, this::scanned);
    }

    /** Cheap, and not too late: what it does not see, shared slots that are counted many times, a scan now and then does. */
    private boolean isWorthScanning() {
        CommittedMap.Usage usage = committed.usage();
        double share = usage.storedBlocks() == 0 ? 0 : Math.min(1, (double) usage.liveBlocks() / usage.storedBlocks());
        SpaceUse estimate =
                new SpaceUse(usage.storedBytes(), (long) (usage.storedBytes() * share), 0, usage.segments());
        long unseen = committed.lastSegment() - scannedSegment;
        boolean due = unseen >= Math.max(SCAN_AFTER_SEGMENTS, usage.segments() / SCAN_AFTER_PART);
        if (!due) {
            status = status.with(estimate);
        }
        return bound.isExceededOnTheWholeBy(estimate)
                || (due && usage.storedBytes() > bound.slackBytes())
                || committed.deadSegmentsWithZeros().size() >= SPEAKING_MANY;
    }

    private void scanned(@Nullable List<SegmentUse> segments, @Nullable Throwable failure) {
        scanning = false;
        if (segments == null) {
            blocked(failure == null ? new IllegalStateException("no answer") : failure);
            return;
        }
        failures = 0;
        SpaceUse use = sum(segments);
        status = status.with(use);
        boolean manySpeak = committed.deadSegmentsWithZeros().size() >= SPEAKING_MANY;
        List<SegmentUse> victims = List.of();
        if (bound.isExceededBy(use)) {
            long mappedBytes = committed.usage().liveBlocks() << BlockGeometry.BLOCK_SHIFT;
            victims = VictimChoice.choose(segments, bound.excessBytes(use), mappedBytes, leftAlone());
        } else if (bound.isExceededOnTheWholeBy(use)) {
            settlingCheckpoints = Math.max(settlingCheckpoints, 1);
        }
        if (victims.isEmpty() && manySpeak) {
            victims = VictimChoice.speaking(segments, SPEAKING_MANY, leftAlone());
        }
        if (victims.isEmpty()) {
            rest();
            return;
        }
        begin(victims, use);
    }

    private SpaceUse sum(List<SegmentUse> segments) {
        long stored = 0;
        long live = 0;
        long waiting = 0;
        for (SegmentUse segment : segments) {
            stored += segment.storedBytes();
            live += (long) (segment.storedBytes() * segment.liveShare());
            waiting += segment.deadSince() > 0 && !segment.zeros() ? segment.storedBytes() : 0;
        }
        CommittedMap.Usage usage = committed.usage();
        long pending = Math.max(0, usage.storedBytes() - stored);
        return new SpaceUse(stored + pending, live + pending, waiting, usage.segments());
    }

    private void begin(List<SegmentUse> victims, SpaceUse use) {
        log.debug(
                "volume {}: {} bytes stored for {} live ones, collecting {} segments",
                volumeName,
                use.storedBytes(),
                use.liveBytes(),
                victims.size());
        Round begun = new Round(mover, victims, bound.isUrgent(use));
        round = begun;
        Futures.then(begun.prepare(), lane, (done, failure) -> {
            if (failure != null) {
                ended(failure);
            } else {
                next();
            }
        });
    }

    /** One more batch, if nothing is in the way. */
    private void next() {
        Round working = round;
        if (working == null || host.isOver()) {
            return;
        }
        String reason = host.standBackBecause(working.isUrgent());
        if (reason != null) {
            status = status.with(CollectorStatus.State.STANDING_BACK, reason);
            var unused = lane.schedule(STAND_BACK_POLL, this::next);
            return;
        }
        // A checkpoint since the scan knows better; but one batch at least, or a busy host would keep it scanning for
        // ever.
        if (working.isDone() || (again && working.hasMoved())) {
            ended(null);
            return;
        }
        status = status.with(CollectorStatus.State.WORKING, "");
        Futures.then(working.nextBatch(leftAlone()), lane, this::batchEnded);
    }

    private void batchEnded(Mover.@Nullable Result result, @Nullable Throwable failure) {
        if (result == null) {
            ended(failure == null ? new IllegalStateException("no answer") : failure);
            return;
        }
        failures = 0;
        result.damaged().forEach(this::leaveAlone);
        unwieldy.addAll(result.unwieldy());
        if (result.segments() > 0) {
            settlingCheckpoints = SETTLING_CHECKPOINTS;
            status = status.moved(result.segments(), result.movedBytes());
        }
        next();
    }

    private Set<Long> leftAlone() {
        Set<Long> numbers = new HashSet<>(damaged.keySet());
        numbers.addAll(unwieldy);
        return numbers;
    }

    /** Something of {@code segment} could not be verified. */
    private void leaveAlone(long segment, String why) {
        if (damaged.putIfAbsent(segment, why) == null) {
            log.error(
                    "volume {}: segment {} is damaged or missing, garbage in it cannot be collected (run scrub): {}",
                    volumeName,
                    segment,
                    why);
            status = status.damaged(damaged.keySet());
        }
    }

    private void ended(@Nullable Throwable failure) {
        Round over = round;
        round = null;
        if (failure != null) {
            blocked(failure);
        } else if (over != null && over.hasMoved()) {
            rest(); // what comes next, the checkpoint tells
        } else if (again) {
            look();
        } else {
            rest();
        }
    }

    /** Nothing more to do before the next checkpoint; the collector's own work is followed by as many as delete it. */
    private void rest() {
        status = status.with(CollectorStatus.State.IDLE, "");
        boolean left = committed.pendingSegments() > 0
                || !committed.deadSegments().isEmpty()
                || committed.unfinishedDrops() > 0;
        if (settlingCheckpoints > 0 && left) {
            settlingCheckpoints--;
            host.wantCheckpoint();
        }
    }

    private void blocked(Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        if (!(cause instanceof IOException)) {
            throw new IllegalStateException("the collector failed", cause);
        }
        failures++;
        status = status.with(CollectorStatus.State.BLOCKED, String.valueOf(cause.getMessage()));
        log.info("volume {}: garbage collection waits (it will be tried again): {}", volumeName, cause.getMessage());
        long factor = 1L << Math.min(failures - 1, 10);
        Duration pause = RETRY_FIRST.multipliedBy(factor);
        var unused = lane.schedule(pause.compareTo(RETRY_MAX) < 0 ? pause : RETRY_MAX, () -> {
            scannedSegment = -1;
            consider();
        });
    }

    /** These were deleted. */
    public void deleted(Set<Long> segments) {
        status = status.deleted(segments.size());
        Round working = round;
        if (working != null) {
            working.forget(segments);
        }
    }
}
