package io.sluice.storage.gc;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.checkpoint.SegmentUse;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentFormat;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Moves blocks: finds those that live, reads and verifies them, has them written as MOVED segments one after another. Keeps
 * the collector's limits. Confined to the lane; futures complete on it.
 */
final class Mover {
    /** What a batch holds in memory, in full segments, before compression. */
    private static final int BATCH_SEGMENTS = 2;
    /** A block that was found alive so many segments ago is found anew before it is moved. */
    private static final long PLACES_AGE_MAX = SegmentFormat.MOVE_WINDOW_SEGMENTS / 2;

    /** Blocks of one MOVED segment, those that share a slot counted each: their old places must fit into its header. */
    private static final int PLACES_MAX = 8192;
    /** Runs of references in one MOVED segment, for the same reason. */
    private static final int REFERENCE_RUNS_MAX = 16384;

    /** How often references are looked up that became too old while the last of them was looked up. */
    private static final int LOOKS_MAX = 3;

    private static final Duration CALM_POLL = Duration.ofMillis(20);

    private final CollectorHost host;
    private final CommittedMap committed;
    private final BlockIndex index;
    private final Lane lane;
    private final SegmentStore segments;
    private final Pace pace;
    private final BlockSource source;
    private final UploadSize size;
    private final int batchBlocks;

    Mover(CollectorParts parts, CollectorHost host, Pace pace) {
        this.host = host;
        this.committed = parts.committed();
        this.index = parts.index();
        this.lane = parts.lane();
        this.segments = parts.segments();
        this.pace = pace;
        this.source = new BlockSource(parts, pace);
        this.size = new UploadSize(parts.segmentBytes(), parts.settings().hostWaitMax());
        this.batchBlocks = (int) ((BATCH_SEGMENTS * parts.segmentBytes()) >>> BlockGeometry.BLOCK_SHIFT);
    }

    /**
     * What a batch came to.
     *
     * @param segments written
     * @param movedBytes of blocks in them, before compression
     * @param damaged segments that could not be verified, with the reason
     * @param unwieldy segments that are not worth it
     */
    record Result(int segments, long movedBytes, Map<Long, String> damaged, Set<Long> unwieldy) {}

    CommittedMap committed() {
        return committed;
    }

    Lane lane() {
        return lane;
    }

    Batch newBatch() {
        return new Batch(host, batchBlocks);
    }

    CompletableFuture<SegmentHeader> readHeader(SegmentUse segment) {
        return pace.read(Math.min(segment.storedBytes(), SegmentFormat.HEADER_READ_BYTES))
                .thenCompose(go -> segments.readHeader(segment.number(), segment.storedBytes(), RequestCause.GC));
    }

    /** Takes those of {@code candidates} that stand where they say into the batch; gives true. */
    CompletableFuture<Boolean> findLive(Batch batch, List<Placed> candidates) {
        return LiveFinder.find(index, committed, lane, pace, candidates).thenApply(live -> {
            batch.add(live);
            return true;
        });
    }

    /** Takes over what {@code header} says of other segments' blocks, and holds these segments. */
    void settle(Batch batch, SegmentHeader header, long lowestSegment) {
        batch.hold(Settlement.sources(header));
        batch.settlement().add(header, lowestSegment);
    }

    /** Reads everything of the batch, then writes it. */
    CompletableFuture<Result> move(Batch batch, boolean urgent) {
        if (batch.isEmpty()) {
            return CompletableFuture.completedFuture(new Result(0, 0, batch.damaged(), batch.unwieldy()));
        }
        return source.read(batch.places())
                .thenComposeAsync(
                        found -> {
                            batch.damaged().putAll(found.damaged());
                            return new Writing(batch, found.blocks(), urgent).next();
                        },
                        lane);
    }

    /** The batch on its way to the bucket, one segment after another. */
    private final class Writing {
        private final Batch batch;
        private final List<MovedBlock> blocks;
        private final boolean urgent;
        private boolean settled;
        private int looks;
        private int done;
        private int written;
        private long movedBytes;

        Writing(Batch batch, List<MovedBlock> blocks, boolean urgent) {
            this.batch = batch;
            this.blocks = blocks;
            this.urgent = urgent;
            this.settled = batch.settlement().isEmpty();
        }

        CompletableFuture<Result> next() {
            if (done == blocks.size() && settled) {
                return CompletableFuture.completedFuture(
                        new Result(written, movedBytes, batch.damaged(), batch.unwieldy()));
            }
            long bytes = Math.min(blocks.size() - done, size.blocks()) * (long) BlockGeometry.BLOCK_BYTES;
            return pace.write(bytes).thenCompose(go -> calm()).thenComposeAsync(go -> append(), lane);
        }

        /** Completes when the host does not mind. */
        private CompletableFuture<Boolean> calm() {
            CompletableFuture<Boolean> result = new CompletableFuture<>();
            awaitCalm(result);
            return result;
        }

        private void awaitCalm(CompletableFuture<Boolean> result) {
            if (host.isOver()) {
                return;
            }
            if (host.standBackBecause(urgent) == null) {
                result.complete(true);
            } else {
                var unused = lane.schedule(CALM_POLL, () -> awaitCalm(result));
            }
        }

        private CompletableFuture<Result> append() {
            List<MovedBlock> part = part();
            if (!part.isEmpty()) {
                return put(MovedSegment.of(part));
            }
            return done < blocks.size() || settled ? next() : settle();
        }

        /**
         * What is carried on for others, behind all blocks of the batch. Its references are looked up only now, by the committed
         * mapping: so those that this batch has moved, and only those, stand there no longer.
         */
        private CompletableFuture<Result> settle() {
            return LiveFinder.find(
                            null, committed, lane, pace, batch.settlement().references())
                    .thenComposeAsync(this::tellOn, lane);
        }

        /** What cannot be told on leaves its segments as they are, unsettled. */
        private CompletableFuture<Result> tellOn(List<Placed> standing) {
            if (!standing.stream().allMatch(this::isYoung)) {
                settled = ++looks == LOOKS_MAX;
                return next();
            }
            settled = true;
            List<Placed> references = eachOnce(standing);
            if (MovedSegment.runs(references) > REFERENCE_RUNS_MAX) {
                batch.unwieldy().addAll(batch.settlement().settled());
                return next();
            }
            return put(MovedSegment.settling(batch.settlement(), references));
        }

        private boolean isYoung(Placed place) {
            return committed.lastSegment() - place.asOf() <= PLACES_AGE_MAX;
        }

        private CompletableFuture<Result> put(MovedSegment segment) {
            return host.append(segment)
                    .thenComposeAsync(
                            took -> {
                                size.took(took);
                                written++;
                                movedBytes += segment.rawBytes();
                                return next();
                            },
                            lane);
        }

        /** The next blocks, those left out that the host has written anew since they were found. */
        private List<MovedBlock> part() {
            List<MovedBlock> part = new ArrayList<>();
            int places = 0;
            while (done < blocks.size() && part.size() < size.blocks() && places < PLACES_MAX) {
                MovedBlock block = stillStanding(blocks.get(done));
                if (block != null) {
                    part.add(block);
                    places += block.places().size();
                }
                done++;
            }
            return part;
        }

        private @Nullable MovedBlock stillStanding(MovedBlock block) {
            List<Placed> places = new ArrayList<>();
            for (Placed place : block.places()) {
                long now = index.lookup(place.lba());
                if (isYoung(place) && (now == place.locator() || now == Locator.UNKNOWN)) {
                    places.add(place);
                }
            }
            return places.isEmpty() ? null : new MovedBlock(places, block.content(), block.fromCache());
        }
    }

    /** Two headers may say the same of a block. */
    private static List<Placed> eachOnce(List<Placed> standing) {
        TreeMap<Long, Placed> references = new TreeMap<>();
        standing.forEach(reference -> references.put(reference.lba(), reference));
        return List.copyOf(references.values());
    }
}
