package io.sluice.storage.inspection;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.TreeCommittedMap;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.recovery.BucketReplay;
import io.sluice.storage.recovery.UnlockedManifest;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A volume as it stands in the bucket, at one point of its history: a manifest, its checkpoint, and the segments behind it
 * that count by the rules of an opening ({@link BucketReplay}). Nothing is written: no epoch, no fence, no probe.
 *
 * <p>What the caller gets: everything that is read through one view is the volume as of {@link #sequence}, however long
 * it takes and whatever a gateway writes meanwhile, or it fails. It never holds what a gateway has only in its journal.
 *
 * <p>A gateway that goes on deletes objects once neither of its two newest checkpoints reaches them. So a view whose
 * checkpoint is the newest or the one before is complete; from the second newer one on, objects of the view may be
 * missing, which {@link #isSuperseded} tells from damage. Then the caller opens a new view.
 *
 * <p>Confined to its {@link #lane}, futures complete on it, unless something else is said. Memory: the headers behind the
 * checkpoint, and {@code mapPages} pages of 32 KiB.
 */
public final class BucketVolume implements AutoCloseable {
    /** From so many newer checkpoints on, objects of a view may be gone. */
    private static final int SAFE_CHECKPOINTS = 2;

    private final VolumeAccess access;
    private final ViewedPoint point;
    private final UnlockedManifest unlocked;
    private final SegmentCodec codec;
    private final SegmentStore segments;
    private final List<SegmentHeader> headers;
    private final int behindEnd;
    private final Lane lane;
    private final TreeCommittedMap map;

    BucketVolume(
            VolumeAccess access,
            ViewedPoint point,
            UnlockedManifest unlocked,
            SegmentCodec codec,
            BucketReplay.Found found,
            Lane lane,
            int mapPages) {
        this.access = access;
        this.point = point;
        this.unlocked = unlocked;
        this.codec = codec;
        this.segments = new SegmentStore(
                access.store(), access.names(), codec, access.runtime().workers());
        this.headers = found.headers();
        this.behindEnd = found.orphans();
        this.lane = lane;
        this.map = new TreeCommittedMap(
                manifest().volume(),
                manifest().sizeBytes(),
                manifest().checkpoint(),
                access.store(),
                access.names()::checkpoint,
                unlocked.sealing(),
                lane,
                mapPages);
        headers.forEach(map::commit);
    }

    /**
     * Opens a view; completes on its lane. Fails with {@link io.sluice.storage.recovery.VolumeNotFoundException}, {@link
     * io.sluice.storage.crypto.WrongPassphraseException}, {@link io.sluice.storage.format.DamagedObjectException} when the
     * manifest, the checkpoint's root or the header of a segment behind it is damaged, {@link
     * io.sluice.storage.object.ObjectStoreException} with {@code NOT_FOUND} when the manifest asked for, or what it names,
     * does not exist.
     *
     * @param mapPages pages of the mapping that are kept in memory, 32 KiB each
     */
    public static CompletableFuture<BucketVolume> open(VolumeAccess access, ViewedPoint point, int mapPages) {
        return new ViewOpening(access, point, mapPages).run();
    }

    /** The manifest that the view stands on; verified. */
    public Manifest manifest() {
        return unlocked.manifest();
    }

    /** What the view was opened with. */
    public VolumeAccess access() {
        return access;
    }

    /** The names of its objects. */
    public ObjectNames names() {
        return access.names();
    }

    /** Null when the volume is not encrypted. */
    public @Nullable VolumeKey key() {
        return unlocked.key();
    }

    /** Checks what the volume's gateways sealed. */
    public Sealing sealing() {
        return unlocked.sealing();
    }

    /** Opens headers and frames; thread-safe. */
    public SegmentCodec codec() {
        return codec;
    }

    /** Reads segments; thread-safe, its futures complete on workers. */
    public SegmentStore segments() {
        return segments;
    }

    /** The segments behind the checkpoint that count, in order. */
    public List<SegmentHeader> headers() {
        return headers;
    }

    /** Objects behind the last segment that counts: under way, or left over. */
    public int segmentsBehindEnd() {
        return behindEnd;
    }

    /** Where everything of the view runs; its tasks may block. */
    public Lane lane() {
        return lane;
    }

    /** The mapping of the view. */
    public TreeCommittedMap map() {
        return map;
    }

    /** The newest segment that counts, 0 for none. */
    public long lastSegment() {
        return map.lastSegment();
    }

    /** Everything below this sequence number is in the view, nothing from it on. */
    public long sequence() {
        return headers.isEmpty()
                ? manifest().checkpoint().sequence()
                : headers.get(headers.size() - 1).endSequence();
    }

    /** The epoch of the newest segment that counts. */
    public long epoch() {
        return headers.isEmpty()
                ? manifest().checkpoint().coversEpoch()
                : headers.get(headers.size() - 1).epoch();
    }

    /**
     * When the newest write of the view was acknowledged, milliseconds since 1970; 0 when no segment behind the checkpoint
     * tells.
     */
    public long newestWriteMillis() {
        return headers.stream().mapToLong(SegmentHeader::wallTimeMillis).max().orElse(0);
    }

    /** Size of the address space, blocks. */
    public long blocks() {
        return manifest().sizeBytes() >>> BlockGeometry.BLOCK_SHIFT;
    }

    /**
     * Whether a gateway has gone on so far that objects of this view may have been deleted: what is missing then is no
     * damage. One listing and one get.
     */
    public CompletableFuture<Boolean> isSuperseded() {
        return newestIsFarAhead().exceptionallyCompose(failure -> {
            // Who looks at an older state because the newest manifest is damaged has no gateway that goes on.
            boolean unreadable = point.manifest().isPresent() && MappingReader.isDamage(failure);
            return unreadable
                    ? CompletableFuture.completedFuture(false)
                    : CompletableFuture.failedFuture(Failures.unwrap(failure));
        });
    }

    private CompletableFuture<Boolean> newestIsFarAhead() {
        return new ManifestStore(access.store(), names(), access.runtime().entropy())
                .newest(RequestCause.ADMIN)
                .thenApplyAsync(
                        newest -> newest.isPresent()
                                && ManifestStore.verify(newest.get(), sealing())
                                && isBehind(
                                        manifest().checkpoint(), newest.get().checkpoint()),
                        lane);
    }

    /** What the view was opened for. */
    public ViewedPoint point() {
        return point;
    }

    static boolean isBehind(CheckpointRoot ours, CheckpointRoot newest) {
        return newest.number() >= ours.number() + SAFE_CHECKPOINTS;
    }

    /** Forgets the key. Nothing may be read through the view any more. */
    @Override
    public void close() {
        codec.close();
        VolumeKey key = unlocked.key();
        if (key != null) {
            key.close();
        }
    }
}
