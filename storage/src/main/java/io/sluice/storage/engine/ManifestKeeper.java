package io.sluice.storage.engine;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.Failures;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestBuilder;
import io.sluice.storage.manifest.ManifestConflictException;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the newest manifest of the opened volume and makes the next ones, one at a time. Who loses the compare-and-swap
 * has been superseded. Confined to the volume's lane.
 *
 * <ol>
 *   <li>Changes that wait while a manifest is put go together into the next one, in the order in which they came.
 *   <li>An edit is asked when its manifest is composed, not before, and not again when the put is tried again: a manifest
 *       whose put may have succeeded already must not change.
 *   <li>A new change does not wait for the end of a pause between tries.
 * </ol>
 */
final class ManifestKeeper {
    private static final Logger log = LoggerFactory.getLogger(ManifestKeeper.class);
    private final ManifestStore store;
    private final Sealing sealing;
    private final Lane lane;
    private final VolumeHealth health;
    private final EngineRuntime runtime;
    private final SeriesCheck series;
    private final Consumer<Manifest> whenMade;
    private final ArrayDeque<Change> changes = new ArrayDeque<>();
    private Manifest current;
    private boolean busy;
    private int failures;
    private @Nullable Pause pause;

    /** {@code whenMade} is told each new manifest, on the lane. */
    ManifestKeeper(VolumeParts parts, SeriesCheck series, Consumer<Manifest> whenMade) {
        this.series = series;
        this.whenMade = whenMade;
        this.store = parts.manifests();
        this.sealing = parts.sealing();
        this.lane = parts.lane();
        this.runtime = parts.runtime();
        this.health = parts.health();
        this.current = parts.manifest();
    }

    private record Change(UnaryOperator<ManifestBuilder> edit, CompletableFuture<Manifest> result) {}

    /** Before the next try. */
    private record Pause(Cancellable timer, Runnable nextTry) {}

    Manifest current() {
        Invariant.check(lane.isCurrent(), "the manifest is confined to the volume's lane");
        return current;
    }

    /**
     * Makes the next manifest from the newest one by {@code edit}. Fails when the volume was fenced; an outage only makes
     * it take longer, unless the volume stops meanwhile.
     */
    CompletableFuture<Manifest> update(UnaryOperator<ManifestBuilder> edit) {
        CompletableFuture<Manifest> result = new CompletableFuture<>();
        changes.add(new Change(edit, result));
        Pause pausing = pause;
        if (pausing == null) {
            next();
        } else {
            pausing.timer.cancel();
            pausing.nextTry.run();
        }
        return result;
    }

    private void next() {
        IoFailure over = health.stopReason();
        while (over != null && !changes.isEmpty()) {
            changes.remove().result.completeExceptionally(new IOException(over.message()));
        }
        if (!busy && !changes.isEmpty()) {
            busy = true;
            List<Change> batch = List.copyOf(changes);
            changes.clear();
            ManifestBuilder composed = current.next();
            for (Change change : batch) {
                composed = change.edit.apply(composed);
            }
            // The tag stays the same over all tries, so that an earlier success whose reply got lost is recognised.
            Manifest wanted = composed.writtenMillis(runtime.clock().wallTime().toEpochMilli())
                    .attemptTag(runtime.entropy().nextLong() | 1)
                    .build();
            put(batch, wanted);
        }
    }

    /** Looks whether the newest manifest is still there, and ours; stops the volume when it is known not to be. */
    void look() {
        Futures.then(
                series.manifestIsThere(current).thenCompose(there -> series.ownerIsKnown()),
                lane,
                (there, failure) -> stopWhenSetBack(failure));
    }

    private void stopWhenSetBack(@Nullable Throwable failure) {
        if (failure != null && Failures.unwrap(failure) instanceof SeriesCheck.SetBackException setBack) {
            health.failed(String.valueOf(setBack.getMessage()), setBack);
        }
    }

    private void put(List<Change> batch, Manifest wanted) {
        pause = null;
        Futures.then(
                series.manifestIsThere(current)
                        .thenCompose(there -> store.create(wanted, sealing, RequestCause.MANIFEST)),
                lane,
                (made, failure) -> ended(batch, wanted, made, failure));
    }

    /** Checkpoints remove what is older than their roots; without any, changes of reservations alone would pile up. */
    private void prune(long newest) {
        if (newest % ManifestStore.KEPT_MAX == 0) {
            Futures.then(store.prune(newest, ManifestStore.KEPT_MAX), lane, (done, failure) -> {
                if (failure != null) {
                    log.debug(
                            "older manifests than {} stay for now: {}",
                            newest - ManifestStore.KEPT_MAX,
                            failure.getMessage());
                }
            });
        }
    }

    private void ended(List<Change> batch, Manifest wanted, @Nullable Manifest made, @Nullable Throwable failure) {
        if (made != null) {
            failures = 0;
            health.recovered();
            current = made;
            busy = false;
            whenMade.accept(made);
            prune(made.number());
            batch.forEach(change -> change.result.complete(made));
            next();
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ManifestConflictException conflict) {
            health.superseded(conflict.winner().epoch(), current.epoch());
        }
        stopWhenSetBack(cause);
        if (health.stopReason() != null) {
            busy = false;
            Throwable reason = cause == null ? new IllegalStateException("the volume stopped") : cause;
            batch.forEach(change -> change.result.completeExceptionally(reason));
            next();
        } else {
            failures++;
            health.degraded(String.valueOf(cause == null ? null : cause.getMessage()));
            Runnable nextTry = () -> put(batch, wanted);
            pause = new Pause(lane.schedule(Backoff.after(failures), nextTry), nextTry);
        }
    }
}
