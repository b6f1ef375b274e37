package io.sluice.storage.engine;

import io.sluice.storage.checkpoint.CheckpointInspection;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.scrub.PlacementWalk;
import io.sluice.storage.scrub.ScrubSubject;
import io.sluice.storage.segment.SegmentCodec;
import java.util.concurrent.CompletableFuture;

/** An open volume as the scrub sees it. Thread-safe. */
final class OpenVolumeSubject implements ScrubSubject {
    private final VolumeParts parts;
    private final ManifestKeeper manifests;
    private final VolumeCore core;

    OpenVolumeSubject(VolumeParts parts, ManifestKeeper manifests, VolumeCore core) {
        this.parts = parts;
        this.manifests = manifests;
        this.core = core;
    }

    @Override
    public Sealing sealing() {
        return parts.sealing();
    }

    @Override
    public SegmentCodec codec() {
        return parts.codec();
    }

    @Override
    public CompletableFuture<State> state() {
        return CompletableFuture.supplyAsync(
                () -> new State(manifests.current(), parts.committed().lastSegment()), parts.lane());
    }

    @Override
    public CheckpointInspection checkpoint(Manifest manifest) {
        return new CheckpointInspection(
                manifest.volume(),
                parts.sealing(),
                manifest.checkpoint(),
                parts.store(),
                parts.names()::checkpoint,
                parts.lane());
    }

    @Override
    public CompletableFuture<Void> eachPlacement(PlacementVisitor visitor) {
        return state().thenCompose(state -> new PlacementWalk(
                        parts.committed(), parts.lane(), state.manifest().sizeBytes(), visitor)
                .start());
    }

    @Override
    public int cached(long frameKey) {
        return parts.cache().contains(frameKey) ? 1 : 0;
    }

    @Override
    public boolean hostsWait() {
        return core.underWay() > 0;
    }
}
