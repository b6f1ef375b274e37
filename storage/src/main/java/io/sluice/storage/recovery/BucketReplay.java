package io.sluice.storage.recovery;

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

/**
 * Finds the segments behind the checkpoint that count.
 *
 * <p>They are consecutive, and their epochs never go down: the volume ends at the first number that is missing (from a
 * complete listing: an error is not an absence) or whose segment has an older epoch than one before it (an orphan of a
 * gateway that was fenced there). What stands behind the end does not count.
 */
final class BucketReplay {
    private static final int LIST_LIMIT = 1000;
    private static final int HEADERS_AT_ONCE = 16;

    private final ObjectStore store;
    private final ObjectNames names;
    private final SegmentStore segments;
    private final Executor lane;

    BucketReplay(ObjectStore store, ObjectNames names, SegmentStore segments, Executor lane) {
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
    record Found(List<SegmentHeader> headers, int orphans) {}

    /** Finds all segments with numbers above {@code covered}; {@code coveredEpoch} is the oldest epoch they may have. */
    CompletableFuture<Found> find(long covered) {
        return list(names.segment(covered), new ArrayList<>())
                .thenComposeAsync(all -> readInOrder(consecutive(all, covered + 1), all.size()), lane);
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

    private CompletableFuture<Found> readInOrder(List<ObjectHead> run, int listed) {
        return readFrom(run, 0, new ArrayList<>()).thenApply(headers -> new Found(headers, listed - headers.size()));
    }

    private CompletableFuture<List<SegmentHeader>> readFrom(List<ObjectHead> run, int from, List<SegmentHeader> found) {
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
                            for (CompletableFuture<SegmentHeader> header : batch) {
                                if (isBehindFence(header.join(), found)) {
                                    return CompletableFuture.completedFuture(found);
                                }
                                found.add(header.join());
                            }
                            return readFrom(run, to, found);
                        },
                        lane);
    }

    private static boolean isBehindFence(SegmentHeader next, List<SegmentHeader> before) {
        return !before.isEmpty() && next.epoch() < before.get(before.size() - 1).epoch();
    }
}
