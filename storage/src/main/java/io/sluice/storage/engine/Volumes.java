package io.sluice.storage.engine;

import io.sluice.config.ByteSize;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.KdfParameters;
import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.IdentityCopies;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestBuilder;
import io.sluice.storage.manifest.ManifestConflictException;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ConditionFallback;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.rebuild.RebuildOptions;
import io.sluice.storage.rebuild.RebuildReport;
import io.sluice.storage.rebuild.VolumeRebuild;
import io.sluice.storage.recovery.EndpointProbe;
import io.sluice.storage.recovery.OperatorWord;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.storage.recovery.VolumeOpener;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.scrub.ScrubOptions;
import io.sluice.storage.scrub.ScrubProgress;
import io.sluice.storage.scrub.ScrubReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates, opens, lists, describes and deletes volumes: the way in for the server and the command line. Thread-safe;
 * futures complete on threads of the engine.
 */
public final class Volumes {
    private static final Logger log = LoggerFactory.getLogger(Volumes.class);
    private static final int LIST_LIMIT = 1000;
    /** Greatest volume size: 1 PiB. */
    public static final long SIZE_BYTES_MAX = 1L << 50;

    private final VolumeEnvironment environment;
    private final EngineRuntime runtime;

    /** Volumes in {@code environment}. */
    public Volumes(VolumeEnvironment environment) {
        this.environment = environment;
        this.runtime = environment.runtime();
    }

    /** Thrown when a volume of the name exists already. */
    public static final class VolumeExistsException extends IOException {
        private static final long serialVersionUID = 1L;

        VolumeExistsException(String name, String store) {
            super("volume \"" + name + "\" exists already in " + store + "; it was not touched");
        }
    }

    /**
     * Creates a volume: identity, key, first manifest. The endpoint is tested first. Fails with {@link
     * VolumeExistsException}; nothing is left behind after a failure, apart from an outcome that stayed open.
     *
     * @param size a multiple of 4096, up to {@link #SIZE_BYTES_MAX}
     * @param logicalBlockBytes 512 or 4096
     */
    public CompletableFuture<Manifest> create(VolumeSettings settings, ByteSize size, int logicalBlockBytes) {
        checkGeometry(size, logicalBlockBytes);
        Lane lane = runtime.blockingLane("create-" + settings.name());
        return withStore(
                settings.store(),
                lane,
                store -> create(settings, new ConditionFallback(store), size, logicalBlockBytes, lane));
    }

    private static void checkGeometry(ByteSize size, int logicalBlockBytes) {
        if (size.bytes() == 0 || size.bytes() % BlockGeometry.BLOCK_BYTES != 0 || size.bytes() > SIZE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a volume's size is a multiple of 4 KiB, from 4 KiB to 1 PiB; not " + size);
        }
        if (logicalBlockBytes != BlockGeometry.SECTOR_BYTES && logicalBlockBytes != BlockGeometry.BLOCK_BYTES) {
            throw new IllegalArgumentException("a logical block is 512 or 4096 bytes; not " + logicalBlockBytes);
        }
    }

    private CompletableFuture<Manifest> create(
            VolumeSettings settings, ConditionFallback store, ByteSize size, int logicalBlockBytes, Lane lane)
            throws SecretSource.SecretUnavailableException {
        ObjectNames names = new ObjectNames(settings.name());
        ManifestStore manifests = new ManifestStore(store, names, runtime.entropy());
        VolumeKey key = settings.encryption().isPresent() ? VolumeKey.generate(runtime.entropy()) : null;
        Sealing sealing = sealingOf(key);
        Manifest first = firstManifest(settings, size, logicalBlockBytes, key);
        return manifests
                .newest(RequestCause.ADMIN)
                .thenComposeAsync(
                        found -> {
                            if (found.isPresent()) {
                                throw new CompletionException(
                                        new VolumeExistsException(settings.name(), store.describe()));
                            }
                            return refuseRemains(store, names.segmentPrefix(), settings.name());
                        },
                        lane)
                .thenCompose(done -> refuseRemains(store, names.checkpointPrefix(), settings.name()))
                .thenCompose(done -> refuseRemains(store, names.identityPrefix(), settings.name()))
                .thenComposeAsync(done -> probe(settings, store, names), lane)
                .thenComposeAsync(done -> manifests.create(first, sealing, RequestCause.ADMIN), lane)
                .thenCompose(made -> new IdentityCopies(store, names)
                        .writeFirst(made, RequestCause.ADMIN)
                        .thenApply(done -> made))
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        Failures.unwrap(failure) instanceof ManifestConflictException
                                ? new VolumeExistsException(settings.name(), store.describe())
                                : failure))
                .whenComplete((manifest, failure) -> {
                    if (key != null) {
                        key.close();
                    }
                });
    }

    private CompletableFuture<Void> probe(VolumeSettings settings, ConditionFallback store, ObjectNames names) {
        return new EndpointProbe(store, probeKey(names), settings.fencing(), runtime.clock())
                .run()
                .thenAccept(result -> {
                    if (!result.conditionalPut()) {
                        store.emulate();
                    }
                    result.warnings().forEach(warning -> log.warn("volume {}: {}", settings.name(), warning));
                });
    }

    /** What is left of a volume that was deleted only in part must not become part of a new one. */
    private static CompletableFuture<Void> refuseRemains(ObjectStore store, String prefix, String name) {
        return store.list(prefix, null, 1, RequestCause.ADMIN).thenAccept(page -> {
            if (!page.objects().isEmpty()) {
                throw new CompletionException(new IOException("there is no volume \"" + name + "\" in "
                        + store.describe() + ", but objects of one ("
                        + page.objects().get(0).key()
                        + "): when it was deleted only in part, delete it again, then create it; when its manifests were"
                        + " lost, bring it back with \"sluice volume rebuild\""));
            }
        });
    }

    private String probeKey(ObjectNames names) {
        return names.prefix() + "probe/" + Long.toHexString(runtime.entropy().nextLong());
    }

    private Sealing sealingOf(@Nullable VolumeKey key) {
        return key == null ? new ChecksumSealing(runtime.entropy()) : new GcmSealing(key, runtime.entropy());
    }

    private Manifest firstManifest(
            VolumeSettings settings, ByteSize size, int logicalBlockBytes, @Nullable VolumeKey key)
            throws SecretSource.SecretUnavailableException {
        long nowMillis = runtime.clock().wallTime().toEpochMilli();
        long identifier = runtime.entropy().nextLong();
        ManifestBuilder builder = Manifest.builder(runtime.entropy().uuid(), settings.name())
                .number(1)
                .createdMillis(nowMillis)
                .sizeBytes(size.bytes())
                .logicalBlockBytes(logicalBlockBytes)
                .serialNumber(String.format(java.util.Locale.ROOT, "%016x", identifier))
                .naaIdentifier(identifier)
                .clean(true)
                .checkpoint(CheckpointRoot.EMPTY)
                .writtenMillis(nowMillis)
                .attemptTag(runtime.entropy().nextLong() | 1);
        if (key != null) {
            Secret passphrase = settings.encryption().orElseThrow().read();
            builder.key(Optional.of(KeyWrapping.wrap(key, passphrase, KdfParameters.DEFAULT, runtime.entropy())));
        }
        return builder.build();
    }

    /** Opens a volume for writing. After a failure nothing stays open or locked. */
    public CompletableFuture<OpenedVolume> open(VolumeSettings settings) {
        long startedNanos = runtime.clock().monotonicNanos();
        Lane lane = runtime.blockingLane("begin-" + settings.name());
        return inLane(lane, () -> {
            LocalDisk disk = environment.disks().open(settings.cacheDirectory());
            try {
                return open(settings, disk, startedNanos)
                        .whenCompleteAsync(
                                (opened, failure) -> {
                                    if (failure != null) {
                                        closeAfter(disk, failure);
                                    }
                                },
                                lane);
            } catch (IOException | RuntimeException failure) {
                closeAfter(disk, failure);
                throw failure;
            }
        });
    }

    private CompletableFuture<OpenedVolume> open(VolumeSettings settings, LocalDisk disk, long startedNanos)
            throws IOException {
        ObjectNames names = new ObjectNames(settings.name());
        LocalDisk journalDisk = disk.directory(VolumeDirectories.JOURNAL);
        Lane lane = runtime.blockingLane("opened-" + settings.name());
        MeteredObjectStore metered = environment.stores().open(settings.store());
        ConditionFallback store = new ConditionFallback(metered);
        VolumeAssembly assembly = new VolumeAssembly(settings, environment, disk, metered, store, names, startedNanos);
        return new VolumeOpener(settings, runtime, disk, journalDisk, store, names, environment.gateway(settings))
                .open()
                .thenCompose(recovered -> assembly.assemble(recovered)
                        .thenCombine(
                                new IdentityCopies(store, names).ensure(recovered.manifest(), RequestCause.RECOVERY),
                                (opened, done) -> opened))
                .whenCompleteAsync(
                        (opened, failure) -> {
                            if (failure != null) {
                                store.close();
                            }
                        },
                        lane);
    }

    private static void closeAfter(LocalDisk disk, Throwable failure) {
        try {
            disk.close();
        } catch (IOException second) {
            failure.addSuppressed(second);
        }
    }

    /**
     * What stands in the way of opening the volume from its cache directory, which must not be open; changes nothing in
     * the bucket.
     */
    public CompletableFuture<VolumeOpener.Obstacles> obstacles(VolumeSettings settings) {
        Lane lane = runtime.blockingLane("look-" + settings.name());
        return withStore(
                settings.store(),
                lane,
                store -> withDisk(settings, lane, disk -> {
                    ObjectNames names = new ObjectNames(settings.name());
                    return new VolumeOpener(
                                    settings,
                                    runtime,
                                    disk,
                                    disk.directory(VolumeDirectories.JOURNAL),
                                    new ConditionFallback(store),
                                    names,
                                    environment.gateway(settings))
                            .examine();
                }));
    }

    /** Leaves an operator's word in the cache directory, which must not be open, for the next opening. */
    public CompletableFuture<Void> allow(VolumeSettings settings, OperatorWord word) {
        Lane lane = runtime.blockingLane("word-" + settings.name());
        return inLane(
                lane,
                () -> withDisk(settings, lane, disk -> {
                    word.write(disk);
                    return CompletableFuture.completedFuture(null);
                }));
    }

    private interface DiskStep<T> {
        CompletableFuture<T> run(LocalDisk disk) throws IOException;
    }

    /** Runs {@code step} with the locked cache directory, which is closed afterwards. */
    private <T> CompletableFuture<T> withDisk(VolumeSettings settings, Lane lane, DiskStep<T> step) throws IOException {
        LocalDisk disk = environment.disks().open(settings.cacheDirectory());
        CompletableFuture<T> begun;
        try {
            begun = step.run(disk);
        } catch (IOException | RuntimeException failure) {
            begun = CompletableFuture.failedFuture(failure);
        }
        return begun.handleAsync(
                (value, failure) -> {
                    try {
                        disk.close();
                    } catch (IOException second) {
                        throw new CompletionException(failure == null ? second : failure);
                    }
                    if (failure != null) {
                        throw new CompletionException(Failures.unwrap(failure));
                    }
                    return value;
                },
                lane);
    }

    /** What the bucket says about a volume. */
    public CompletableFuture<VolumeInfo> info(VolumeSettings settings) {
        Lane lane = runtime.blockingLane("info-" + settings.name());
        return withStore(settings.store(), lane, store -> {
            ObjectNames names = new ObjectNames(settings.name());
            return newest(store, names).thenComposeAsync(manifest -> describe(store, names, manifest), lane);
        });
    }

    private CompletableFuture<Manifest> newest(ObjectStore store, ObjectNames names) {
        return new ManifestStore(store, names, runtime.entropy())
                .newest(RequestCause.ADMIN)
                .thenApply(found -> found.orElseThrow(() ->
                        new CompletionException(new VolumeNotFoundException(names.volumeName(), store.describe()))));
    }

    private static CompletableFuture<VolumeInfo> describe(ObjectStore store, ObjectNames names, Manifest manifest) {
        long[] sums = new long[4];
        return eachObject(store, names.segmentPrefix(), null, object -> {
                    sums[0]++;
                    sums[1] += object.sizeBytes();
                })
                .thenCompose(done -> eachObject(store, names.checkpointPrefix(), null, object -> {
                    sums[2]++;
                    sums[3] += object.sizeBytes();
                }))
                .thenApply(done -> new VolumeInfo(manifest, sums[0], sums[1], sums[2], sums[3]));
    }

    private static CompletableFuture<Void> eachObject(
            ObjectStore store, String prefix, @Nullable String after, java.util.function.Consumer<ObjectHead> visitor) {
        return store.list(prefix, after, LIST_LIMIT, RequestCause.ADMIN).thenCompose((ObjectPage page) -> {
            page.objects().forEach(visitor);
            return page.more()
                    ? eachObject(store, prefix, lastKey(page), visitor)
                    : CompletableFuture.completedFuture(null);
        });
    }

    /** The names of the volumes in the store of {@code settings} (whose own name does not matter), ascending. */
    public CompletableFuture<List<String>> list(io.sluice.config.StoreSettings settings) {
        Lane lane = runtime.blockingLane("list");
        return withStore(settings, lane, store -> names(store, null, new ArrayList<>(), lane));
    }

    /** A few requests per volume: behind a volume's first object the listing goes on behind all of its objects. */
    private static CompletableFuture<List<String>> names(
            ObjectStore store, @Nullable String after, List<String> found, Lane lane) {
        return store.list("", after, LIST_LIMIT, RequestCause.ADMIN)
                .thenComposeAsync(
                        page -> {
                            for (ObjectHead object : page.objects()) {
                                String name = volumeName(object.key());
                                if (name != null && isBefore(after, behindAll(name))) {
                                    return volumeAt(store, name, found)
                                            .thenComposeAsync(done -> names(store, behindAll(name), found, lane), lane);
                                }
                            }
                            return page.more()
                                    ? names(store, lastKey(page), found, lane)
                                    : CompletableFuture.completedFuture(found);
                        },
                        lane);
    }

    private static CompletableFuture<Void> volumeAt(ObjectStore store, String name, List<String> found) {
        return store.list(new ObjectNames(name).manifestPrefix(), null, 1, RequestCause.ADMIN)
                .thenAccept(manifests -> {
                    if (!manifests.objects().isEmpty()) {
                        found.add(name);
                    }
                });
    }

    /** Foreign objects may stand behind {@link #behindAll}, too: then the name was looked at already. */
    private static boolean isBefore(@Nullable String after, String key) {
        return after == null || after.compareTo(key) < 0;
    }

    private static @Nullable String volumeName(String key) {
        int slash = key.indexOf('/');
        return slash >= 0 && ObjectNames.isVolumeName(key.substring(0, slash)) ? key.substring(0, slash) : null;
    }

    private static String lastKey(ObjectPage page) {
        return page.objects().get(page.objects().size() - 1).key();
    }

    /** A key behind all keys of the volume: kinds of objects are lower-case words, and "z" ends their alphabet. */
    private static String behindAll(String name) {
        return name + "/zzzzzzzz";
    }

    /**
     * Deletes a volume and everything in it: manifests first, so that what is left after an interruption is no volume
     * any more and the next call finishes the work. {@code progress} is told how many objects are gone.
     */
    public CompletableFuture<Long> delete(VolumeSettings settings, LongConsumer progress) {
        Lane lane = runtime.blockingLane("delete-" + settings.name());
        return withStore(settings.store(), lane, store -> {
            ObjectNames names = new ObjectNames(settings.name());
            return deleteBelow(store, names.manifestPrefix(), 0, progress, lane)
                    .thenCompose(gone -> deleteBelow(store, names.prefix(), gone, progress, lane));
        });
    }

    private static CompletableFuture<Long> deleteBelow(
            ObjectStore store, String prefix, long gone, LongConsumer progress, Lane lane) {
        return store.list(prefix, null, LIST_LIMIT, RequestCause.ADMIN)
                .thenComposeAsync(
                        page -> {
                            if (page.objects().isEmpty()) {
                                return CompletableFuture.completedFuture(gone);
                            }
                            List<String> keys =
                                    page.objects().stream().map(ObjectHead::key).toList();
                            return store.delete(keys, RequestCause.ADMIN)
                                    .thenComposeAsync(
                                            done -> {
                                                progress.accept(gone + keys.size());
                                                return deleteBelow(store, prefix, gone + keys.size(), progress, lane);
                                            },
                                            lane);
                        },
                        lane);
    }

    /**
     * Wraps the volume's key with another passphrase; re-encrypts nothing. The volume must not be open: its gateway would
     * lose the next compare-and-swap.
     */
    public CompletableFuture<Manifest> changePassphrase(VolumeSettings settings, SecretSource next) {
        Lane lane = runtime.blockingLane("passphrase-" + settings.name());
        return withStore(settings.store(), lane, store -> {
            ObjectNames names = new ObjectNames(settings.name());
            return newest(store, names)
                    .thenComposeAsync(manifest -> rewrap(settings, next, store, names, manifest), lane);
        });
    }

    private CompletableFuture<Manifest> rewrap(
            VolumeSettings settings, SecretSource next, ObjectStore store, ObjectNames names, Manifest manifest) {
        if (!manifest.clean()) {
            return CompletableFuture.failedFuture(new IOException("volume \"" + names.volumeName()
                    + "\" is open, or its gateway did not close it cleanly: stop the server (or start and stop it once),"
                    + " then change the passphrase"));
        }
        try (VolumeKey key = KeyWrapping.unwrap(
                manifest.key().orElseThrow(() -> new IOException("the volume is not encrypted: it has no passphrase")),
                settings.encryption()
                        .orElseThrow(() -> new IOException("the configuration says encryption = none"))
                        .read())) {
            if (!ManifestStore.verify(manifest, sealingOf(key))) {
                throw new DamagedObjectException(
                        names.manifest(manifest.number()), "was not written by an owner of the volume's key");
            }
            Manifest rewrapped = manifest.next()
                    .key(Optional.of(KeyWrapping.wrap(key, next.read(), KdfParameters.DEFAULT, runtime.entropy())))
                    .writtenMillis(runtime.clock().wallTime().toEpochMilli())
                    .attemptTag(runtime.entropy().nextLong() | 1)
                    .build();
            return new ManifestStore(store, names, runtime.entropy())
                    .create(rewrapped, sealingOf(key), RequestCause.ADMIN)
                    .thenCompose(made -> new IdentityCopies(store, names)
                            .write(made, 1, RequestCause.ADMIN)
                            .thenApply(done -> made));
        } catch (IOException | SecretSource.SecretUnavailableException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    /**
     * Reads every byte of a volume from its bucket alone; nothing is written there. Fails, and can go on later, when the store
     * cannot be reached.
     *
     * @param stateDirectory where its state is kept, created when absent; not the volume's cache directory, which its server
     *     locks
     * @param told hears every second how far it is
     */
    public CompletableFuture<ScrubReport> scrub(
            VolumeSettings settings, ScrubOptions options, Path stateDirectory, Consumer<ScrubProgress> told) {
        Lane lane = runtime.blockingLane("scrub-" + settings.name());
        return withStore(
                settings.store(),
                lane,
                store -> new OfflineScrub(settings, environment, store, told).run(options, stateDirectory));
    }

    /**
     * Makes index and manifest anew from the segments alone; see {@link VolumeRebuild}.
     *
     * @param approve is shown the report and says whether to write; may block
     * @param told hears what is being done
     */
    public CompletableFuture<RebuildReport> rebuild(
            VolumeSettings settings, RebuildOptions options, Predicate<RebuildReport> approve, Consumer<String> told) {
        Lane lane = runtime.blockingLane("rebuild-" + settings.name());
        return withStore(
                settings.store(),
                lane,
                store -> new VolumeRebuild(
                                runtime,
                                store,
                                new ObjectNames(settings.name()),
                                settings.encryption(),
                                options,
                                approve,
                                told)
                        .run());
    }

    private interface Step<T> {
        CompletableFuture<T> run() throws Exception;
    }

    private interface StoreStep<T> {
        CompletableFuture<T> run(ObjectStore store) throws Exception;
    }

    /** Runs {@code step} with a store that is closed afterwards, whatever the outcome. */
    private <T> CompletableFuture<T> withStore(io.sluice.config.StoreSettings settings, Lane lane, StoreStep<T> step) {
        return inLane(lane, () -> {
            ObjectStore store = environment.stores().open(settings);
            try {
                return step.run(store).whenCompleteAsync((value, failure) -> store.close(), lane);
            } catch (Exception failure) {
                store.close();
                throw failure;
            }
        });
    }

    private static <T> CompletableFuture<T> inLane(Lane lane, Step<T> step) {
        CompletableFuture<T> result = new CompletableFuture<>();
        lane.execute(() -> {
            try {
                Futures.then(step.run(), Runnable::run, (value, failure) -> {
                    if (failure == null) {
                        result.complete(value);
                    } else {
                        result.completeExceptionally(failure);
                    }
                });
            } catch (Exception | Error failure) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }
}
