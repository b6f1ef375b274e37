package io.sluice.storage.engine;

import io.sluice.config.ByteSize;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.manifest.IdentityCopies;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumeDescription;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an open volume larger.
 *
 * <pre>
 *   asked ──▶ manifest with the new size durable ──▶ committed mapping knows it ──▶ ports take it ──▶ told
 * </pre>
 *
 * <ol>
 *   <li>Ordering rule: no block behind the old end is written before the manifest with the new size is durable. So a
 *       recovery never meets a block outside of the volume, and a crash leaves the old size with nothing behind it, or
 *       the new one.
 *   <li>Sizes are granted in the order they are asked for, and none is smaller than one granted before, so the manifest's
 *       size never goes down.
 *   <li>What was never written reads as zeros: nothing else changes, whatever the sizes.
 * </ol>
 *
 * Confined to the volume's lane, apart from {@link #grow} and {@link #description}.
 */
final class VolumeGrowth {
    private static final Logger log = LoggerFactory.getLogger(VolumeGrowth.class);

    private final Lane lane;
    private final VolumeHealth health;
    private final ManifestKeeper manifests;
    private final CommittedMap committed;
    private final LongConsumer ports;
    private final IdentityCopies identity;
    private volatile VolumeDescription description;
    /** The largest size that was granted, whether its manifest is durable already or not. */
    private long grantedBytes;

    /** {@code ports} is told each new size once the volume has it. */
    VolumeGrowth(VolumeParts parts, ManifestKeeper manifests, VolumeDescription description, LongConsumer ports) {
        this.lane = parts.lane();
        this.health = parts.health();
        this.manifests = manifests;
        this.committed = parts.committed();
        this.ports = ports;
        this.identity = new IdentityCopies(parts.store(), parts.names());
        this.description = description;
        this.grantedBytes = description.sizeBytes();
    }

    /** With the size that is durable now. Any thread. */
    VolumeDescription description() {
        return description;
    }

    /** See {@link io.sluice.storage.volume.Volume#grow}. Any thread. */
    CompletableFuture<VolumeDescription> grow(long sizeBytes) {
        CompletableFuture<VolumeDescription> result = new CompletableFuture<>();
        lane.execute(() -> begin(sizeBytes, result));
        return result;
    }

    private void begin(long sizeBytes, CompletableFuture<VolumeDescription> result) {
        String refusal = refusal(sizeBytes);
        if (refusal != null) {
            result.completeExceptionally(new IOException(refusal));
            return;
        }
        if (sizeBytes == description.sizeBytes()) {
            result.complete(description);
            return;
        }
        grantedBytes = sizeBytes;
        Futures.then(manifests.update(next -> next.sizeBytes(sizeBytes)), lane, (manifest, failure) -> {
            if (manifest == null) {
                result.completeExceptionally(failure);
            } else {
                var unused = identity.write(manifest, IdentityCopies.KEPT, RequestCause.MANIFEST); // tells by itself
                take(sizeBytes, result);
            }
        });
    }

    private @Nullable String refusal(long sizeBytes) {
        IoFailure closed = health.refusal();
        if (closed != null) {
            return "volume " + description.name() + " cannot grow: " + closed.message();
        }
        if (sizeBytes < grantedBytes) {
            return "volume " + description.name() + " has " + new ByteSize(grantedBytes)
                    + " and cannot become smaller (" + new ByteSize(Math.max(0, sizeBytes)) + "): data could be lost";
        }
        if (sizeBytes % BlockGeometry.BLOCK_BYTES != 0 || sizeBytes > Volumes.SIZE_BYTES_MAX) {
            return "a volume's size is a multiple of 4 KiB, up to 1 PiB; not " + sizeBytes + " bytes";
        }
        return null;
    }

    private void take(long sizeBytes, CompletableFuture<VolumeDescription> result) {
        VolumeDescription before = description;
        committed.grow(sizeBytes);
        ports.accept(sizeBytes);
        description = new VolumeDescription(
                before.id(), before.name(), sizeBytes, before.logicalBlockBytes(), before.encrypted(), before.epoch());
        log.info(
                "volume {}: grown from {} to {}",
                before.name(),
                new ByteSize(before.sizeBytes()),
                new ByteSize(sizeBytes));
        result.complete(description);
    }
}
