package io.sluice.storage.engine;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.cache.DiskReadCache;
import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.checkpoint.TreeCommittedMap;
import io.sluice.storage.crypto.CounterLayout;
import io.sluice.storage.crypto.LocalCiphers;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.index.ChronicleBlockIndex;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.journal.JournalReader;
import io.sluice.storage.journal.LocalJournal;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.recovery.BucketEnd;
import io.sluice.storage.recovery.RecoveredVolume;
import io.sluice.storage.recovery.RecoveryReport;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds a running volume from what recovery found: folds the segments into the committed mapping, opens the journal on
 * what it still holds, replays that into the index. Ordering rule: the index is complete before the first port is opened.
 */
final class VolumeAssembly {
    private static final Logger log = LoggerFactory.getLogger(VolumeAssembly.class);
    private static final int PAGE_CACHE_PAGES = 256;
    /** No manifest has this number: an index stamped with another is never taken for it. */
    private static final long NO_STAMP = 0;

    private final VolumeSettings settings;
    private final VolumeEnvironment environment;
    private final EngineRuntime runtime;
    private final LocalDisk disk;
    private final MeteredObjectStore metered;
    private final ObjectStore store;
    private final ObjectNames names;
    private final long startedNanos;
    private final Lane lane;
    private final VolumeHealth health;
    private final Lane opening;

    /** {@code store} is {@code metered}, or stands in front of it. */
    VolumeAssembly(
            VolumeSettings settings,
            VolumeEnvironment environment,
            LocalDisk disk,
            MeteredObjectStore metered,
            ObjectStore store,
            ObjectNames names,
            long startedNanos) {
        this.settings = settings;
        this.environment = environment;
        this.runtime = environment.runtime();
        this.disk = disk;
        this.metered = metered;
        this.store = store;
        this.names = names;
        this.startedNanos = startedNanos;
        this.health = new VolumeHealth(
                settings.name(),
                settings.cacheDirectory().resolve(VolumeDirectories.JOURNAL).toString(),
                runtime.clock());
        this.lane = new GuardedLane(runtime.lane("volume-" + settings.name()), health);
        this.opening = runtime.blockingLane("assemble-" + settings.name());
    }

    CompletableFuture<OpenedVolume> assemble(RecoveredVolume recovered) {
        Manifest manifest = recovered.manifest();
        recovered.warnings().forEach(health::warn);
        TreeCommittedMap committed = new TreeCommittedMap(
                manifest.volume(),
                manifest.sizeBytes(),
                manifest.checkpoint(),
                store,
                names::checkpoint,
                recovered.sealing(),
                lane,
                PAGE_CACHE_PAGES);
        CompletableFuture<Void> folded = new CompletableFuture<>();
        lane.execute(() -> {
            try {
                for (SegmentHeader header : recovered.headers()) {
                    committed.commit(header);
                }
            } catch (RuntimeException failure) {
                folded.completeExceptionally(failure);
                return;
            }
            // Reads the root record, so that what is dead is known. When it cannot be read, what it covers is
            // unreadable,
            // block by block; what is newer is not, and it may come back.
            Futures.then(committed.load().thenApply(loaded -> committed), Runnable::run, (loaded, failure) -> {
                if (failure != null) {
                    tellRootUnreadable(manifest.checkpoint(), failure);
                }
                folded.complete(null);
            });
        });
        return folded.thenApplyAsync(done -> finish(recovered, committed), opening);
    }

    private void tellRootUnreadable(CheckpointRoot root, Throwable failure) {
        Throwable cause = Failures.unwrap(failure);
        if (cause instanceof ObjectStoreException store
                && store.kind() != ObjectStoreException.Kind.NOT_FOUND
                && store.kind() != ObjectStoreException.Kind.INVALID) {
            log.error(
                    "volume {}: the checkpoint's root cannot be read for now, older blocks are unreadable until it can: {}",
                    settings.name(),
                    cause.getMessage());
        } else {
            health.damage()
                    .found(
                            names.checkpoint(root.object()),
                            ReadFailures.damageKind(cause),
                            "the checkpoint's root cannot be read, older blocks are unreadable: " + cause.getMessage());
        }
    }

    private OpenedVolume finish(RecoveredVolume recovered, CommittedMap committed) {
        BlockIndex index = null;
        LocalJournal journal = null;
        ReadCache cache = null;
        try {
            index = openIndex(recovered);
            journal = openJournal(recovered);
            journal.whenFailed(failure -> health.failed("the local journal cannot be trusted any more", failure));
            PendingReferences references = new PendingReferences();
            long lastSegment =
                    recovered.headers().get(recovered.headers().size() - 1).number();
            int replayed = replay(
                    journal,
                    new ReplayApplier(new IndexApplier(index, references), lastSegment),
                    recovered.bucketSequence());
            journal.release(Math.min(recovered.bucketSequence(), journal.appliedEnd()));
            index.settledBelow(journal.tail());
            cache = openCache(recovered);
            VolumeParts parts = parts(recovered, committed, index, references, journal, cache);
            LogVolume volume = new LogVolume(parts, replayed);
            return new OpenedVolume(volume, report(recovered, replayed), recovered.manifest(), volume.scrub());
        } catch (IOException | RuntimeException failure) {
            closeQuietly(index, failure);
            closeQuietly(cache, failure);
            closeQuietly(journal, failure);
            throw new CompletionException(failure);
        }
    }

    private static void closeQuietly(@Nullable AutoCloseable part, Exception failure) {
        if (part != null) {
            try {
                part.close();
            } catch (Exception second) {
                failure.addSuppressed(second);
            }
        }
    }

    /** The index of the last clean close when nothing has happened since; else an empty one. */
    private BlockIndex openIndex(RecoveredVolume recovered) throws IOException {
        Manifest previous = recovered.previous();
        // The journal's files still hold what was released last: only what lies behind the bucket's end is to be
        // replayed.
        boolean nothingToReplay =
                recovered.log().isEmpty() || recovered.log().endAddress() <= recovered.bucketSequence();
        boolean reusable = previous.clean()
                && recovered.sameOwner()
                && previous.owner().equals(recovered.manifest().owner())
                && recovered.headers().size() == 1
                && nothingToReplay;
        disk.directory(VolumeDirectories.INDEX);
        Path file = environment.indexFiles().fileFor(settings.cacheDirectory()).orElse(null);
        return ChronicleBlockIndex.open(
                file, settings.index().memory().bytes(), reusable ? previous.number() : NO_STAMP);
    }

    private LocalJournal openJournal(RecoveredVolume recovered) throws IOException {
        VolumeSettings.Journal asked = settings.journal();
        long bound =
                Math.min(asked.capacity().bytes(), settings.flush().maxBytes().bytes());
        ByteSize capacity = new ByteSize(Math.max(bound, 2 * asked.fileSize().bytes()));
        return LocalJournal.open(
                disk.directory(VolumeDirectories.JOURNAL),
                recovered.manifest().volume(),
                recovered.manifest().epoch(),
                recovered.key(),
                new VolumeSettings.Journal(capacity, asked.fileSize(), asked.fullTimeout()),
                runtime,
                recovered.log());
    }

    private static int replay(Journal journal, ReplayApplier applier, long from) throws IOException {
        long end = journal.appliedEnd();
        if (from < end) {
            JournalReader reader = journal.openReader(Math.max(from, journal.tail()));
            boolean more = true;
            while (more) {
                more = reader.next(end, applier);
            }
        }
        return applier.entries();
    }

    private ReadCache openCache(RecoveredVolume recovered) throws IOException {
        LocalDisk directory = disk.directory(VolumeDirectories.READ_CACHE);
        if (!recovered.sameOwner()) {
            // Frames are named by segment numbers. What another gateway has done since, and whether the bucket was set
            // back before, is not known: a number may have come to name other content.
            for (String file : directory.list()) {
                directory.delete(file);
            }
            directory.syncDirectory();
        }
        return DiskReadCache.open(
                directory,
                recovered.manifest().volume(),
                settings.readCache().capacity(),
                salt -> LocalCiphers.create(recovered.key(), "read-cache", salt, CounterLayout.RUNNING),
                runtime);
    }

    private VolumeParts parts(
            RecoveredVolume recovered,
            CommittedMap committed,
            BlockIndex index,
            PendingReferences references,
            Journal journal,
            ReadCache cache) {
        return new VolumeParts(
                settings,
                runtime,
                lane,
                health,
                disk,
                metered,
                names,
                recovered.sealing(),
                journal,
                index,
                references,
                committed,
                cache,
                recovered.codec(),
                recovered.segments(),
                recovered.manifests(),
                recovered.manifest(),
                recovered.bucketSequence(),
                recovered.headers().get(recovered.headers().size() - 1).wallTimeMillis(),
                environment.largeTransferBytes(),
                recovered.previous().clean() && recovered.orphans() == 0);
    }

    private RecoveryReport report(RecoveredVolume recovered, int replayed) {
        BucketEnd end = recovered.end();
        long recoveredSequence = replayed == 0
                ? end.sequence()
                : Math.max(end.sequence(), recovered.log().endAddress());
        List<String> notes = new ArrayList<>(recovered.warnings());
        notes.addAll(recovered.notes());
        return new RecoveryReport(
                recovered.manifest().epoch(),
                recovered.previous().clean(),
                recovered.headers().size() - 1,
                end.sequence(),
                end.timeMillis(),
                recoveredSequence,
                end.newerSequence(),
                end.newerTimeMillis(),
                replayed,
                recovered.orphans(),
                recovered.takeover(),
                notes,
                Duration.ofNanos(runtime.clock().monotonicNanos() - startedNanos));
    }
}
