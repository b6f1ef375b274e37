package io.sluice.storage.gc;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.checkpoint.SegmentUse;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentHeader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes objects that are part of nothing: left over from crashes, fenced gateways and failed uploads.
 *
 * <p>Only what cannot be part of anything any more is deleted, whoever owns the volume by the time the request arrives:
 *
 * <ol>
 *   <li>Checkpoint objects that the adopted checkpoint does not know, with numbers below that of its root's object: every
 *       later checkpoint, of this gateway or of one that fenced it, continues from this root, so with higher numbers.
 *   <li>Segments that the table of the adopted checkpoint does not know, up to the one it covers, fences left out: numbers
 *       behind it are the only ones anybody will use.
 *   <li>Segments ahead of the series are never deleted: a gateway that has fenced this one may have put its own in their
 *       place. The series passes them by empty segments, which replaces exactly what was looked at, and those die by the
 *       ordinary rules.
 *   <li>Objects of endpoint tests that were there {@link #PROBE_AGE} ago already.
 * </ol>
 *
 * <p>Runs when there is a reason to look: the volume was not closed cleanly before, or a checkpoint failed. Never before this
 * gateway has adopted a checkpoint. Confined to the lane.
 */
final class OrphanSweep {
    private static final Logger log = LoggerFactory.getLogger(OrphanSweep.class);
    private static final int LIST_LIMIT = 1000;
    /** What stands further ahead waits until the series gets there. */
    private static final int PASSED_MAX = 256;
    /** A fence is not longer; what is as short is not worth a look at its header. */
    private static final int FENCE_BYTES_MAX = 2048;

    private static final int SCAN_SEGMENTS_MAX = 1 << 20;
    private static final Duration PROBE_AGE = Duration.ofMinutes(10);
    private static final Duration RETRY = Duration.ofMinutes(1);
    private static final Duration STAND_BACK_POLL = Duration.ofMillis(250);

    private final CollectorParts parts;
    private final CollectorHost host;
    private final CommittedMap committed;
    private final ObjectStore store;
    private final ObjectNames names;
    private final Lane lane;
    private final Pace pace;
    private final Runnable afterPassing;
    private boolean wanted;
    private boolean running;
    private boolean probesSeen;
    private int passed;
    private final AtomicLong deletedObjects = new AtomicLong();

    /** {@code afterPassing} runs when empty segments were written. */
    OrphanSweep(CollectorParts parts, CollectorHost host, Pace pace, Runnable afterPassing) {
        this.parts = parts;
        this.host = host;
        this.committed = parts.committed();
        this.store = parts.store();
        this.names = parts.names();
        this.lane = parts.lane();
        this.pace = pace;
        this.afterPassing = afterPassing;
    }

    /** There is a reason to look, when the next checkpoint is adopted. */
    void want() {
        wanted = true;
    }

    /** Objects deleted so far; on any thread. */
    long deletedObjects() {
        return deletedObjects.get();
    }

    /** A checkpoint was adopted. */
    void adopted() {
        if (wanted && !running) {
            begin();
        }
    }

    private void begin() {
        wanted = false;
        running = true;
        calm().thenComposeAsync(go -> sweepCheckpoints(), lane)
                .thenComposeAsync(done -> sweepSegments(), lane)
                .thenComposeAsync(done -> passSegments(), lane)
                .thenComposeAsync(done -> sweepProbes(), lane)
                .whenCompleteAsync((done, failure) -> ended(failure), lane)
                .exceptionally(failure -> true);
    }

    private void ended(@Nullable Throwable failure) {
        running = false;
        if (passed > 0) {
            passed = 0;
            afterPassing.run();
        }
        if (failure == null || host.isOver()) {
            return;
        }
        Throwable cause = Failures.unwrap(failure);
        if (!(cause instanceof IOException)) {
            lane.execute(() -> {
                throw new IllegalStateException("the sweep for orphans failed", cause);
            });
            return;
        }
        log.info(
                "volume {}: orphans could not be looked for (it will be tried again): {}",
                parts.volumeName(),
                cause.getMessage());
        wanted = true;
        var unused = lane.schedule(RETRY, () -> {
            if (!host.isOver()) {
                adopted();
            }
        });
    }

    /** Completes when the host does not mind; never when the volume is over. */
    private CompletableFuture<Boolean> calm() {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        awaitCalm(result);
        return result;
    }

    private void awaitCalm(CompletableFuture<Boolean> result) {
        if (host.isOver()) {
            return;
        }
        if (host.standBackBecause(false) == null) {
            result.complete(true);
        } else {
            var unused = lane.schedule(STAND_BACK_POLL, () -> awaitCalm(result));
        }
    }

    /** Gives each page of a listing to {@code taker}, on the lane. */
    private CompletableFuture<Boolean> list(String prefix, @Nullable String after, Consumer<List<ObjectHead>> taker) {
        return pace.request()
                .thenCompose(go -> store.list(prefix, after, LIST_LIMIT, RequestCause.GC))
                .thenComposeAsync(
                        (ObjectPage page) -> {
                            taker.accept(page.objects());
                            if (!page.more() || page.objects().isEmpty()) {
                                return CompletableFuture.completedFuture(true);
                            }
                            ObjectHead last = page.objects().get(page.objects().size() - 1);
                            return list(prefix, last.key(), taker);
                        },
                        lane);
    }

    private CompletableFuture<Boolean> delete(List<String> keys, String what) {
        if (keys.isEmpty() || host.isOver()) {
            return CompletableFuture.completedFuture(true);
        }
        return pace.request()
                .thenCompose(go -> store.delete(keys, RequestCause.GC))
                .thenApplyAsync(
                        done -> {
                            deletedObjects.addAndGet(keys.size());
                            log.info(
                                    "volume {}: {} {} left over from before deleted",
                                    parts.volumeName(),
                                    keys.size(),
                                    what);
                            return true;
                        },
                        lane);
    }

    private CompletableFuture<Boolean> sweepCheckpoints() {
        List<ObjectHead> found = new ArrayList<>();
        return list(names.checkpointPrefix(), null, found::addAll)
                .thenComposeAsync(done -> delete(unknownCheckpoints(found), "checkpoint objects"), lane);
    }

    private List<String> unknownCheckpoints(List<ObjectHead> found) {
        Set<Long> known = new HashSet<>(committed.knownCheckpointObjects());
        long end = committed.root().object();
        List<String> unknown = new ArrayList<>();
        for (ObjectHead head : found) {
            OptionalLong number = names.checkpointNumber(head.key());
            if (number.isPresent() && number.getAsLong() < end && !known.contains(number.getAsLong())) {
                unknown.add(head.key());
            }
        }
        return unknown;
    }

    private CompletableFuture<Boolean> sweepSegments() {
        CheckpointRoot root = committed.root();
        return committed
                .sparseSegments(1, SCAN_SEGMENTS_MAX)
                .thenComposeAsync(table -> sweepSegments(table, root.coversSegment()), lane);
    }

    private CompletableFuture<Boolean> sweepSegments(List<SegmentUse> table, long covered) {
        if (table.size() == SCAN_SEGMENTS_MAX) {
            return CompletableFuture.completedFuture(true); // the table is not complete: nothing is provably unknown
        }
        Set<Long> known = new HashSet<>();
        table.forEach(segment -> known.add(segment.number()));
        List<ObjectHead> unknown = new ArrayList<>();
        return list(names.segmentPrefix(), null, page -> {
                    for (ObjectHead head : page) {
                        OptionalLong number = names.segmentNumber(head.key());
                        if (number.isPresent()
                                && number.getAsLong() <= covered
                                && head.sizeBytes() > FENCE_BYTES_MAX
                                && !known.contains(number.getAsLong())) {
                            unknown.add(head);
                        }
                    }
                })
                .thenComposeAsync(done -> deleteUnlessFence(unknown, 0), lane);
    }

    private CompletableFuture<Boolean> deleteUnlessFence(List<ObjectHead> unknown, int from) {
        if (from == unknown.size()) {
            return CompletableFuture.completedFuture(true);
        }
        ObjectHead head = unknown.get(from);
        long number = names.segmentNumber(head.key()).orElseThrow();
        return pace.request()
                .thenCompose(go -> parts.segments().readHeader(number, head.sizeBytes(), RequestCause.GC))
                .handle((header, failure) -> failure == null && header.kind() != SegmentHeader.Kind.FENCE)
                .thenComposeAsync(
                        orphan -> orphan
                                ? delete(List.of(head.key()), "segment")
                                : CompletableFuture.completedFuture(true),
                        lane)
                .thenComposeAsync(done -> deleteUnlessFence(unknown, from + 1), lane);
    }

    /** Puts empty segments in the place of what stands ahead of the series. */
    private CompletableFuture<Boolean> passSegments() {
        List<Long> ahead = new ArrayList<>();
        return list(
                        names.segmentPrefix(),
                        names.segment(committed.lastSegment()),
                        page -> page.forEach(
                                head -> names.segmentNumber(head.key()).ifPresent(ahead::add)))
                .thenComposeAsync(
                        done -> ahead.isEmpty()
                                ? CompletableFuture.completedFuture(true)
                                : pass(ahead.get(ahead.size() - 1), PASSED_MAX),
                        lane);
    }

    private CompletableFuture<Boolean> pass(long last, int most) {
        if (host.nextNumber() > last || last - host.nextNumber() >= most) {
            return CompletableFuture.completedFuture(true);
        }
        return calm().thenComposeAsync(
                        go -> {
                            if (host.nextNumber() > last) {
                                return CompletableFuture.completedFuture(true);
                            }
                            passed++;
                            pace.charge(1);
                            return host.append(MovedSegment.empty()).thenComposeAsync(took -> pass(last, most), lane);
                        },
                        lane);
    }

    private CompletableFuture<Boolean> sweepProbes() {
        List<String> found = new ArrayList<>();
        return list(names.probePrefix(), null, page -> page.forEach(head -> found.add(head.key())))
                .thenApplyAsync(
                        done -> {
                            if (!found.isEmpty() && !probesSeen) {
                                probesSeen = true;
                                var unused = lane.schedule(PROBE_AGE, () -> deleteProbes(found));
                            }
                            return true;
                        },
                        lane);
    }

    private void deleteProbes(List<String> seen) {
        probesSeen = false;
        if (host.isOver()) {
            return;
        }
        Futures.then(delete(seen, "objects of endpoint tests"), lane, (done, failure) -> {
            if (failure != null) {
                log.info("volume {}: objects of endpoint tests stay: {}", parts.volumeName(), failure.getMessage());
            }
        });
    }
}
