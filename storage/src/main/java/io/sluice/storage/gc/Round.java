package io.sluice.storage.gc;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.checkpoint.SegmentUse;
import io.sluice.storage.format.Locator;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The segments that one scan of the table has chosen, worked off in batches. Confined to the lane. */
final class Round {
    private final Mover mover;
    private final CommittedMap committed;
    private final ArrayDeque<SegmentUse> waiting;
    private final boolean urgent;
    /** The blocks of segments to which others refer. */
    private final Map<Long, List<Placed>> walked = new TreeMap<>();

    private final Set<Long> gone = new HashSet<>();
    private long lowestSegment;
    private boolean moved;

    Round(Mover mover, List<SegmentUse> victims, boolean urgent) {
        this.mover = mover;
        this.committed = mover.committed();
        this.waiting = new ArrayDeque<>(victims);
        this.urgent = urgent;
    }

    boolean isUrgent() {
        return urgent;
    }

    boolean isDone() {
        return waiting.isEmpty();
    }

    /** Whether it has written anything. */
    boolean hasMoved() {
        return moved;
    }

    /** These are deleted: nothing more of them is read. */
    void forget(Set<Long> segments) {
        gone.addAll(segments);
    }

    /** Finds what the headers do not tell: one walk over the mapping for all segments to which others refer. */
    CompletableFuture<Void> prepare() {
        return committed
                .lowestSegment()
                .thenComposeAsync(
                        lowest -> {
                            lowestSegment = lowest;
                            SortedSet<Long> shared = new TreeSet<>();
                            waiting.stream()
                                    .filter(victim -> victim.shared() && victim.deadSince() == 0)
                                    .forEach(victim -> shared.add(victim.number()));
                            shared.forEach(segment -> walked.put(segment, new ArrayList<>()));
                            return shared.isEmpty()
                                    ? CompletableFuture.completedFuture(null)
                                    : committed.findBlocks(shared, this::found);
                        },
                        mover.lane());
    }

    private void found(long lba, long locator, long asOf) {
        List<Placed> places = walked.get(Locator.segmentNumber(locator));
        if (places != null) {
            places.add(new Placed(lba, locator, asOf));
        }
    }

    /** Gathers as many segments as make a batch, and moves what lives in them. */
    CompletableFuture<Mover.Result> nextBatch(Set<Long> leftAlone) {
        Batch batch = mover.newBatch();
        return gather(batch, leftAlone)
                .thenComposeAsync(done -> mover.move(batch, urgent), mover.lane())
                .whenCompleteAsync(
                        (result, failure) -> {
                            batch.release();
                            moved |= result != null && result.segments() > 0;
                        },
                        mover.lane());
    }

    private CompletableFuture<Boolean> gather(Batch batch, Set<Long> leftAlone) {
        Set<Long> dead = new HashSet<>(committed.deadSegments());
        SegmentUse victim = null;
        while (victim == null && !batch.isFull() && !waiting.isEmpty()) {
            SegmentUse next = waiting.remove();
            if (!gone.contains(next.number()) && !dead.contains(next.number()) && !leftAlone.contains(next.number())) {
                victim = next;
            }
        }
        if (victim == null) {
            return CompletableFuture.completedFuture(true);
        }
        SegmentUse chosen = victim;
        batch.hold(Set.of(chosen.number()));
        return take(batch, chosen)
                .thenComposeAsync(
                        fits -> fits ? gather(batch, leftAlone) : CompletableFuture.completedFuture(false),
                        mover.lane());
    }

    private record Answer(
            @Nullable SegmentHeader header, @Nullable Throwable failure) {}

    /** False when the batch is full because of it, and it waits for the next one. */
    private CompletableFuture<Boolean> take(Batch batch, SegmentUse victim) {
        List<Placed> places = walked.get(victim.number());
        if (places != null && !victim.zeros()) {
            return mover.findLive(batch, places);
        }
        return mover.readHeader(victim)
                .handle(Answer::new)
                .thenComposeAsync(answer -> take(batch, victim, answer.header(), answer.failure()), mover.lane());
    }

    private CompletableFuture<Boolean> take(
            Batch batch, SegmentUse victim, @Nullable SegmentHeader header, @Nullable Throwable failure) {
        if (header == null) {
            Throwable cause = failure == null ? new IllegalStateException("no header") : failure;
            String reason = Damage.reason(cause);
            if (reason == null) {
                return CompletableFuture.failedFuture(cause);
            }
            batch.damaged().put(victim.number(), reason);
            return CompletableFuture.completedFuture(true);
        }
        if (header.sharedBlocks() > LiveFinder.NAMED_BLOCKS_MAX) {
            batch.unwieldy().add(victim.number());
            return CompletableFuture.completedFuture(true);
        }
        if (victim.zeros() && !batch.settlement().hasRoomFor(header)) {
            waiting.addFirst(victim);
            return CompletableFuture.completedFuture(false);
        }
        List<Placed> places = walked.getOrDefault(victim.number(), LiveFinder.named(header));
        if (victim.zeros()) {
            mover.settle(batch, header, lowestSegment);
        }
        return mover.findLive(batch, places);
    }
}
