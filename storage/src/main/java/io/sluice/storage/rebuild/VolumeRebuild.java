package io.sluice.storage.rebuild;

import io.sluice.config.SecretSource;
import io.sluice.storage.checkpoint.CheckpointInspection;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.SeriesFold;
import io.sluice.storage.checkpoint.TreeCommittedMap;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes the index (a checkpoint) and the manifest of a volume anew, from its segments alone.
 *
 * <pre>
 *   identity ─▶ headers ─▶ what counts ─▶ fold, in memory ─▶ compare ─▶ report ─▶ asked ─▶ checkpoint ─▶ manifest ─▶ fence
 * </pre>
 *
 * <ol>
 *   <li>Nothing is written before the caller has approved of the report; nothing is ever deleted or put over something else,
 *       an orphan excepted that stands where the fence goes, as at any opening.
 *   <li>The checkpoint is durable before the manifest that names it, and the manifest before the fence: after an interruption
 *       the volume is as before, or it opens with the new mapping.
 *   <li>Number and epoch of the manifest are greater than anything seen. Without a sound newest manifest they leap far ahead,
 *       because a gateway that still runs may have used greater ones that got lost.
 *   <li>An error is not an absence: when the store cannot be read, nothing is decided.
 * </ol>
 *
 * Used once. On its own lane, which may block.
 */
public final class VolumeRebuild {
    /** Above everything that got lost. */
    static final long LEAP = 1L << 20;

    private static final int MAP_CACHE_PAGES = 256;
    /** Of 16 MiB of address space each, 90 KiB: about 180 MiB. */
    private static final int FOLD_PAGES = 2048;
    /** Checkpoint objects that are looked through for a root, from the newest on. */
    private static final int ROOTS_LOOKED_FOR = 8;
    /** Compression is not used: no block is written. */
    private static final int NO_COMPRESSION = 0;

    private final EngineRuntime runtime;
    private final ObjectStore store;
    private final ObjectNames names;
    private final Optional<SecretSource> passphrase;
    private final RebuildOptions options;
    private final Predicate<RebuildReport> approve;
    private final Consumer<String> told;
    private final Lane lane;
    private final OverlayStore overlay;

    /**
     * Of the volume that {@code names} names.
     *
     * @param approve is shown the report, and says whether to write; not asked in a dry run or when the report holds refusals
     * @param told hears what is being done, one sentence at a time
     */
    public VolumeRebuild(
            EngineRuntime runtime,
            ObjectStore store,
            ObjectNames names,
            Optional<SecretSource> passphrase,
            RebuildOptions options,
            Predicate<RebuildReport> approve,
            Consumer<String> told) {
        this.runtime = runtime;
        this.store = store;
        this.names = names;
        this.passphrase = passphrase;
        this.options = options;
        this.approve = approve;
        this.told = told;
        this.lane = runtime.blockingLane("rebuild-" + names.volumeName());
        this.overlay = new OverlayStore(store);
    }

    /** Everything that was found out. */
    record Examined(
            FoundIdentity identity,
            SegmentCodec codec,
            SegmentStore segments,
            RebuiltSeries series,
            SeriesFold.Result fold,
            TreeCommittedMap map,
            long sizeBytes) {}

    /**
     * Works it out, asks, writes. The report says whether it was written. Fails with the messages of an opening when identity
     * or key cannot be had, and when the store cannot be read.
     */
    public CompletableFuture<RebuildReport> run() {
        told.accept("looking for manifest and key");
        return new IdentitySearch(store, names, passphrase, runtime.entropy(), lane)
                .run()
                .thenComposeAsync(
                        identity -> {
                            SegmentCodec codec = new SegmentCodec(
                                    identity.manifest().volume(),
                                    identity.unlocked().sealing(),
                                    runtime.entropy(),
                                    NO_COMPRESSION);
                            return examine(identity, codec)
                                    .thenComposeAsync(this::reportAndWrite, lane)
                                    .whenComplete((report, failure) -> forget(identity, codec));
                        },
                        lane);
    }

    private static void forget(FoundIdentity identity, SegmentCodec codec) {
        codec.close();
        VolumeKey key = identity.unlocked().key();
        if (key != null) {
            key.close();
        }
    }

    private CompletableFuture<Examined> examine(FoundIdentity identity, SegmentCodec codec) {
        SegmentStore segments = new SegmentStore(store, names, codec, runtime.workers());
        SegmentSurvey survey = new SegmentSurvey(store, names, codec, segments, lane);
        return committed(identity)
                .thenComposeAsync(
                        committed -> survey.list()
                                .thenComposeAsync(
                                        listed -> {
                                            told.accept("reading the headers of " + listed.size() + " segments");
                                            return RebuiltSeries.judge(
                                                    survey,
                                                    listed,
                                                    committed,
                                                    identity.newestIsSound(),
                                                    options.tail());
                                        },
                                        lane)
                                .thenComposeAsync(series -> fold(identity, codec, segments, series), lane),
                        lane);
    }

    /** Up to which segment the volume was committed, by manifests and, when the newest is not there, by checkpoints. */
    private CompletableFuture<Long> committed(FoundIdentity identity) {
        long known = identity.committedSegment();
        if (identity.newestIsSound()) {
            return CompletableFuture.completedFuture(known);
        }
        List<ObjectHead> objects = new ArrayList<>();
        return checkpoints(null, objects)
                .thenComposeAsync(done -> newestRoot(identity, objects, objects.size() - 1, ROOTS_LOOKED_FOR), lane)
                .thenApply(covered -> Math.max(known, covered));
    }

    private CompletableFuture<Void> checkpoints(@Nullable String after, List<ObjectHead> found) {
        return store.list(names.checkpointPrefix(), after, 1000, RequestCause.ADMIN)
                .thenCompose(page -> {
                    found.addAll(page.objects());
                    return page.more()
                            ? checkpoints(
                                    page.objects()
                                            .get(page.objects().size() - 1)
                                            .key(),
                                    found)
                            : CompletableFuture.completedFuture(null);
                });
    }

    private CompletableFuture<Long> newestRoot(
            FoundIdentity identity, List<ObjectHead> objects, int at, int triesLeft) {
        if (at < 0 || triesLeft == 0) {
            return CompletableFuture.completedFuture(0L);
        }
        String key = objects.get(at).key();
        return store.get(key, RequestCause.ADMIN)
                .handle((bytes, failure) -> {
                    if (failure == null) {
                        return CheckpointInspection.coveredSegment(
                                identity.manifest().volume(),
                                identity.unlocked().sealing(),
                                names.checkpointNumber(key).orElse(0),
                                bytes);
                    }
                    ObjectStoreException refused = ObjectStoreException.find(failure);
                    if (refused == null || refused.kind() != ObjectStoreException.Kind.NOT_FOUND) {
                        throw new CompletionException(Failures.unwrap(failure));
                    }
                    return null;
                })
                .thenComposeAsync(
                        covered -> covered == null
                                ? newestRoot(identity, objects, at - 1, triesLeft - 1)
                                : CompletableFuture.completedFuture(covered),
                        lane);
    }

    private CompletableFuture<Examined> fold(
            FoundIdentity identity, SegmentCodec codec, SegmentStore segments, RebuiltSeries series) {
        told.accept("making the mapping from " + series.counted() + " segments");
        long sizeBytes = Math.max(identity.sizeBytes(), series.endBytes());
        TreeCommittedMap map = new TreeCommittedMap(
                identity.manifest().volume(),
                sizeBytes,
                CheckpointRoot.EMPTY,
                overlay,
                names::checkpoint,
                identity.unlocked().sealing(),
                lane,
                MAP_CACHE_PAGES);
        return SeriesFold.into(map, series, FOLD_PAGES)
                .thenApply(result -> new Examined(identity, codec, segments, series, result, map, sizeBytes));
    }

    private CompletableFuture<RebuildReport> reportAndWrite(Examined examined) {
        return new RebuildFindings(runtime, store, names, passphrase, options, lane)
                .report(examined)
                .thenComposeAsync(
                        report -> {
                            if (options.dryRun() || !report.refusals().isEmpty() || !approve.test(report)) {
                                return CompletableFuture.completedFuture(report);
                            }
                            told.accept("writing checkpoint, manifest and fence");
                            return new RebuildWriting(runtime, store, names, lane, overlay)
                                    .write(examined)
                                    .thenApply(report::with);
                        },
                        lane);
    }
}
