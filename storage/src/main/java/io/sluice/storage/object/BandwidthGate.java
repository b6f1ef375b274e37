package io.sluice.storage.object;

import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket that may run into debt: a transfer begins as soon as the balance is above zero and takes all its
 * bytes at once, so that transfers of any size pass and the average still holds.
 *
 * <p>Invariants: {@code balance <= burstBytes}; transfers begin in the order they came; at most one timer is set; the
 * monitor is not held while a transfer begins.
 */
final class BandwidthGate {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double bytesPerNano;
    private final double burstBytes;
    private final EngineClock clock;
    private final Lane lane;
    private final Queue<Transfer> waiting = new ArrayDeque<>();

    private double balance;
    private long refilledNanos;
    private boolean draining;
    private boolean timerSet;

    private record Transfer(long bytes, Runnable start) {}

    BandwidthGate(long bytesPerSecond, EngineClock clock, Lane lane) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bandwidth: at least 1 byte per second, not " + bytesPerSecond);
        }
        this.bytesPerNano = bytesPerSecond / NANOS_PER_SECOND;
        this.burstBytes = bytesPerSecond / 8.0;
        this.clock = clock;
        this.lane = lane;
        this.balance = burstBytes;
        this.refilledNanos = clock.monotonicNanos();
    }

    /** Runs {@code start} when {@code bytes} may pass. */
    void pass(long bytes, Runnable start) {
        synchronized (this) {
            waiting.add(new Transfer(bytes, start));
        }
        drain();
    }

    /** Counts bytes whose number was not known before, or (negative) gives back bytes that never passed. */
    synchronized void charge(long bytes) {
        refill();
        balance -= bytes;
    }

    private void drain() {
        synchronized (this) {
            if (draining) {
                return;
            }
            draining = true;
        }
        boolean drained = false;
        try {
            for (Transfer next = next(); next != null; next = next()) {
                next.start.run();
            }
            drained = true;
        } finally {
            if (!drained) {
                stopDraining();
            }
        }
    }

    /** A start that broke its promise and threw must not hold up all that come after it. */
    private synchronized void stopDraining() {
        draining = false;
    }

    private synchronized @Nullable Transfer next() {
        refill();
        Transfer first = waiting.peek();
        if (first == null || balance <= 0) {
            draining = false;
            if (first != null && !timerSet) {
                setTimer();
            }
            return null;
        }
        balance -= first.bytes;
        return waiting.remove();
    }

    private void setTimer() {
        timerSet = true;
        long pauseNanos = (long) Math.ceil((1 - balance) / bytesPerNano);
        var ignored = lane.schedule(Duration.ofNanos(pauseNanos), this::wake);
    }

    private void wake() {
        synchronized (this) {
            timerSet = false;
        }
        drain();
    }

    private void refill() {
        long nowNanos = clock.monotonicNanos();
        balance = Math.min(burstBytes, balance + ((nowNanos - refilledNanos) * bytesPerNano));
        refilledNanos = nowNanos;
    }
}
