package io.sluice.storage.engine;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Flushes that wait for the bucket ({@code durability = s3}), each until its own deadline: then it gets BUSY, and what it
 * asked for goes on being sent.
 *
 * <p>Invariants: 1. every flush ends once; 2. at most one question to the flusher per address, so that hosts which ask again
 * and again through an outage leave nothing behind; 3. one timer while somebody waits. Confined to the volume's lane, apart
 * from {@link #commitThrough}.
 */
final class CommitWaits {
    private final Flusher flusher;
    private final Lane lane;
    private final EngineClock clock;
    private final ArrayDeque<Wait> waits = new ArrayDeque<>();
    private long askedAddress = -1;
    private long doneAddress = -1;
    private boolean timerSet;

    private record Wait(long address, long deadlineNanos, IoCompletion completion) {}

    CommitWaits(Flusher flusher, Lane lane, EngineClock clock) {
        this.flusher = flusher;
        this.lane = lane;
        this.clock = clock;
    }

    /** Completes when the bucket holds everything below {@code address}, or with BUSY; on any thread. */
    void commitThrough(long address, long deadlineNanos, IoCompletion completion) {
        lane.execute(() -> begin(new Wait(address, deadlineNanos, completion)));
    }

    private void begin(Wait wait) {
        if (wait.address <= doneAddress) {
            wait.completion.complete(null);
            return;
        }
        waits.add(wait);
        if (wait.address > askedAddress) {
            askedAddress = wait.address;
            flusher.commitThrough(wait.address, failure -> answered(wait.address, failure));
        }
        arm();
    }

    private void answered(long address, @Nullable IoFailure failure) {
        if (failure == null) {
            doneAddress = Math.max(doneAddress, address);
        } else {
            askedAddress = doneAddress; // who comes later asks again, and hears the reason
        }
        endWhere(wait -> wait.address <= address, failure);
    }

    private void arm() {
        if (!timerSet && !waits.isEmpty()) {
            timerSet = true;
            long now = clock.monotonicNanos();
            long left = waits.stream()
                    .mapToLong(wait -> wait.deadlineNanos - now)
                    .min()
                    .orElse(0);
            lane.schedule(Duration.ofNanos(Math.max(0, left)), this::expire);
        }
    }

    private void expire() {
        timerSet = false;
        long now = clock.monotonicNanos();
        endWhere(
                wait -> wait.deadlineNanos - now <= 0,
                IoFailure.of(
                        IoFailure.Kind.BUSY,
                        "the bucket has not taken everything yet; it is safe in the journal and goes on being sent"));
        arm();
    }

    private void endWhere(java.util.function.Predicate<Wait> which, @Nullable IoFailure failure) {
        List<Wait> ended = new ArrayList<>();
        for (Iterator<Wait> each = waits.iterator(); each.hasNext(); ) {
            Wait wait = each.next();
            if (which.test(wait)) {
                each.remove();
                ended.add(wait);
            }
        }
        ended.forEach(wait -> wait.completion.complete(failure));
    }
}
