package io.sluice.storage.rebuild;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.IdentityCopies;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestBuilder;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.recovery.BucketReplay;
import io.sluice.storage.recovery.FencePlacer;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Writes what was rebuilt. Ordering rules: 1. the checkpoint's objects, 2. the manifest that names it and raises the epoch, 3. the
 * fence. Until 2 the volume is what it was; from 2 on it opens with the new mapping, whether 3 was reached or not.
 */
final class RebuildWriting {
    private final EngineRuntime runtime;
    private final ObjectStore store;
    private final ObjectNames names;
    private final Lane lane;
    private final OverlayStore overlay;

    RebuildWriting(EngineRuntime runtime, ObjectStore store, ObjectNames names, Lane lane, OverlayStore overlay) {
        this.runtime = runtime;
        this.store = store;
        this.names = names;
        this.lane = lane;
        this.overlay = overlay;
    }

    /** Whether the owner in the manifest is the last one there was, so that its local journal may be replayed. */
    static boolean keepsOwner(VolumeRebuild.Examined examined) {
        return examined.identity().newestIsSound()
                || (examined.identity().manifest().epoch() > 0
                        && examined.identity().manifest().epoch()
                                >= examined.series().judge().newestSeenEpoch());
    }

    CompletableFuture<RebuildReport.Written> write(VolumeRebuild.Examined examined) {
        ManifestStore manifests = new ManifestStore(store, names, runtime.entropy());
        CheckpointRoot root = examined.fold().root();
        long objects = overlay.objects();
        return overlay.publish()
                .thenComposeAsync(
                        done -> manifests.create(
                                manifest(examined),
                                examined.identity().unlocked().sealing(),
                                RequestCause.ADMIN),
                        lane)
                .thenComposeAsync(
                        made -> fence(examined, root, made)
                                .thenCompose(fence -> new IdentityCopies(store, names)
                                        .write(made, IdentityCopies.KEPT, RequestCause.ADMIN)
                                        .thenApply(done -> new RebuildReport.Written(
                                                made.number(), made.epoch(), fence, objects))),
                        lane);
    }

    private Manifest manifest(VolumeRebuild.Examined examined) {
        FoundIdentity identity = examined.identity();
        long leap = identity.newestIsSound() ? 0 : VolumeRebuild.LEAP;
        long epoch = Math.max(identity.epochMax(), examined.series().judge().newestSeenEpoch()) + 1 + leap;
        ManifestBuilder next = identity.manifest().toBuilder()
                .number(identity.numberMax() + 1 + leap)
                .sizeBytes(examined.sizeBytes())
                .epoch(epoch)
                .fenceSegment(0)
                .checkpoint(examined.fold().root())
                .writtenMillis(runtime.clock().wallTime().toEpochMilli())
                .attemptTag(runtime.entropy().nextLong() | 1);
        if (!identity.newestIsSound()) {
            next.reservations(ByteBuffer.allocate(0)).clean(true);
        }
        if (!keepsOwner(examined)) {
            next.owner(runtime.entropy().uuid()).ownerEpoch(epoch).ownerSinceEpoch(epoch);
        }
        return next.build();
    }

    private CompletableFuture<Long> fence(VolumeRebuild.Examined examined, CheckpointRoot root, Manifest made) {
        BucketReplay replay = new BucketReplay(store, names, examined.segments(), lane);
        FencePlacer placer = new FencePlacer(root, examined.codec(), examined.segments(), replay, lane);
        return replay.find(root)
                .thenComposeAsync(found -> placer.place(found, root.sequence(), made.epoch()), lane)
                .thenApply(placed ->
                        placed.headers().get(placed.headers().size() - 1).number());
    }
}
