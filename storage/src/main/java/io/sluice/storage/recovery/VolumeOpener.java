package io.sluice.storage.recovery;

import io.sluice.config.SecretSource;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.journal.JournalRecovery;
import io.sluice.storage.journal.RecoveredLog;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestConflictException;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ConditionFallback;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a volume for writing: DESIGN section 6, step by step.
 *
 * <ol>
 *   <li>The newest manifest is read and the key unwrapped: a wrong passphrase is told before anything is touched.
 *   <li>Whether this cache directory may open it is checked ({@link OpeningCheck}); up to here nothing was changed in the
 *       bucket.
 *   <li>The endpoint is tested.
 *   <li>The cache directory notes the tag of the manifest with which it is about to open the next epoch
 *       ({@link OpeningAttempts}). The epoch is raised by creating that manifest: from here on the older gateway cannot make
 *       one. When one that the older gateway made meanwhile stands there, or one of an earlier attempt from this directory,
 *       everything begins again with that.
 *   <li>The segments behind the checkpoint are found, and the fence is put behind them: from here on the older gateway
 *       cannot make a segment that counts.
 *   <li>The local journal is examined. It is replayed only when nobody but this cache directory has opened the volume since
 *       it was written; otherwise it is kept aside and reported, never merged.
 * </ol>
 *
 * Runs on a blocking lane of its own; one instance opens one volume once.
 */
public final class VolumeOpener {
    /** Journal files skipped after a takeover: addresses that an unknown journal may have used are never used again. */
    private static final long TAKEOVER_GAP_FILES = 1L << 16;

    /** So often the bucket is examined at most, when manifests of the last owner arrive in between. */
    private static final int LOOKS_MAX = 5;

    private static final Logger log = LoggerFactory.getLogger(VolumeOpener.class);

    private final VolumeSettings settings;
    private final EngineRuntime runtime;
    private final LocalDisk journalDisk;
    private final LocalDisk disk;
    private final ConditionFallback store;
    private final ObjectNames names;
    private final String gateway;
    private final ManifestStore manifests;
    private final Lane lane;
    private final List<String> notes = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    /** What words or settings allowed, as the last look found it. */
    private List<String> allowed = List.of();

    private boolean endpointIsTested;

    /**
     * {@code disk} is the volume's cache directory, locked; the journal stands in {@code journalDisk} below it. {@code
     * gateway} says to people where that is.
     */
    public VolumeOpener(
            VolumeSettings settings,
            EngineRuntime runtime,
            LocalDisk disk,
            LocalDisk journalDisk,
            ConditionFallback store,
            ObjectNames names,
            String gateway) {
        this.settings = settings;
        this.runtime = runtime;
        this.disk = disk;
        this.journalDisk = journalDisk;
        this.store = store;
        this.names = names;
        this.gateway = gateway;
        this.manifests = new ManifestStore(store, names, runtime.entropy());
        this.lane = runtime.blockingLane("open-" + settings.name());
    }

    /** What is known once the key is. */
    private record Unlocked(
            Manifest newest, @Nullable VolumeKey key, Sealing sealing, SegmentCodec codec, SegmentStore segments) {
        void close() {
            codec.close();
            if (key != null) {
                key.close();
            }
        }
    }

    /**
     * What an operator has to allow before the volume can be opened.
     *
     * @param newest manifest
     * @param rollback present when the bucket is older than the cache directory knows it
     * @param takeover present when another gateway did not close the volume
     */
    public record Obstacles(Manifest newest, Optional<RollbackReport> rollback, Optional<TakeoverReport> takeover) {}

    /** Opens; the future completes on the opener's lane. */
    public CompletableFuture<RecoveredVolume> open() {
        return unlocked().thenComposeAsync(unlocked -> openUnlocked(unlocked, LOOKS_MAX), lane);
    }

    private CompletableFuture<RecoveredVolume> openUnlocked(Unlocked unlocked, int looks) {
        OpeningCheck check = check();
        return check.examine(unlocked.newest(), unlocked.key(), replay(unlocked))
                .thenApplyAsync(found -> allowed(check, found), lane)
                .thenComposeAsync(this::testEndpoint, lane)
                .thenComposeAsync(found -> raiseEpoch(unlocked, check, found), lane)
                .exceptionallyComposeAsync(
                        failure -> looks > 1 && Failures.unwrap(failure) instanceof ManifestConflictException late
                                ? lookAgain(unlocked, late, looks - 1)
                                : CompletableFuture.failedFuture(Failures.unwrap(failure)),
                        lane);
    }

    /**
     * A manifest of the epoch that was found arrived after it was looked at: the last owner is still there, or a put of it
     * was on its way, or one of a process that died while it opened the volume from this directory. Everything is examined
     * again for what is there now; but never when somebody else has raised the epoch: then another gateway opens the volume.
     */
    private CompletableFuture<RecoveredVolume> lookAgain(Unlocked before, ManifestConflictException late, int looks) {
        long epoch = before.newest().epoch();
        if (isAnothers(late.winner(), epoch)) {
            return CompletableFuture.failedFuture(late);
        }
        log.info(
                "volume {}: manifest {} of epoch {} arrived while the volume was being opened, looking again",
                names.volumeName(),
                late.winner().number(),
                epoch);
        before.close();
        return unlocked()
                .thenComposeAsync(
                        now -> isAnothers(now.newest(), epoch)
                                ? CompletableFuture.failedFuture(late)
                                : openUnlocked(now, looks),
                        lane);
    }

    /** Whether {@code found} raises the epoch above {@code epoch}, and does not come from this directory. Blocks. */
    private boolean isAnothers(Manifest found, long epoch) {
        try {
            return found.epoch() != epoch
                    && OpeningAttempts.read(disk)
                            .filter(attempts -> attempts.contains(found))
                            .isEmpty();
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    private CompletableFuture<OpeningCheck.Findings> testEndpoint(OpeningCheck.Findings found) {
        return endpointIsTested
                ? CompletableFuture.completedFuture(found)
                : new EndpointProbe(store, probeKey(), settings.fencing(), runtime.clock())
                        .run()
                        .thenApply(probed -> probed(found, probed));
    }

    private OpeningCheck.Findings probed(OpeningCheck.Findings found, EndpointProbe.Result probed) {
        endpointIsTested = true;
        if (!probed.conditionalPut()) {
            store.emulate();
        }
        warnings.addAll(probed.warnings());
        return found;
    }

    private CompletableFuture<Unlocked> unlocked() {
        return manifests
                .newest(RequestCause.RECOVERY)
                .thenApplyAsync(
                        found -> unlock(found.orElseThrow(() -> new CompletionException(
                                new VolumeNotFoundException(names.volumeName(), store.describe())))),
                        lane);
    }

    /** What stands in the way of opening the volume from this cache directory; only reads. */
    public CompletableFuture<Obstacles> examine() {
        return unlocked()
                .thenComposeAsync(
                        unlocked -> check().examine(unlocked.newest(), unlocked.key(), replay(unlocked))
                                .thenApply(found -> new Obstacles(found.newest(), found.rollback(), found.takeover()))
                                .whenComplete((found, failure) -> unlocked.close()),
                        lane);
    }

    private OpeningCheck check() {
        return new OpeningCheck(settings, disk, journalDisk, runtime.entropy(), lane, notes);
    }

    private BucketReplay replay(Unlocked unlocked) {
        return new BucketReplay(store, names, unlocked.segments(), lane);
    }

    private OpeningCheck.Findings allowed(OpeningCheck check, OpeningCheck.Findings found) {
        try {
            allowed = check.requireWords(found);
            return found;
        } catch (IOException refused) {
            throw new CompletionException(refused);
        }
    }

    private String probeKey() {
        return names.prefix() + "probe/" + Long.toHexString(runtime.entropy().nextLong());
    }

    private Unlocked unlock(Manifest newest) {
        try {
            UnlockedManifest unlocked = UnlockedManifest.of(newest, names, settings.encryption(), runtime.entropy());
            if (unlocked.key() == null) {
                notes.add("the volume is NOT encrypted: whoever can read the bucket can read the data");
            }
            SegmentCodec codec = new SegmentCodec(
                    newest.volume(), unlocked.sealing(), runtime.entropy(), settings.compressionLevel());
            return new Unlocked(
                    newest,
                    unlocked.key(),
                    unlocked.sealing(),
                    codec,
                    new SegmentStore(store, names, codec, runtime.workers()));
        } catch (IOException | SecretSource.SecretUnavailableException failure) {
            throw new CompletionException(failure);
        }
    }

    private CompletableFuture<RecoveredVolume> raiseEpoch(
            Unlocked unlocked, OpeningCheck check, OpeningCheck.Findings found) {
        Manifest newest = unlocked.newest();
        long epoch = nextEpoch(found);
        Manifest wanted = newest.next()
                .epoch(epoch)
                .owner(found.owner())
                .ownerEpoch(epoch)
                .ownerSinceEpoch(found.sameOwner() ? newest.ownerSinceEpoch() : epoch)
                .gateway(gateway)
                .openedMillis(nowMillis())
                .clean(false)
                .fenceSegment(0)
                .writtenMillis(nowMillis())
                .attemptTag(runtime.entropy().nextLong() | 1)
                .build();
        note(found, wanted);
        return manifests
                .create(wanted, unlocked.sealing(), RequestCause.RECOVERY)
                .thenComposeAsync(manifest -> readBucket(unlocked, manifest, found), lane)
                .thenApplyAsync(recovered -> remember(check, recovered), lane);
    }

    /** Before {@code wanted} is put, what proves that it comes from here; and what is known of the epoch before it. */
    private void note(OpeningCheck.Findings found, Manifest wanted) {
        Manifest newest = found.newest();
        CacheState known = found.known().orElseGet(() -> nothingSeen(newest));
        write(found.sameOwner() ? known.withOwnEpoch(newest.ownerEpoch()) : known);
        try {
            found.attempts().with(wanted).write(disk);
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    /** An epoch that was seen before is not used again, also when the bucket does not know it any more. */
    private static long nextEpoch(OpeningCheck.Findings found) {
        long seen = found.rollback().isEmpty()
                ? 0
                : found.known()
                        .map(known -> Math.max(known.epoch(), known.ownEpoch()))
                        .map(known -> Math.max(known, found.attempts().epochMax()))
                        .orElse(0L);
        return Math.max(found.newest().epoch(), seen) + 1;
    }

    private static CacheState nothingSeen(Manifest newest) {
        return new CacheState(newest.volume(), 0, 0, 0, 0, 0, 0);
    }

    private void write(CacheState state) {
        try {
            state.write(disk);
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    private RecoveredVolume remember(OpeningCheck check, RecoveredVolume recovered) {
        SegmentHeader fence = recovered.headers().get(recovered.headers().size() - 1);
        write(CacheState.of(recovered.manifest(), fence.number(), recovered.bucketSequence()));
        try {
            OpeningAttempts.remove(disk);
            check.removeWords();
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
        return recovered;
    }

    private long nowMillis() {
        return runtime.clock().wallTime().toEpochMilli();
    }

    private CompletableFuture<RecoveredVolume> readBucket(
            Unlocked unlocked, Manifest manifest, OpeningCheck.Findings opening) {
        CheckpointRoot checkpoint = manifest.checkpoint();
        BucketReplay replay = replay(unlocked);
        FencePlacer placer = new FencePlacer(checkpoint, unlocked.codec(), unlocked.segments(), replay, lane);
        return replay.find(checkpoint)
                .thenComposeAsync(
                        found -> {
                            long end = endSequence(found.headers(), checkpoint);
                            RecoveredLog log = examineJournal(unlocked, manifest, end, opening);
                            long floor = log.isEmpty() ? Math.max(end, log.endAddress()) : end;
                            return placer.place(found, floor, manifest.epoch())
                                    .thenApply(fenced -> recovered(unlocked, manifest, fenced, log, opening));
                        },
                        lane);
    }

    private static long endSequence(List<SegmentHeader> headers, CheckpointRoot checkpoint) {
        return headers.isEmpty()
                ? checkpoint.sequence()
                : headers.get(headers.size() - 1).endSequence();
    }

    /** What of the local journal is to be replayed; what must not be is kept aside. */
    private RecoveredLog examineJournal(Unlocked unlocked, Manifest manifest, long end, OpeningCheck.Findings opening) {
        boolean sameOwner = opening.sameOwner();
        long uploadedEnd = opening.known().map(CacheState::sequence).orElse(0L);
        try {
            long floor = sameOwner ? end : JournalRecovery.skipFiles(Math.max(end, uploadedEnd), TAKEOVER_GAP_FILES);
            RecoveredLog log = JournalRecovery.scan(journalDisk, manifest.volume(), unlocked.key(), floor);
            log.note().ifPresent(notes::add);
            if (log.isEmpty()) {
                return log;
            }
            if (opening.rollback().isPresent()) {
                return setAside(log, "the bucket was set back to an older state since it was written");
            }
            if (!sameOwner || log.epoch() < manifest.ownerSinceEpoch()) {
                return log.endAddress() <= uploadedEnd
                        ? discard(log)
                        : setAside(log, "another gateway has opened the volume since it was written");
            }
            return log.lacksItsStart(end) ? behindHole(log, end) : log;
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    /** Newer writes must not come back without the older ones: after a power loss the volume ends where the bucket does. */
    private RecoveredLog behindHole(RecoveredLog log, long end) throws IOException {
        if (log.lostSyncedStart(end)) {
            return setAside(log, "the disk has lost batches before its beginning that had been synced");
        }
        notes.add("the local journal was not replayed: its beginning (from sequence " + end
                + ") had not been synced and" + " is lost; what stood behind it, up to sequence " + log.endAddress()
                + ", had not been flushed either");
        return log.cutBeforeItsStart(end);
    }

    /** What this directory's gateway itself saw to be in the bucket before another one opened the volume. */
    private RecoveredLog discard(RecoveredLog log) throws IOException {
        notes.add("the local journal of epoch " + log.epoch() + " was discarded: everything in it (up to sequence "
                + log.endAddress() + ") had come to the bucket before another gateway opened the volume");
        return log.discard();
    }

    private RecoveredLog setAside(RecoveredLog log, String why) throws IOException {
        String directory = "superseded-epoch-" + log.epoch();
        notes.add("the local journal of epoch " + log.epoch() + " (" + log.bytes() + " bytes) was not replayed: " + why
                + "; it is kept in " + directory + " below " + journalDisk.describe());
        return log.setAside(directory);
    }

    private RecoveredVolume recovered(
            Unlocked unlocked,
            Manifest manifest,
            BucketReplay.Found fenced,
            RecoveredLog log,
            OpeningCheck.Findings opening) {
        List<SegmentHeader> headers = fenced.headers();
        SegmentHeader fence = headers.get(headers.size() - 1);
        return new RecoveredVolume(
                manifest,
                unlocked.newest(),
                unlocked.key(),
                unlocked.sealing(),
                unlocked.codec(),
                unlocked.segments(),
                manifests,
                headers,
                fenced.orphans(),
                fenced.end(),
                fence.endSequence(),
                log,
                opening.sameOwner(),
                opening.takeover(),
                Stream.concat(allowed.stream(), notes.stream()).distinct().toList(),
                warnings);
    }
}
