package io.sluice.storage.gc;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.checkpoint.SegmentUse;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.IdentityCopies;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
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
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at each kind of object, and the removal of what is part of nothing; {@link OrphanSweep} says when.
 *
 * <p>Only what cannot be part of anything any more is deleted, whoever owns the volume by the time the request arrives:
 *
 * <ol>
 *   <li>Checkpoint objects that the adopted checkpoint does not know, with numbers below that of its root's object: every
 *       later checkpoint, of this gateway or of one that fenced it, continues from this root, so with higher numbers.
 *   <li>Checkpoint objects with higher numbers are not deleted: a gateway that has fenced this one may have put its own in
 *       their place. The numbers are passed: the next checkpoint stands behind them, and then they are below its root.
 *   <li>Segments that the table of the adopted checkpoint does not know, up to the one it covers, fences left out: numbers
 *       behind it are the only ones anybody will use.
 *   <li>Segments ahead of the series are never deleted, for the same reason as checkpoint objects. The series passes them
 *       by empty segments, which replaces exactly what was looked at, and those die by the ordinary rules.
 *   <li>Objects of endpoint tests that were there {@link #PROBE_AGE} ago already.
 *   <li>Identity copies by the rules of {@link IdentityCopies}.
 * </ol>
 *
 * <p>Confined to the lane, apart from {@link #deletedObjects}.
 */
final class OrphanSearch {
    private static final Logger log = LoggerFactory.getLogger(OrphanSearch.class);
    private static final int LIST_LIMIT = 1000;
    /** What stands further ahead waits until the series gets there. */
    private static final int PASSED_MAX = 256;
    /** A fence is not longer. */
    private static final int FENCE_BYTES_MAX = 2048;
    /**
     * So many objects that are as short as a fence, and not known to be one, are looked at in one go, the newest. Orphans
     * come from requests of the last minutes, so what is older was looked at in its time.
     */
    private static final int SHORT_LOOKS_MAX = 1024;

    private static final int SCAN_SEGMENTS_MAX = 1 << 20;
    private static final Duration STAND_BACK_POLL = Duration.ofMillis(250);
    static final Duration PROBE_AGE = Duration.ofMinutes(10);

    private final CollectorParts parts;
    private final CollectorHost host;
    private final CommittedMap committed;
    private final ObjectStore store;
    private final ObjectNames names;
    private final Lane lane;
    private final Pace pace;
    private final IdentityCopies identity;
    /** Numbers that were looked at: they stay. */
    private final Set<Long> fences = new HashSet<>();

    private final AtomicLong deletedObjects = new AtomicLong();
    private final Runnable afterFailure;
    /** Objects of endpoint tests that were seen and wait to be old enough. */
    private final Set<String> probes = new HashSet<>();

    private int passed;

    /** {@code afterFailure} runs when something was not deleted after a look had ended. */
    OrphanSearch(CollectorParts parts, CollectorHost host, Pace pace, Runnable afterFailure) {
        this.afterFailure = afterFailure;
        this.parts = parts;
        this.host = host;
        this.committed = parts.committed();
        this.store = parts.store();
        this.names = parts.names();
        this.lane = parts.lane();
        this.pace = pace;
        this.identity = new IdentityCopies(store, names);
    }

    /** Objects deleted so far; on any thread. */
    long deletedObjects() {
        return deletedObjects.get();
    }

    /** Empty segments written since this was asked last. */
    int takePassed() {
        int taken = passed;
        passed = 0;
        return taken;
    }

    /** Completes when the host does not mind; never when the volume is over. */
    CompletableFuture<Boolean> calm() {
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

    /** Completes with whether there are some that only a further checkpoint can get behind. */
    CompletableFuture<Boolean> sweepCheckpoints() {
        List<ObjectHead> found = new ArrayList<>();
        return list(names.checkpointPrefix(), null, found::addAll)
                .thenComposeAsync(done -> sweepCheckpoints(found), lane);
    }

    private CompletableFuture<Boolean> sweepCheckpoints(List<ObjectHead> found) {
        long end = committed.root().object();
        Set<Long> known = new HashSet<>(committed.knownCheckpointObjects());
        List<String> unknown = new ArrayList<>();
        long ahead = 0;
        for (ObjectHead head : found) {
            long number = names.checkpointNumber(head.key()).orElse(end);
            if (number < end && !known.contains(number)) {
                unknown.add(head.key());
            }
            ahead = Math.max(ahead, number > end ? number : 0);
        }
        boolean further = ahead > 0;
        if (further) {
            committed.passCheckpointObjects(ahead);
        }
        return delete(unknown, "checkpoint objects").thenApply(done -> further);
    }

    CompletableFuture<Boolean> sweepSegments() {
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
                                && !known.contains(number.getAsLong())
                                && !fences.contains(number.getAsLong())) {
                            unknown.add(head);
                        }
                    }
                })
                .thenComposeAsync(done -> deleteUnlessFence(newest(unknown), 0), lane);
    }

    /** Without the oldest of those that may be fences, when these are many; {@code unknown} ascends. */
    private static List<ObjectHead> newest(List<ObjectHead> unknown) {
        List<ObjectHead> taken = new ArrayList<>();
        int looks = 0;
        for (int i = unknown.size() - 1; i >= 0; i--) {
            ObjectHead head = unknown.get(i);
            if (head.sizeBytes() > FENCE_BYTES_MAX || ++looks <= SHORT_LOOKS_MAX) {
                taken.add(head);
            }
        }
        return taken;
    }

    private CompletableFuture<Boolean> deleteUnlessFence(List<ObjectHead> unknown, int from) {
        if (from == unknown.size() || host.isOver()) {
            return CompletableFuture.completedFuture(true);
        }
        ObjectHead head = unknown.get(from);
        long number = names.segmentNumber(head.key()).orElseThrow();
        return pace.request()
                .thenCompose(go -> parts.segments().readHeader(number, head.sizeBytes(), RequestCause.GC))
                .handleAsync((header, failure) -> isOrphan(number, header, failure), lane)
                .thenComposeAsync(
                        orphan -> orphan
                                ? delete(List.of(head.key()), "segment")
                                : CompletableFuture.completedFuture(true),
                        lane)
                .thenComposeAsync(done -> deleteUnlessFence(unknown, from + 1), lane);
    }

    /** What cannot be read as a segment is left for people to look at; an error of the bucket ends the sweep. */
    private boolean isOrphan(long number, @Nullable SegmentHeader header, @Nullable Throwable failure) {
        if (header == null) {
            Throwable cause = failure == null ? new IOException("no answer") : Failures.unwrap(failure);
            if (cause instanceof ObjectStoreException refused
                    && refused.kind() != ObjectStoreException.Kind.NOT_FOUND) {
                throw new CompletionException(refused);
            }
            return false;
        }
        if (header.kind() == SegmentHeader.Kind.FENCE) {
            fences.add(number);
            return false;
        }
        return true;
    }

    /** Puts empty segments in the place of what stands ahead of the series. */
    CompletableFuture<Boolean> passSegments() {
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

    CompletableFuture<Boolean> sweepProbes() {
        List<String> found = new ArrayList<>();
        return list(names.probePrefix(), null, page -> page.forEach(head -> found.add(head.key())))
                .thenApplyAsync(
                        done -> {
                            found.removeIf(key -> !probes.add(key));
                            if (!found.isEmpty()) {
                                var unused = lane.schedule(PROBE_AGE, () -> deleteProbes(found));
                            }
                            return true;
                        },
                        lane);
    }

    private void deleteProbes(List<String> seen) {
        seen.forEach(probes::remove);
        if (host.isOver()) {
            return;
        }
        Futures.then(delete(seen, "objects of endpoint tests"), lane, (done, failure) -> {
            if (failure != null) {
                log.info("volume {}: objects of endpoint tests stay: {}", parts.volumeName(), failure.getMessage());
                afterFailure.run();
            }
        });
    }

    CompletableFuture<Boolean> sweepIdentity() {
        return pace.request()
                .thenCompose(go -> identity.sweep(RequestCause.GC))
                .thenApplyAsync(
                        deleted -> {
                            deletedObjects.addAndGet(deleted);
                            return true;
                        },
                        lane);
    }
}
