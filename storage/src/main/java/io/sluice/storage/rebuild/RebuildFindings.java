package io.sluice.storage.rebuild;

import io.sluice.config.ByteSize;
import io.sluice.config.SecretSource;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.inspection.BucketVolume;
import io.sluice.storage.inspection.ViewedPoint;
import io.sluice.storage.inspection.VolumeAccess;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Says what an examination means for the operator: losses, differences, why not to write. On the rebuild's lane. */
final class RebuildFindings {
    private static final int RANGES_MAX = 1000;
    private static final int VIEW_PAGES = 256;

    private final EngineRuntime runtime;
    private final ObjectStore store;
    private final ObjectNames names;
    private final Optional<SecretSource> passphrase;
    private final RebuildOptions options;
    private final Lane lane;

    RebuildFindings(
            EngineRuntime runtime,
            ObjectStore store,
            ObjectNames names,
            Optional<SecretSource> passphrase,
            RebuildOptions options,
            Lane lane) {
        this.runtime = runtime;
        this.store = store;
        this.names = names;
        this.passphrase = passphrase;
        this.options = options;
        this.lane = lane;
    }

    CompletableFuture<RebuildReport> report(VolumeRebuild.Examined examined) {
        return losses(examined)
                .thenComposeAsync(
                        losses -> differences(examined)
                                .thenApplyAsync(differences -> compose(examined, losses, differences), lane),
                        lane);
    }

    private RebuildReport compose(
            VolumeRebuild.Examined examined, List<RebuildReport.Loss> losses, RebuildReport.Differences differences) {
        FoundIdentity identity = examined.identity();
        SeriesJudge judge = examined.series().judge();
        RebuildReport.Segments segments = new RebuildReport.Segments(
                examined.series().listed(),
                examined.series().counted(),
                judge.last(),
                judge.last()
                        - examined.series().counted()
                        - judge.unreadable().size()
                        - judge.orphans().stream()
                                .filter(number -> number <= judge.last())
                                .count(),
                judge.orphans());
        return new RebuildReport(
                identity.manifest().volume(),
                names.volumeName(),
                identity.object(),
                identity.newestIsSound(),
                identity.unusable(),
                examined.sizeBytes(),
                segments,
                judge.endSequence(),
                judge.newestMillis(),
                losses,
                differences,
                refusals(examined, losses),
                notes(examined),
                RebuildReport.Written.NOTHING);
    }

    private List<String> refusals(VolumeRebuild.Examined examined, List<RebuildReport.Loss> losses) {
        List<String> refusals = new ArrayList<>();
        FoundIdentity identity = examined.identity();
        if (identity.newestIsSound() && !identity.manifest().clean() && !options.force()) {
            refusals.add("the newest manifest is sound and says that a gateway has the volume open (epoch "
                    + identity.manifest().epoch() + "): close it, or open and close it once after a crash; --force when"
                    + " there is no such gateway any more");
        }
        if (!losses.isEmpty() && !options.acceptLoss()) {
            refusals.add(losses.size() + " segments cannot be read, or not as a whole: what only they held is lost, and"
                    + " older content of the same blocks may come to light; keep copies of these objects, try to get them"
                    + " back, and only then --accept-loss");
        }
        long gap = examined.series().judge().unexplainedGap();
        if (gap > 0) {
            refusals.add("segment " + gap + " is missing among the newest ones, and nothing that is left tells why."
                    + " When a gateway died while it was sending several at once, nothing behind it counts: --tail=cut."
                    + " When the collector deleted it, everything counts: --tail=keep. After an orderly stop it is"
                    + " always the latter");
        }
        return refusals;
    }

    private List<String> notes(VolumeRebuild.Examined examined) {
        List<String> notes = new ArrayList<>();
        FoundIdentity identity = examined.identity();
        Manifest manifest = identity.manifest();
        if (!identity.newestIsSound()) {
            notes.add(
                    "identity and key come from " + identity.object()
                            + ", which is not the newest manifest: persistent reservations are lost, hosts have to register again");
        }
        if (!RebuildWriting.keepsOwner(examined)) {
            notes.add(
                    "which gateway had the volume open last is lost: what its local journal holds and the bucket does not"
                            + " will be set aside at the next opening, not replayed");
        }
        if (examined.sizeBytes() > identity.sizeBytes()) {
            notes.add("segments name blocks behind the end of " + new ByteSize(manifest.sizeBytes())
                    + ": the volume was grown later, to at least " + new ByteSize(examined.sizeBytes())
                    + "; the LUN file says the rest");
        }
        if (manifest.key().isPresent() && !identity.newestIsSound()) {
            notes.add("the passphrase that opens the volume is that of " + identity.object());
        }
        examined.fold()
                .missing()
                .forEach((segment, blocks) -> notes.add("segment " + segment + ", to which " + blocks
                        + " blocks refer, is not among those that can be read: reading these blocks may fail"));
        return notes;
    }

    private CompletableFuture<List<RebuildReport.Loss>> losses(VolumeRebuild.Examined examined) {
        List<RebuildReport.Loss> losses = new ArrayList<>();
        for (SegmentReading reading : examined.series().judge().unreadable()) {
            losses.add(new RebuildReport.Loss(
                    names.segment(reading.number()), String.valueOf(reading.problem()), false, List.of()));
        }
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        for (SegmentReading reading : examined.series().cut()) {
            done = done.thenComposeAsync(
                    before -> affected(reading, examined.map())
                            .thenAccept(ranges -> losses.add(new RebuildReport.Loss(
                                    names.segment(reading.number()), String.valueOf(reading.problem()), true, ranges))),
                    lane);
        }
        return done.thenApply(all -> losses);
    }

    /** Blocks that stand in frames of which a part is gone. */
    private CompletableFuture<List<RebuildReport.BlockRange>> affected(SegmentReading reading, CommittedMap map) {
        SegmentHeader header = reading.header();
        RangeList ranges = new RangeList(RANGES_MAX);
        List<long[]> gone = new ArrayList<>(); // block number, its place
        if (header != null) {
            for (SegmentHeader.Frame frame : header.frames()) {
                boolean whole = frame.offsetBytes() + (long) frame.storedBytes() <= reading.sizeBytes();
                for (int slot = 0; !whole && slot < frame.lbas().length; slot++) {
                    gone.add(new long[] {frame.lbas()[slot], frame.locator(reading.number(), slot)});
                }
            }
        }
        gone.sort(java.util.Comparator.comparingLong(one -> one[0]));
        return checkFrom(gone, 0, map, ranges).thenApply(done -> ranges.ranges());
    }

    private CompletableFuture<Void> checkFrom(List<long[]> blocks, int at, CommittedMap map, RangeList ranges) {
        if (at == blocks.size()) {
            return CompletableFuture.completedFuture(null);
        }
        long leaf = blocks.get(at)[0] >>> BlockGeometry.LEAF_SHIFT;
        return map.leaf(leaf)
                .thenComposeAsync(
                        words -> {
                            int next = at;
                            while (next < blocks.size() && blocks.get(next)[0] >>> BlockGeometry.LEAF_SHIFT == leaf) {
                                long lba = blocks.get(next)[0];
                                if (words[(int) (lba & (BlockGeometry.LEAF_BLOCKS - 1))] == blocks.get(next)[1]) {
                                    ranges.add(lba);
                                }
                                next++;
                            }
                            return checkFrom(blocks, next, map, ranges);
                        },
                        lane);
    }

    /** Against the newest state as an opening would see it, when it can be seen. */
    private CompletableFuture<RebuildReport.Differences> differences(VolumeRebuild.Examined examined) {
        if (!examined.identity().newestIsSound()) {
            return CompletableFuture.completedFuture(RebuildReport.Differences.UNKNOWN);
        }
        VolumeAccess access = new VolumeAccess(names.volumeName(), passphrase, store, runtime);
        return BucketVolume.open(access, ViewedPoint.NEWEST, VIEW_PAGES)
                .thenComposeAsync(
                        view -> {
                            RangeList ranges = new RangeList(RANGES_MAX);
                            return new MappingComparison(
                                            view.map(), view.lane(), examined.map(), lane, examined.sizeBytes(), ranges)
                                    .run()
                                    .whenComplete((done, failure) -> view.close())
                                    .thenApply(done ->
                                            new RebuildReport.Differences(true, ranges.blocks(), ranges.ranges()));
                        },
                        lane)
                .exceptionally(failure -> {
                    Throwable cause = Failures.unwrap(failure);
                    if (cause instanceof ObjectStoreException store && store.isTransient()) {
                        throw new CompletionException(cause);
                    }
                    return RebuildReport.Differences.UNKNOWN;
                });
    }
}
