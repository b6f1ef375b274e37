package io.sluice.storage.inspection;

import io.sluice.config.SecretSource;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.recovery.BucketEnd;
import io.sluice.storage.recovery.BucketReplay;
import io.sluice.storage.recovery.UnlockedManifest;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Opens a {@link BucketVolume}. The newest manifest is read again at the end: when a gateway has gone on so far meanwhile
 * that objects could have been deleted under our listing, or something was missing, the opening begins anew.
 *
 * <p>One instance opens one view once, on a lane of its own, which becomes the view's.
 */
final class ViewOpening {
    private static final int ATTEMPTS_MAX = 10;
    /** Compression is not used: nothing is written. */
    private static final int NO_COMPRESSION = 0;

    private final VolumeAccess access;
    private final ViewedPoint point;
    private final int mapPages;
    private final Lane lane;
    private final ManifestStore manifests;

    ViewOpening(VolumeAccess access, ViewedPoint point, int mapPages) {
        this.access = access;
        this.point = point;
        this.mapPages = mapPages;
        this.lane = access.runtime().blockingLane("view-" + access.volume());
        this.manifests = new ManifestStore(
                access.store(), access.names(), access.runtime().entropy());
    }

    CompletableFuture<BucketVolume> run() {
        return attempt(1);
    }

    private CompletableFuture<BucketVolume> attempt(int attempt) {
        return manifest()
                .thenApplyAsync(this::unlock, lane)
                .thenComposeAsync(unlocked -> view(unlocked, attempt), lane);
    }

    private CompletableFuture<Manifest> manifest() {
        if (point.manifest().isPresent()) {
            return manifests.read(point.manifest().getAsLong(), RequestCause.ADMIN);
        }
        return manifests
                .newest(RequestCause.ADMIN)
                .thenApply(found -> found.orElseThrow(() -> new CompletionException(new VolumeNotFoundException(
                        access.volume(), access.store().describe()))));
    }

    private UnlockedManifest unlock(Manifest manifest) {
        try {
            return UnlockedManifest.of(
                    manifest,
                    access.names(),
                    access.passphrase(),
                    access.runtime().entropy());
        } catch (IOException | SecretSource.SecretUnavailableException failure) {
            throw new CompletionException(failure);
        }
    }

    private CompletableFuture<BucketVolume> view(UnlockedManifest unlocked, int attempt) {
        SegmentCodec codec = new SegmentCodec(
                unlocked.manifest().volume(),
                unlocked.sealing(),
                access.runtime().entropy(),
                NO_COMPRESSION);
        return segments(unlocked.manifest(), codec)
                .thenComposeAsync(
                        found -> {
                            BucketVolume view = new BucketVolume(access, point, unlocked, codec, found, lane, mapPages);
                            return view.map().load().thenApply(loaded -> view);
                        },
                        lane)
                .handleAsync(
                        (view, failure) -> new Outcome(Optional.ofNullable(view), Optional.ofNullable(failure)), lane)
                .thenComposeAsync(outcome -> judge(unlocked, codec, outcome, attempt), lane);
    }

    private record Outcome(Optional<BucketVolume> view, Optional<Throwable> failure) {}

    private CompletableFuture<BucketReplay.Found> segments(Manifest manifest, SegmentCodec codec) {
        if (point.checkpointOnly()) {
            return CompletableFuture.completedFuture(
                    new BucketReplay.Found(List.of(), 0, BucketEnd.of(manifest.checkpoint())));
        }
        SegmentStore segments = new SegmentStore(
                access.store(), access.names(), codec, access.runtime().workers());
        return new BucketReplay(access.store(), access.names(), segments, lane).find(manifest.checkpoint());
    }

    /** A view of the newest state counts only when no gateway had deleted anything of it before it was complete. */
    private CompletableFuture<BucketVolume> judge(
            UnlockedManifest unlocked, SegmentCodec codec, Outcome outcome, int attempt) {
        if (outcome.failure().isPresent() && !mayBeGone(outcome.failure().get())) {
            return fail(unlocked, codec, outcome);
        }
        if (point.manifest().isPresent()) {
            return outcome.view().isPresent()
                    ? CompletableFuture.completedFuture(outcome.view().get())
                    : fail(unlocked, codec, outcome);
        }
        return manifests
                .newest(RequestCause.ADMIN)
                .thenComposeAsync(
                        newest -> {
                            boolean behind = newest.isPresent()
                                    && ManifestStore.verify(newest.get(), unlocked.sealing())
                                    && BucketVolume.isBehind(
                                            unlocked.manifest().checkpoint(),
                                            newest.get().checkpoint());
                            if (behind && attempt < ATTEMPTS_MAX) {
                                close(unlocked, codec);
                                return attempt(attempt + 1);
                            }
                            return outcome.view().isPresent()
                                    ? CompletableFuture.completedFuture(
                                            outcome.view().get())
                                    : fail(unlocked, codec, outcome);
                        },
                        lane);
    }

    /** An object is missing, also as the cause why a page of the checkpoint could not be read. */
    private static boolean mayBeGone(Throwable failure) {
        Throwable what = Failures.unwrap(failure);
        Throwable why = what instanceof DamagedObjectException && what.getCause() != null ? what.getCause() : what;
        ObjectStoreException store = ObjectStoreException.find(why);
        return store != null && store.kind() == ObjectStoreException.Kind.NOT_FOUND;
    }

    private static CompletableFuture<BucketVolume> fail(
            UnlockedManifest unlocked, SegmentCodec codec, Outcome outcome) {
        close(unlocked, codec);
        return CompletableFuture.failedFuture(Failures.unwrap(
                outcome.failure().orElseGet(() -> new IllegalStateException("neither view nor failure"))));
    }

    private static void close(UnlockedManifest unlocked, SegmentCodec codec) {
        codec.close();
        if (unlocked.key() != null) {
            unlocked.key().close();
        }
    }
}
