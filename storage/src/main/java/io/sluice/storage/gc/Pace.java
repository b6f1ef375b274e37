package io.sluice.storage.gc;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The collector's limits: bytes read, bytes written and requests per second, each a token bucket that may run into debt. A
 * step begins when no bucket that it needs is in debt, so that the averages hold for transfers of any size. Confined to the
 * lane.
 */
final class Pace {
    private final EngineClock clock;
    private final Lane lane;
    private final Bucket reads;
    private final Bucket writes;
    private final Bucket requests;

    Pace(VolumeSettings.Collector settings, EngineClock clock, Lane lane) {
        this.clock = clock;
        this.lane = lane;
        long nowNanos = clock.monotonicNanos();
        this.reads = new Bucket((double) settings.bandwidth().bytes(), nowNanos);
        this.writes = new Bucket((double) settings.bandwidth().bytes(), nowNanos);
        this.requests = new Bucket(settings.requests(), nowNanos);
    }

    /** Completes on the lane when a request for {@code bytes} may be sent. */
    CompletableFuture<Void> read(long bytes) {
        return pass(reads, bytes);
    }

    /** Completes on the lane when a put of {@code bytes} may be sent. */
    CompletableFuture<Void> write(long bytes) {
        return pass(writes, bytes);
    }

    /** Completes on the lane when a request without much content may be sent. */
    CompletableFuture<Void> request() {
        return pass(reads, 0);
    }

    /** Counts {@code count} requests that were sent without asking. */
    void charge(long count) {
        requests.take((double) count, clock.monotonicNanos());
    }

    private CompletableFuture<Void> pass(Bucket bandwidth, long bytes) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        tryPass(bandwidth, bytes, result);
        return result;
    }

    private void tryPass(Bucket bandwidth, long bytes, CompletableFuture<Void> result) {
        long nowNanos = clock.monotonicNanos();
        long waitNanos = Math.max(bandwidth.debtNanos(nowNanos), requests.debtNanos(nowNanos));
        if (waitNanos > 0) {
            var unused = lane.schedule(Duration.ofNanos(waitNanos), () -> tryPass(bandwidth, bytes, result));
            return;
        }
        bandwidth.take((double) bytes, nowNanos);
        requests.take(1, nowNanos);
        result.complete(null);
    }

    /** Fills by {@code perSecond} up to a second's worth. */
    private static final class Bucket {
        private static final double NANOS_PER_SECOND = 1e9;

        private final double perSecond;
        private double balance;
        private long filledNanos;

        Bucket(double perSecond, long nowNanos) {
            this.perSecond = perSecond;
            this.balance = perSecond;
            this.filledNanos = nowNanos;
        }

        /** Until it is out of debt. */
        long debtNanos(long nowNanos) {
            fill(nowNanos);
            return balance > 0 ? 0 : (long) Math.ceil((1 - balance) / perSecond * NANOS_PER_SECOND);
        }

        void take(double amount, long nowNanos) {
            fill(nowNanos);
            balance -= amount;
        }

        private void fill(long nowNanos) {
            balance = Math.min(perSecond, balance + ((nowNanos - filledNanos) / NANOS_PER_SECOND * perSecond));
            filledNanos = nowNanos;
        }
    }
}
