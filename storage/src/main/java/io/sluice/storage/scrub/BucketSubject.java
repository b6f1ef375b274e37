package io.sluice.storage.scrub;

import io.sluice.config.SecretSource;
import io.sluice.storage.checkpoint.CheckpointInspection;
import io.sluice.storage.checkpoint.TreeCommittedMap;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.recovery.BucketReplay;
import io.sluice.storage.recovery.UnlockedManifest;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A volume that is scrubbed from its bucket alone. Nothing is written; a gateway may have it open meanwhile. Each {@link
 * #state} looks at the newest manifest, so that what was deleted in between is told from damage.
 */
public final class BucketSubject implements ScrubSubject, AutoCloseable {
    private static final int PAGE_CACHE_PAGES = 256;
    private static final int LIST_LIMIT = 1000;
    /** Nothing is written. */
    private static final int NO_COMPRESSION = 0;

    private final EngineRuntime runtime;
    private final ObjectStore store;
    private final ObjectNames names;
    private final UnlockedManifest unlocked;
    private final SegmentCodec codec;
    private final Lane lane;

    private BucketSubject(
            EngineRuntime runtime, ObjectStore store, ObjectNames names, UnlockedManifest unlocked, Lane lane) {
        this.runtime = runtime;
        this.store = store;
        this.names = names;
        this.unlocked = unlocked;
        this.lane = lane;
        this.codec =
                new SegmentCodec(unlocked.manifest().volume(), unlocked.sealing(), runtime.entropy(), NO_COMPRESSION);
    }

    /** Fails when the newest manifest cannot be read or unlocked: then {@code sluice volume rebuild} is what helps. */
    public static CompletableFuture<BucketSubject> open(
            EngineRuntime runtime, ObjectStore store, ObjectNames names, Optional<SecretSource> passphrase) {
        Lane lane = runtime.backgroundLane("scrub-view-" + names.volumeName());
        return newest(runtime, store, names)
                .thenApplyAsync(
                        manifest -> {
                            try {
                                return new BucketSubject(
                                        runtime,
                                        store,
                                        names,
                                        UnlockedManifest.of(manifest, names, passphrase, runtime.entropy()),
                                        lane);
                            } catch (IOException | SecretSource.SecretUnavailableException failure) {
                                throw new CompletionException(failure);
                            }
                        },
                        lane);
    }

    private static CompletableFuture<Manifest> newest(EngineRuntime runtime, ObjectStore store, ObjectNames names) {
        return new ManifestStore(store, names, runtime.entropy())
                .newest(RequestCause.SCRUB)
                .thenApply(found -> found.orElseThrow(() ->
                        new CompletionException(new VolumeNotFoundException(names.volumeName(), store.describe()))));
    }

    @Override
    public Sealing sealing() {
        return unlocked.sealing();
    }

    @Override
    public SegmentCodec codec() {
        return codec;
    }

    @Override
    public CompletableFuture<State> state() {
        return newest(runtime, store, names)
                .thenApply(newest -> ManifestStore.verify(newest, sealing()) ? newest : unlocked.manifest())
                .thenCompose(manifest -> lastSegment(manifest).thenApply(last -> new State(manifest, last)));
    }

    /** By the rules of an opening; when a header on the way is damaged, by the numbers alone. */
    private CompletableFuture<Long> lastSegment(Manifest manifest) {
        long covered = manifest.checkpoint().coversSegment();
        return headers(manifest)
                .thenApply(headers -> covered + headers.size())
                .exceptionallyCompose(failure -> ScrubInventory.isDamage(Failures.unwrap(failure))
                        ? consecutive(covered, names.segment(covered))
                        : CompletableFuture.failedFuture(Failures.unwrap(failure)));
    }

    private CompletableFuture<List<SegmentHeader>> headers(Manifest manifest) {
        SegmentStore segments = new SegmentStore(store, names, codec, runtime.background());
        return new BucketReplay(store, names, segments, lane)
                .find(manifest.checkpoint())
                .thenApply(BucketReplay.Found::headers);
    }

    private CompletableFuture<Long> consecutive(long last, @Nullable String after) {
        return store.list(names.segmentPrefix(), after, LIST_LIMIT, RequestCause.SCRUB)
                .thenCompose((ObjectPage page) -> {
                    long end = last;
                    for (ObjectHead head : page.objects()) {
                        if (!head.key().equals(names.segment(end + 1))) {
                            return CompletableFuture.completedFuture(end);
                        }
                        end++;
                    }
                    return page.more() ? consecutive(end, names.segment(end)) : CompletableFuture.completedFuture(end);
                });
    }

    @Override
    public CheckpointInspection checkpoint(Manifest manifest) {
        return new CheckpointInspection(
                manifest.volume(), sealing(), manifest.checkpoint(), store, names::checkpoint, lane);
    }

    @Override
    public CompletableFuture<Void> eachPlacement(PlacementVisitor visitor) {
        return newest(runtime, store, names)
                .thenCompose(manifest -> headers(manifest)
                        .handle((headers, failure) -> {
                            if (failure == null) {
                                return headers;
                            }
                            Throwable cause = Failures.unwrap(failure);
                            if (!ScrubInventory.isDamage(cause)) {
                                throw new CompletionException(cause);
                            }
                            visitor.unknown(
                                    0,
                                    manifest.sizeBytes() >>> 12,
                                    "the header of a segment behind the checkpoint cannot be read, the volume cannot be opened"
                                            + " as it is: " + cause.getMessage());
                            return List.<SegmentHeader>of();
                        })
                        .thenComposeAsync(headers -> walk(manifest, headers, visitor), lane));
    }

    private CompletableFuture<Void> walk(Manifest manifest, List<SegmentHeader> headers, PlacementVisitor visitor) {
        TreeCommittedMap map = new TreeCommittedMap(
                manifest.volume(),
                manifest.sizeBytes(),
                manifest.checkpoint(),
                store,
                names::checkpoint,
                sealing(),
                lane,
                PAGE_CACHE_PAGES);
        headers.forEach(map::commit);
        return new PlacementWalk(map, lane, manifest.sizeBytes(), visitor).start();
    }

    @Override
    public int cached(long frameKey) {
        return -1;
    }

    @Override
    public boolean hostsWait() {
        return false;
    }

    /** Forgets the key. */
    @Override
    public void close() {
        codec.close();
        VolumeKey key = unlocked.key();
        if (key != null) {
            key.close();
        }
    }
}
