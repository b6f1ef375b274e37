package io.sluice.storage.engine;

import io.sluice.storage.journal.Journal;
import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches how full the journal of one volume is: for the ports, whether writes are to be held back; for the operator, when it
 * will be full.
 *
 * <pre>
 *   RESTING ──first write──▶ CALM ◀──filling──▶ PACING
 *      ▲───────journal empty───┴──────────────────┘
 * </pre>
 *
 * <p>Invariants: 1. a tick is scheduled exactly when the state is not RESTING, so an idle volume costs nothing; 2. meter
 * and forecast are changed on the volume's lane alone. The rest is thread-safe.
 */
final class JournalPressure {
    private static final Logger log = LoggerFactory.getLogger(JournalPressure.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    /** In an outage an operator is warned when the journal will be full so soon. */
    static final long WARN_SECONDS = 10 * 60;
    /** The warning is over when it is this far away again: later than the warning, or both would repeat. */
    private static final long RELIEF_SECONDS = 20 * 60;
    /** No write is held back longer than this: a small part of the 30 s after which hosts give up. */
    private static final Duration DELAY_MAX = Duration.ofSeconds(5);
    /** The journal's capacity in so many seconds: the outflow until one is measured. */
    private static final double GUESS_SECONDS = 30;

    private enum State {
        RESTING,
        CALM,
        PACING
    }

    private final String volumeName;
    private final Journal journal;
    private final VolumeHealth health;
    private final EngineClock clock;
    private final Lane lane;
    private final WritePacer pacer;
    private final OutflowMeter outflow;
    private final FillForecast forecast;
    private final AtomicReference<State> state = new AtomicReference<>(State.RESTING);
    private long releasedBytes;
    private volatile long secondsToFull = -1;
    private volatile boolean warned;

    /** {@code waitMax}: how long a write may take in all before it gets BUSY. */
    JournalPressure(
            String volumeName, Journal journal, VolumeHealth health, EngineClock clock, Lane lane, Duration waitMax) {
        this.volumeName = volumeName;
        this.journal = journal;
        this.health = health;
        this.clock = clock;
        this.lane = lane;
        long now = clock.monotonicNanos();
        this.pacer = new WritePacer(journal.capacityBytes(), delayMax(waitMax), now);
        this.outflow = new OutflowMeter(journal.capacityBytes() / GUESS_SECONDS, now);
        this.forecast = new FillForecast(journal.capacityBytes());
        this.releasedBytes = journal.releasedBytes();
    }

    /** A quarter of the whole wait at most, so that most of it is left for space to become free. */
    private static Duration delayMax(Duration waitMax) {
        Duration quarter = waitMax.dividedBy(4);
        return quarter.compareTo(DELAY_MAX) < 0 ? quarter : DELAY_MAX;
    }

    /** Nothing is held back: one volatile read, which is all that a write costs then. */
    boolean isCalm() {
        return state.get() == State.CALM;
    }

    /** Bytes that one port may write between two looks at the filling. */
    long lookEveryBytes() {
        return Math.max(1, journal.capacityBytes() / 256);
    }

    /** Looks at the filling and tells how long the next write of so many bytes is held back. On any thread. */
    long delayNanos(long bytes) {
        long used = journal.usedBytes();
        boolean slow = pacer.slowsDownAt(used);
        State now = state.get();
        if (now == State.RESTING) {
            lane.execute(this::wake);
        } else if (slow != (now == State.PACING)) {
            state.compareAndSet(now, slow ? State.PACING : State.CALM);
        }
        if (!slow) {
            return 0;
        }
        long nanos = clock.monotonicNanos();
        return pacer.delayNanos(bytes, used, outflow.bytesPerSecond(roomBytes(used), nanos), nanos);
    }

    private long roomBytes(long used) {
        return Math.max(0, journal.capacityBytes() - used);
    }

    private void wake() {
        if (state.compareAndSet(State.RESTING, State.CALM)) {
            long now = clock.monotonicNanos();
            outflow.idleUntil(now);
            forecast.reset();
            forecast.sample(journal.usedBytes(), now);
            lane.schedule(TICK, this::tick);
        }
    }

    /** A segment was committed; on the lane, any time after its space was given back. */
    void noteCommitted() {
        long released = journal.releasedBytes();
        if (released > releasedBytes) {
            outflow.left(released - releasedBytes, clock.monotonicNanos());
            releasedBytes = released;
        }
    }

    private void tick() {
        long used = journal.usedBytes();
        forecast.sample(used, clock.monotonicNanos());
        secondsToFull = forecast.secondsToFull();
        tellOperator();
        if (health.stopReason() != null || (used == 0 && !isBusyAgain())) {
            secondsToFull = -1;
            return;
        }
        lane.schedule(TICK, this::tick);
    }

    /** Goes to rest, unless something was written just now. */
    private boolean isBusyAgain() {
        state.set(State.RESTING);
        return journal.usedBytes() > 0 && state.compareAndSet(State.RESTING, State.CALM);
    }

    private void tellOperator() {
        long seconds = secondsToFull;
        boolean outage = health.isDegraded();
        if (!warned && outage && seconds >= 0 && seconds < WARN_SECONDS) {
            warned = true;
            log.warn(
                    "volume {}: the bucket takes no data, and the journal ({} of {} bytes used) is full in about {} s"
                            + " if hosts go on writing as they do; their writes are slowed down, then get BUSY",
                    volumeName,
                    journal.usedBytes(),
                    journal.capacityBytes(),
                    seconds);
        } else if (warned && (!outage || seconds < 0 || seconds > RELIEF_SECONDS)) {
            warned = false;
            log.info(
                    "volume {}: the journal ({} of {} bytes used) does not fill up any more",
                    volumeName,
                    journal.usedBytes(),
                    journal.capacityBytes());
        }
    }

    /** Seconds until the journal is full at the present rate; -1 when it does not fill. */
    long secondsToFull() {
        return secondsToFull;
    }

    /** The operator was told that the journal will soon be full, and not yet that this is over. */
    boolean isWarned() {
        return warned;
    }
}
