package io.sluice.storage.engine;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.Failures;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the bucket whether this gateway still owns the volume, and fences the volume when it does not. Who is about to say
 * that an object is missing asks first: a successor's collector deletes what a gateway that was superseded, and does not
 * know it yet, still refers to.
 *
 * <p>Invariants: 1. one question is under way at a time, and {@link #PAUSE} lies between two, however many ask; 2. an answer
 * counts only for who asked before its question was put: an older one could be from before the takeover. Thread-safe.
 */
final class OwnershipCheck {
    /** A question is two requests or so; hosts that read again and again where something is lost must not cost more. */
    static final Duration PAUSE = Duration.ofMillis(250);

    private static final Logger log = LoggerFactory.getLogger(OwnershipCheck.class);

    private final ManifestStore manifests;
    private final Sealing sealing;
    private final long epoch;
    private final Lane lane;
    private final VolumeHealth health;
    /** Of the next question; null when nobody waits for it. */
    private @Nullable CompletableFuture<Void> next;
    /** A question is under way, or the pause after it. */
    private boolean busy;

    OwnershipCheck(VolumeParts parts) {
        this.manifests = parts.manifests();
        this.sealing = parts.sealing();
        this.epoch = parts.epoch();
        this.lane = parts.lane();
        this.health = parts.health();
    }

    /**
     * Completes when it is known who owns the volume: then it is fenced, or still ours. Fails when the bucket does not say,
     * as requests to it fail. Completes on any thread.
     */
    CompletableFuture<Void> verify() {
        if (health.stopReason() != null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> mine;
        boolean first;
        synchronized (this) {
            mine = next == null ? new CompletableFuture<>() : next;
            next = mine;
            first = !busy;
            busy = true;
        }
        if (first) {
            lane.execute(this::ask);
        }
        return mine;
    }

    /**
     * As {@link #verify} for who does not wait: after a time without requests another gateway may own the volume. When the
     * bucket does not say, the next segment will find out.
     */
    void look() {
        verify().exceptionally(failure -> {
            log.debug("who owns the volume is not known: {}", failure.getMessage());
            return null;
        });
    }

    /**
     * The same value or failure; but when the failure is that something is missing it comes only when it is known who owns
     * the volume, and when that cannot be known it is that failure instead.
     */
    <T> CompletableFuture<T> beforeMissing(CompletableFuture<T> answer) {
        return answer.exceptionallyCompose(failure -> ReadFailures.isMissing(failure)
                ? verify().thenCompose(known -> CompletableFuture.failedFuture(Failures.unwrap(failure)))
                : CompletableFuture.failedFuture(Failures.unwrap(failure)));
    }

    private void ask() {
        CompletableFuture<Void> asked;
        synchronized (this) {
            asked = next;
            next = null;
            busy = asked != null;
        }
        if (asked != null) {
            Futures.then(owningEpoch(), lane, (owning, failure) -> answered(asked, owning, failure));
        }
    }

    /** The newest that is known to the bucket, and not older than ours. */
    private CompletableFuture<Long> owningEpoch() {
        return manifests
                .newest(RequestCause.MANIFEST)
                .thenApply(
                        newest -> newest.filter(found -> found.epoch() > epoch && ManifestStore.verify(found, sealing))
                                .map(Manifest::epoch)
                                .orElse(epoch));
    }

    private void answered(CompletableFuture<Void> asked, @Nullable Long owning, @Nullable Throwable failure) {
        lane.schedule(PAUSE, this::ask);
        if (owning == null) {
            asked.completeExceptionally(
                    failure == null ? new IllegalStateException("no answer") : Failures.unwrap(failure));
            return;
        }
        if (owning > epoch) {
            health.superseded(owning, epoch);
        }
        asked.complete(null);
    }
}
