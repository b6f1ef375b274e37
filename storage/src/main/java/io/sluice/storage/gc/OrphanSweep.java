package io.sluice.storage.gc;

import io.sluice.storage.format.Failures;
import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says when objects are looked for that are part of nothing: left over from crashes, fenced gateways, failed uploads, and
 * requests that arrive after they were given up, maybe after their process has died. {@link OrphanSearch} does it.
 *
 * <pre>
 *   IDLE ──reason──▶ WANTED ──a checkpoint is adopted──▶ RUNNING ──▶ IDLE
 *    ▲                 ▲                                    │
 *    │  LATE later     └──────────── failed, or more to do ─┘
 *   RESTING ◀── opened; a put whose outcome was open
 * </pre>
 *
 * <p>Reasons:
 *
 * <ol>
 *   <li>The volume was not closed cleanly before, or a checkpoint failed: with the next checkpoint.
 *   <li>The volume was opened, however it was closed: {@link #LATE} later, for what was on its way from whoever had it.
 *   <li>An attempt of a put had an open outcome: {@link #LATE} after the last such, at least once in {@link #PAUSE_MAX}.
 * </ol>
 *
 * <p>So an idle volume looks once after it was opened, or after its last trouble, and never again. What arrives still later is
 * found after the next opening. Never before this gateway has adopted a checkpoint. Confined to the lane, apart from {@link
 * #deletedObjects}.
 */
final class OrphanSweep {
    private static final Logger log = LoggerFactory.getLogger(OrphanSweep.class);
    /** A request that was given up has arrived after this, or never will. */
    static final Duration LATE = Duration.ofMinutes(10);
    /** While puts go on to have open outcomes. */
    private static final Duration PAUSE_MAX = Duration.ofHours(1);

    private static final Duration RETRY = Duration.ofMinutes(1);

    private final CollectorHost host;
    private final Lane lane;
    private final EngineClock clock;
    private final String volumeName;
    private final OrphanSearch search;
    private final Runnable afterPassing;
    private boolean adoptedAny;
    /** To look when the next checkpoint is adopted. */
    private boolean wanted;
    /** To look as soon as nothing is under way. */
    private boolean due;

    private boolean running;
    private boolean resting;
    private long uncertainPuts;
    private long uncertainNanos;
    private long sweptNanos;

    /** {@code afterPassing} runs when empty segments were written. */
    OrphanSweep(CollectorParts parts, CollectorHost host, Pace pace, Runnable afterPassing) {
        this.host = host;
        this.lane = parts.lane();
        this.clock = parts.runtime().clock();
        this.volumeName = parts.volumeName();
        this.search = new OrphanSearch(parts, host, pace, this::rest);
        this.afterPassing = afterPassing;
        this.sweptNanos = clock.monotonicNanos();
    }

    /** There is a reason to look, when the next checkpoint is adopted. */
    void want() {
        wanted = true;
    }

    /** The volume was opened. */
    void opened() {
        uncertainPuts = host.uncertainPuts();
        rest();
    }

    /** Whether an attempt of a put may still be on its way; each commit is followed by a checkpoint, which asks. */
    private void notePuts() {
        long now = host.uncertainPuts();
        if (now != uncertainPuts) {
            uncertainPuts = now;
            rest();
        }
    }

    /** Objects deleted so far; on any thread. */
    long deletedObjects() {
        return search.deletedObjects();
    }

    /** A checkpoint was adopted. */
    void adopted() {
        adoptedAny = true;
        notePuts();
        due |= wanted;
        wanted = false;
        beginIfDue();
    }

    private void rest() {
        uncertainNanos = clock.monotonicNanos();
        if (!resting) {
            resting = true;
            var unused = lane.schedule(LATE, this::rested);
        }
    }

    private void rested() {
        resting = false;
        if (host.isOver()) {
            return;
        }
        long nowNanos = clock.monotonicNanos();
        long leftNanos = uncertainNanos + LATE.toNanos() - nowNanos;
        if (leftNanos > 0) {
            resting = true;
            var unused = lane.schedule(Duration.ofNanos(leftNanos), this::rested);
        }
        if (leftNanos <= 0 || nowNanos - sweptNanos >= PAUSE_MAX.toNanos()) {
            due = adoptedAny;
            wanted = !adoptedAny;
            beginIfDue();
        }
    }

    private void beginIfDue() {
        if (due && !running && !host.isOver()) {
            begin();
        }
    }

    private void begin() {
        due = false;
        running = true;
        sweptNanos = clock.monotonicNanos();
        search.calm()
                .thenComposeAsync(go -> search.sweepCheckpoints(), lane)
                .thenAcceptAsync(this::sweptCheckpoints, lane)
                .thenComposeAsync(done -> search.sweepSegments(), lane)
                .thenComposeAsync(done -> search.passSegments(), lane)
                .thenComposeAsync(done -> search.sweepProbes(), lane)
                .thenComposeAsync(done -> search.sweepIdentity(), lane)
                .whenCompleteAsync((done, failure) -> ended(failure), lane)
                .exceptionally(failure -> true);
    }

    /** Once more behind the next checkpoint, when there is something that this one cannot get behind. */
    private void sweptCheckpoints(boolean further) {
        if (further) {
            wanted = true;
            host.wantCheckpoint();
        }
    }

    private void ended(@Nullable Throwable failure) {
        running = false;
        if (search.takePassed() > 0) {
            afterPassing.run();
        }
        notePuts();
        if (failure == null) {
            beginIfDue();
            return;
        }
        if (host.isOver()) {
            return;
        }
        Throwable cause = Failures.unwrap(failure);
        if (!(cause instanceof IOException)) {
            lane.execute(() -> {
                throw new IllegalStateException("the sweep for orphans failed", cause);
            });
            return;
        }
        log.info(
                "volume {}: orphans could not be looked for (it will be tried again): {}",
                volumeName,
                cause.getMessage());
        var unused = lane.schedule(RETRY, () -> {
            due = true;
            beginIfDue();
        });
    }
}
