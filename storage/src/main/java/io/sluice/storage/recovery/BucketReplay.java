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
     */
    public record Found(List<SegmentHeader> headers, int orphans) {
        /** Copies the list. */
        public Found {
            headers = List.copyOf(headers);
        }
    }

    /** Finds all segments behind {@code checkpoint} that count. */
    public CompletableFuture<Found> find(CheckpointRoot checkpoint) {
        long covered = checkpoint.coversSegment();
        return list(names.segment(covered), new ArrayList<>())
                .thenComposeAsync(
                        all -> {
                            List<ObjectHead> run = consecutive(all, covered + 1);
                            if (run.size() >= MANY_SEGMENTS) {
                                log.info("volume {}: opening, {} segments to replay", names.volumeName(), run.size());
                            }
                            return readFrom(run, 0, checkpoint.coversEpoch(), new ArrayList<>())
                                    .thenApply(headers -> new Found(headers, all.size() - headers.size()));
                        },
                        lane);
    }

    /** The last number of the unbroken series of objects behind {@code covered}; whose they are is not looked at. */
    CompletableFuture<Long> lastConsecutive(long covered) {
        return list(names.segment(covered), new ArrayList<>())
                .thenApply(all -> covered + consecutive(all, covered + 1).size());
    }

    private CompletableFuture<List<ObjectHead>> list(@Nullable String after, List<ObjectHead> found) {
        return store.list(names.segmentPrefix(), after, LIST_LIMIT, RequestCause.RECOVERY)
                .thenComposeAsync(
                        (ObjectPage page) -> {
                            found.addAll(page.objects());
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
}
