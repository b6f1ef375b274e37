package io.sluice.storage.recovery;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the segments behind the checkpoint that count.
 *
 * <p>They are consecutive, and their epochs never go down: the volume ends at the first number that is missing (from a
 * complete listing: an error is not an absence) or whose segment has an older epoch than one before it (an orphan of a
 * gateway that was fenced there). What stands behind the end does not count.
 */
public final class BucketReplay {
    private static final int LIST_LIMIT = 1000;
    private static final int HEADERS_AT_ONCE = 16;
    /** Of so many segments behind the end it is looked up how far they go. */
    private static final int ORPHANS_READ_MAX = 16;

    private static final Logger log = LoggerFactory.getLogger(BucketReplay.class);
    /** So many take long enough to be told. */
    private static final int MANY_SEGMENTS = 64;

    private final ObjectStore store;
    private final ObjectNames names;
    private final SegmentStore segments;
    private final Executor lane;

    /** Reads through {@code store}; futures complete on {@code lane}. */
    public BucketReplay(ObjectStore store, ObjectNames names, SegmentStore segments, Executor lane) {
        this.store = store;
        this.names = names;
        this.segments = segments;
        this.lane = lane;
    }

    /**
     * What counts, in order.
     *
     * @param headers of the segments behind the checkpoint
     * @param orphans objects behind the end
     * @param end where the volume ends in the bucket
     */
    public record Found(List<SegmentHeader> headers, int orphans, BucketEnd end) {
        /** Copies the list. */
        public Found {
            headers = List.copyOf(headers);
        }
    }

    /** Finds all segments behind {@code checkpoint} that count. */
    public CompletableFuture<Found> find(CheckpointRoot checkpoint) {
        long covered = checkpoint.coversSegment();
        return list(names.segment(Math.max(0, covered - 1)), new ArrayList<>())
                .thenComposeAsync(
                        all -> {
                            boolean coveredIsThere = !all.isEmpty()
                                    && covered > 0
                                    && all.get(0).key().equals(names.segment(covered));
                            ObjectHead newestCovered = coveredIsThere ? all.remove(0) : null;
                            List<ObjectHead> run = consecutive(all, covered + 1);
                            if (run.size() >= MANY_SEGMENTS) {
                                log.info("volume {}: opening, {} segments to replay", names.volumeName(), run.size());
                            }
                            return readFrom(run, 0, checkpoint.coversEpoch(), new ArrayList<>())
                                    .thenCompose(headers -> findEnd(checkpoint, newestCovered, headers, all)
                                            .thenApply(end -> new Found(headers, all.size() - headers.size(), end)));
                        },
                        lane);
    }

    /** The last number of the unbroken series of objects behind {@code covered}; whose they are is not looked at. */
    CompletableFuture<Long> lastConsecutive(long covered) {
        return list(names.segment(covered), new ArrayList<>())
                .thenApply(all -> covered + consecutive(all, covered + 1).size());
    }

    /** Only what is called like a segment: servers show unfinished uploads of others under names of their own. */
    private CompletableFuture<List<ObjectHead>> list(@Nullable String after, List<ObjectHead> found) {
        return store.list(names.segmentPrefix(), after, LIST_LIMIT, RequestCause.RECOVERY)
                .thenComposeAsync(
                        (ObjectPage page) -> {
                            page.objects().stream()
                                    .filter(head ->
                                            names.segmentNumber(head.key()).isPresent())
                                    .forEach(found::add);
                            return page.more()
                                    ? list(
                                            page.objects()
                                                    .get(page.objects().size() - 1)
                                                    .key(),
                                            found)
                                    : CompletableFuture.completedFuture(found);
                        },
                        lane);
    }

    private List<ObjectHead> consecutive(List<ObjectHead> all, long first) {
        List<ObjectHead> run = new ArrayList<>();
        for (ObjectHead head : all) {
            if (!head.key().equals(names.segment(first + run.size()))) {
                break;
            }
            run.add(head);
        }
        return run;
    }

    private CompletableFuture<List<SegmentHeader>> readFrom(
            List<ObjectHead> run, int from, long epoch, List<SegmentHeader> found) {
        if (from == run.size()) {
            return CompletableFuture.completedFuture(found);
        }
        int to = Math.min(run.size(), from + HEADERS_AT_ONCE);
        List<CompletableFuture<SegmentHeader>> batch = new ArrayList<>();
        for (ObjectHead head : run.subList(from, to)) {
            batch.add(segments.readHeader(
                    names.segmentNumber(head.key()).orElseThrow(), head.sizeBytes(), RequestCause.RECOVERY));
        }
        return CompletableFuture.allOf(batch.toArray(CompletableFuture[]::new))
                .thenComposeAsync(
                        done -> {
                            long newest = epoch;
                            for (CompletableFuture<SegmentHeader> header : batch) {
                                if (header.join().epoch() < newest) {
                                    return CompletableFuture.completedFuture(found);
                                }
                                newest = header.join().epoch();
                                found.add(header.join());
                            }
                            return readFrom(run, to, newest, found);
                        },
                        lane);
    }

    /** {@code all}: what stands behind the checkpoint, {@code headers} first. */
    private CompletableFuture<BucketEnd> findEnd(
            CheckpointRoot checkpoint,
            @Nullable ObjectHead newestCovered,
            List<SegmentHeader> headers,
            List<ObjectHead> all) {
        CompletableFuture<BucketEnd> end = CompletableFuture.completedFuture(endOf(checkpoint, headers));
        if (headers.isEmpty() && newestCovered != null) {
            end = readIfWhole(newestCovered)
                    .thenApply(covered -> new BucketEnd(
                            checkpoint.sequence(),
                            covered.map(SegmentHeader::wallTimeMillis).orElse(0L)));
        }
        long epoch = headers.isEmpty()
                ? checkpoint.coversEpoch()
                : headers.get(headers.size() - 1).epoch();
        for (ObjectHead orphan : all.subList(Math.max(headers.size(), all.size() - ORPHANS_READ_MAX), all.size())) {
            end = end.thenCombine(
                    readIfWhole(orphan), (known, found) -> known.with(found.filter(it -> it.epoch() >= epoch)));
        }
        return end;
    }

    /** A fence holds nothing, and after a takeover its number is far behind that of the last write. */
    private static BucketEnd endOf(CheckpointRoot checkpoint, List<SegmentHeader> headers) {
        long sequence = checkpoint.sequence();
        long timeMillis = 0;
        for (SegmentHeader header : headers) {
            timeMillis = Math.max(timeMillis, header.wallTimeMillis());
            if (header.kind() == SegmentHeader.Kind.DATA) {
                sequence = header.endSequence();
            }
        }
        return new BucketEnd(sequence, timeMillis);
    }

    /** Empty when it cannot be read: it is of interest only for what is told. */
    private CompletableFuture<Optional<SegmentHeader>> readIfWhole(ObjectHead head) {
        return segments.readHeader(
                        names.segmentNumber(head.key()).orElseThrow(), head.sizeBytes(), RequestCause.RECOVERY)
                .thenApply(Optional::of)
                .exceptionally(failure -> {
                    log.info("{} cannot be read, so the report leaves it out: {}", head.key(), failure.getMessage());
                    return Optional.empty();
                });
    }
}
