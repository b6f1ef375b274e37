package io.sluice.storage.recovery;

import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.crypto.WrappedKey;
import io.sluice.storage.crypto.WrongPassphraseException;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.journal.JournalRecovery;
import io.sluice.storage.journal.RecoveredLog;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Opens a volume for writing: DESIGN section 6, step by step.
 *
 * <ol>
 *   <li>The newest manifest is read and the key unwrapped: a wrong passphrase is told before anything is touched.
 *   <li>The endpoint is tested.
 *   <li>The epoch is raised by creating the next manifest: from here on the older gateway cannot make a manifest.
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

    private final VolumeSettings settings;
    private final EngineRuntime runtime;
    private final LocalDisk journalDisk;
    private final LocalDisk disk;
    private final ObjectStore store;
    private final ObjectNames names;
    private final ManifestStore manifests;
    private final Lane lane;
    private final List<String> notes = new ArrayList<>();

    /** {@code disk} is the volume's cache directory, locked; the journal stands in {@code journalDisk} below it. */
    public VolumeOpener(
            VolumeSettings settings,
            EngineRuntime runtime,
            LocalDisk disk,
            LocalDisk journalDisk,
            ObjectStore store,
            ObjectNames names) {
        this.settings = settings;
        this.runtime = runtime;
        this.disk = disk;
        this.journalDisk = journalDisk;
        this.store = store;
        this.names = names;
        this.manifests = new ManifestStore(store, names, runtime.entropy());
        this.lane = runtime.blockingLane("open-" + settings.name());
    }

    /** What is known once the key is. */
    private record Unlocked(
            Manifest newest, @Nullable VolumeKey key, Sealing sealing, SegmentCodec codec, SegmentStore segments) {}

    /** Opens; the future completes on the opener's lane. */
    public CompletableFuture<RecoveredVolume> open() {
        return manifests
                .newest(RequestCause.RECOVERY)
                .thenApplyAsync(
                        found -> unlock(found.orElseThrow(() -> new CompletionException(
                                new VolumeNotFoundException(names.volumeName(), store.describe())))),
                        lane)
                .thenComposeAsync(
                        unlocked -> new EndpointProbe(store, probeKey()).run().thenApply(done -> unlocked), lane)
                .thenComposeAsync(this::raiseEpoch, lane);
    }

    private String probeKey() {
        return names.prefix() + "probe/" + Long.toHexString(runtime.entropy().nextLong());
    }

    private Unlocked unlock(Manifest newest) {
        try {
            VolumeKey key = unwrap(newest);
            Sealing sealing =
                    key == null ? new ChecksumSealing(runtime.entropy()) : new GcmSealing(key, runtime.entropy());
            if (!ManifestStore.verify(newest, sealing)) {
                throw new DamagedObjectException(
                        names.manifest(newest.number()), "was not written by an owner of the volume's key");
            }
            SegmentCodec codec =
                    new SegmentCodec(newest.volume(), sealing, runtime.entropy(), settings.compressionLevel());
            return new Unlocked(newest, key, sealing, codec, new SegmentStore(store, names, codec, runtime.workers()));
        } catch (IOException | SecretSource.SecretUnavailableException failure) {
            throw new CompletionException(failure);
        }
    }

    private @Nullable VolumeKey unwrap(Manifest manifest)
            throws IOException, WrongPassphraseException, SecretSource.SecretUnavailableException {
        if (manifest.encrypted() != settings.encryption().isPresent()) {
            throw new IOException("volume \"" + names.volumeName() + "\" is "
                    + (manifest.encrypted()
                            ? "encrypted, but its configuration says encryption = none"
                            : "not encrypted, but its configuration gives a passphrase: write encryption = none"));
        }
        if (settings.encryption().isEmpty()) {
            notes.add("the volume is NOT encrypted: whoever can read the bucket can read the data");
            return null;
        }
        SecretSource source = settings.encryption().get();
        Secret passphrase = source.read();
        WrappedKey wrapped = manifest.key()
                .orElseThrow(() -> new DamagedObjectException(names.manifest(manifest.number()), "holds no key"));
        try {
            return KeyWrapping.unwrap(wrapped, passphrase);
        } catch (WrongPassphraseException wrong) {
            throw new WrongPassphraseException(source.describe(), wrong);
        }
    }

    private CompletableFuture<RecoveredVolume> raiseEpoch(Unlocked unlocked) {
        Manifest newest = unlocked.newest();
        UUID owner = owner();
        boolean sameOwner = newest.owner().equals(owner) && newest.epoch() > 0;
        long epoch = newest.epoch() + 1;
        if (!sameOwner && !newest.clean() && newest.epoch() > 0) {
            notes.add("the gateway that had the volume open (epoch " + newest.epoch()
                    + ") did not close it cleanly and used another cache directory: writes that it acknowledged and had"
                    + " not brought to the bucket are not here");
        }
        Manifest wanted = newest.next()
                .epoch(epoch)
                .owner(owner)
                .ownerSinceEpoch(sameOwner ? newest.ownerSinceEpoch() : epoch)
                .clean(false)
                .fenceSegment(0)
                .writtenMillis(nowMillis())
                .attemptTag(runtime.entropy().nextLong() | 1)
                .build();
        return manifests
                .create(wanted, unlocked.sealing(), RequestCause.RECOVERY)
                .thenComposeAsync(manifest -> readBucket(unlocked, manifest, sameOwner), lane);
    }

    private UUID owner() {
        try {
            return CacheOwner.of(disk, runtime.entropy());
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    private long nowMillis() {
        return runtime.clock().wallTime().toEpochMilli();
    }

    private CompletableFuture<RecoveredVolume> readBucket(Unlocked unlocked, Manifest manifest, boolean sameOwner) {
        CheckpointRoot checkpoint = manifest.checkpoint();
        BucketReplay replay = new BucketReplay(store, names, unlocked.segments(), lane);
        FencePlacer placer = new FencePlacer(checkpoint, unlocked.codec(), unlocked.segments(), replay, lane);
        return replay.find(checkpoint)
                .thenComposeAsync(
                        found -> {
                            long end = endSequence(found.headers(), checkpoint);
                            RecoveredLog log = examineJournal(unlocked, manifest, end, sameOwner);
                            long floor = log.isEmpty() ? Math.max(end, log.endAddress()) : end;
                            return placer.place(found, floor, manifest.epoch())
                                    .thenApply(fenced -> recovered(unlocked, manifest, fenced, log));
                        },
                        lane);
    }

    private static long endSequence(List<SegmentHeader> headers, CheckpointRoot checkpoint) {
        return headers.isEmpty()
                ? checkpoint.sequence()
                : headers.get(headers.size() - 1).endSequence();
    }

    /** What of the local journal is to be replayed; what must not be is kept aside. */
    private RecoveredLog examineJournal(Unlocked unlocked, Manifest manifest, long end, boolean sameOwner) {
        try {
            long floor = sameOwner ? end : JournalRecovery.skipFiles(end, TAKEOVER_GAP_FILES);
            RecoveredLog log = JournalRecovery.scan(journalDisk, manifest.volume(), unlocked.key(), floor);
            log.note().ifPresent(notes::add);
            if (log.isEmpty()) {
                return log;
            }
            if (!sameOwner || log.epoch() < manifest.ownerSinceEpoch()) {
                return setAside(log, "another gateway has opened the volume since it was written");
            }
            return log;
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    private RecoveredLog setAside(RecoveredLog log, String why) throws IOException {
        String directory = "superseded-epoch-" + log.epoch();
        notes.add("the local journal of epoch " + log.epoch() + " (" + log.bytes() + " bytes) was not replayed: " + why
                + "; it is kept in " + directory + " below " + journalDisk.describe());
        return log.setAside(directory);
    }

    private RecoveredVolume recovered(
            Unlocked unlocked, Manifest manifest, BucketReplay.Found fenced, RecoveredLog log) {
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
                notes);
    }
}
