package io.sluice.storage.engine;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes checkpoints and deletes what none of the kept manifests reaches any more.
 *
 * <p>Ordering rules: 1. a checkpoint's objects are durable before the manifest that names its root; 2. an object is
 * deleted only when it was dead at the checkpoint before the newest one already, so that neither of the two reaches it,
 * and manifests that may point further back are removed first; 3. a segment is deleted only when no segment committed since,
 * no record of the journal and no copy under way refers to it ({@link PendingReferences}).
 *
 * <p>Confined to the volume's lane, apart from {@link #mappedBytes}. One checkpoint at a time.
 */
final class Checkpointer {
    private static final Logger log = LoggerFactory.getLogger(Checkpointer.class);
    /** Extents since the last checkpoint that are worth writing one before its time. */
    private static final long PENDING_BYTES_MAX = 64L << 20;

    private final String volumeName;
    private final VolumeSettings.Checkpoint settings;
    private final Lane lane;
    private final CommittedMap committed;
    private final ManifestKeeper manifests;
    private final ManifestStore manifestStore;
    private final ObjectStore store;
    private final ObjectNames names;
    private final VolumeHealth health;
    private final PendingReferences references;
    private boolean running;
    private int failures;
    private @Nullable Cancellable timer;
    private final List<Runnable> idleTasks = new ArrayList<>();
    private CompletableFuture<?> tidying = CompletableFuture.completedFuture(null);
    private long previousRootManifest;
    private volatile long mappedBytes;
    private boolean wanted;
    private boolean writtenOnWish;
    private Runnable afterAdoption = () -> {};
    private Runnable afterFailure = () -> {};
    private Consumer<Set<Long>> afterDeletion = segments -> {};

    Checkpointer(VolumeParts parts, ManifestKeeper manifests) {
        this.volumeName = parts.settings().name();
        this.settings = parts.settings().checkpoint();
        this.lane = parts.lane();
        this.committed = parts.committed();
        this.manifests = manifests;
        this.manifestStore = parts.manifests();
        this.store = parts.store();
        this.names = parts.names();
        this.health = parts.health();
        this.references = parts.references();
        this.previousRootManifest = parts.manifest().number();
        countMapped();
    }

    /**
     * Bytes of live blocks; on any thread. What a commit unmaps or replaces is taken off by the checkpoint that follows: only
     * there it is known which blocks were live.
     */
    long mappedBytes() {
        return mappedBytes;
    }

    private void countMapped() {
        mappedBytes = committed.usage().liveBlocks() << BlockGeometry.BLOCK_SHIFT;
    }

    /** A segment was committed. */
    void noteCommit() {
        countMapped();
        if (running) {
            return;
        }
        if (committed.pendingSegments() >= settings.segments() || committed.pendingBytes() >= PENDING_BYTES_MAX) {
            begin();
        } else if (timer == null) {
            timer = lane.schedule(settings.interval(), this::begin);
        }
    }

    /**
     * {@code adopted} runs after each new checkpoint, {@code failed} when one failed and may have left objects, {@code
     * deleted} when segments were deleted; on the lane.
     */
    void listen(Runnable adopted, Runnable failed, Consumer<Set<Long>> deleted) {
        afterAdoption = adopted;
        afterFailure = failed;
        afterDeletion = deleted;
    }

    /** Writes a checkpoint soon, also without new segments: what is dead can be deleted then. */
    void want() {
        wanted = true;
        begin();
    }

    private void begin() {
        cancelTimer();
        if (!running && health.state() == VolumeHealth.State.OPEN && (wanted || committed.pendingSegments() > 0)) {
            var unused = write(); // ended() tells and tries again
        }
    }

    /** Writes one now; completes when the manifest names it. Fails when it could not be written. */
    CompletableFuture<Manifest> write() {
        running = true;
        writtenOnWish = wanted;
        wanted = false;
        cancelTimer();
        CompletableFuture<Manifest> result = new CompletableFuture<>();
        Futures.then(committed.write(), lane, (root, failure) -> written(root, failure, result));
        return result;
    }

    private void written(
            @Nullable CheckpointRoot root, @Nullable Throwable failure, CompletableFuture<Manifest> result) {
        if (root == null) {
            ended(failure, result, null);
            return;
        }
        Futures.then(manifests.update(next -> next.checkpoint(root)), lane, (manifest, conflict) -> {
            if (manifest == null) {
                committed.abandon(root);
            } else {
                List<Long> segments = committed.deadSegments();
                List<Long> checkpoints = committed.deadCheckpointObjects();
                committed.adopt(root);
                segments.retainAll(new HashSet<>(committed.deadSegments()));
                segments.removeIf(references::isHeld);
                countMapped();
                tidy(manifest, segments, checkpoints);
            }
            ended(conflict, result, manifest);
            if (manifest != null) {
                afterAdoption.run();
            }
        });
    }

    private void ended(@Nullable Throwable failure, CompletableFuture<Manifest> result, @Nullable Manifest manifest) {
        running = false;
        List<Runnable> waiting = List.copyOf(idleTasks);
        idleTasks.clear();
        waiting.forEach(lane::execute);
        if (manifest != null) {
            failures = 0;
            result.complete(manifest);
            if (wanted) {
                begin();
            } else if (committed.pendingSegments() > 0) {
                noteCommit();
            }
            return;
        }
        failures++;
        wanted |= writtenOnWish;
        afterFailure.run();
        String why = failure == null ? "no manifest" : String.valueOf(failure.getMessage());
        log.warn("volume {}: a checkpoint could not be written (it will be tried again): {}", volumeName, why);
        if (timer == null && health.state() == VolumeHealth.State.OPEN) {
            timer = lane.schedule(Backoff.after(failures), this::begin);
        }
        result.completeExceptionally(failure == null ? new IllegalStateException("no manifest") : failure);
    }

    /**
     * Deletes what was dead at the checkpoint before {@code newest} already, after the manifests that may point further
     * back: the oldest that is kept is the first that named that checkpoint (or the one of this opening).
     */
    private void tidy(Manifest newest, List<Long> segments, List<Long> checkpoints) {
        int kept = Math.toIntExact(newest.number() - previousRootManifest + 1);
        previousRootManifest = newest.number();
        List<String> keys = new ArrayList<>();
        segments.forEach(number -> keys.add(names.segment(number)));
        checkpoints.forEach(number -> keys.add(names.checkpoint(number)));
        if (keys.isEmpty()) {
            return;
        }
        CompletableFuture<Void> deletion =
                manifestStore.prune(newest.number(), kept).thenCompose(done -> store.delete(keys, RequestCause.GC));
        tidying = deletion;
        Futures.then(deletion, lane, (done, failure) -> deleted(segments, checkpoints, failure));
    }

    /** Completes when nothing is being deleted at the moment; may fail. */
    CompletableFuture<?> tidied() {
        return tidying;
    }

    private void deleted(List<Long> segments, List<Long> checkpoints, @Nullable Throwable failure) {
        if (failure == null) {
            committed.forget(segments, checkpoints);
            afterDeletion.accept(Set.copyOf(segments));
            log.debug(
                    "volume {}: {} segments and {} checkpoint objects deleted",
                    volumeName,
                    segments.size(),
                    checkpoints.size());
        } else {
            log.warn(
                    "volume {}: dead objects could not be deleted (tried again later): {}",
                    volumeName,
                    failure.getMessage());
        }
    }

    /** No more checkpoints by themselves. */
    void stop() {
        cancelTimer();
    }

    /** Runs {@code task} on the lane as soon as no checkpoint is being written. */
    void whenIdle(Runnable task) {
        if (running) {
            idleTasks.add(task);
        } else {
            task.run();
        }
    }

    /** The volume was opened: what recovery folded in is pending. */
    void noteOpened() {
        if (committed.pendingSegments() > 0) {
            noteCommit();
        }
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
