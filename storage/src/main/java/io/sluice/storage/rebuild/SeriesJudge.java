package io.sluice.storage.rebuild;

import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.segment.OldPlace;
import io.sluice.storage.segment.SegmentHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Which segments of a series with gaps count. Gets them ascending, one after another, and passes on those that count.
 *
 * <p>The rules of an opening ({@code BucketReplay}), without a checkpoint that says where the series has gaps:
 *
 * <ol>
 *   <li>Epochs never go down: a segment with an older epoch than one that counts before it is an orphan of a gateway that was
 *       fenced there. Fences are never deleted, so the one that made it an orphan stands before it.
 *   <li>A missing number below a segment that was committed was deleted by the collector: segments commit in order. Committed
 *       is: what stands below a fence (it was put behind all that counted); what a manifest or a checkpoint covers; what a
 *       later segment refers to, moves from or settles; and what stands {@value #WINDOW} numbers below one that counts,
 *       because no gateway has more under way.
 *   <li>The first missing number above that is a gap that nobody explains: see {@link RebuildOptions.Tail}. With {@code
 *       gapsEnd} (a sound newest manifest: all that was deleted is below its checkpoint) it ends the volume.
 * </ol>
 *
 * <p>Only the newest segments wait for the end; memory is bounded by {@value #HELD_BACK} headers. Not thread-safe.
 */
final class SeriesJudge {
    /** A gateway has fewer segments under way: {@code flush.uploads} goes up to 64, and the collector's few come on top. */
    static final int WINDOW = 128;
    /** So far below the greatest number the end can be: an orphan stands at most a window above what was committed. */
    static final int HELD_BACK = 2 * WINDOW;

    private final long greatest;
    private final boolean gapsEnd;
    private final RebuildOptions.Tail tail;
    private final Consumer<SegmentReading> counted;
    private final List<SegmentReading> held = new ArrayList<>();
    private final List<Long> orphans = new ArrayList<>();
    private final List<SegmentReading> unreadable = new ArrayList<>();
    private long committed;
    private long newestEpoch;
    private long newestSeenEpoch;
    private long endSequence;
    private long newestMillis;
    private long last;
    private long offered;
    private long unexplainedGap;

    /**
     * {@code greatest}: the greatest number there is; {@code committed}: what manifest and checkpoints say; {@code
     * counted} gets what counts, ascending.
     */
    SeriesJudge(
            long greatest,
            long committed,
            boolean gapsEnd,
            RebuildOptions.Tail tail,
            Consumer<SegmentReading> counted) {
        this.greatest = greatest;
        this.committed = committed;
        this.gapsEnd = gapsEnd;
        this.tail = tail;
        this.counted = counted;
    }

    /** The next segment, in ascending order. */
    void offer(SegmentReading reading) {
        Invariant.check(reading.number() > offered, "segments are judged in order", reading.number(), offered);
        offered = reading.number();
        SegmentHeader header = reading.header();
        if (header != null) {
            newestSeenEpoch = Math.max(newestSeenEpoch, header.epoch());
        }
        if (reading.number() > greatest - HELD_BACK) {
            held.add(reading);
        } else {
            take(reading);
        }
    }

    /** All were offered. */
    void finish() {
        long end = end();
        for (SegmentReading reading : held) {
            if (reading.number() <= end) {
                take(reading);
            } else {
                orphans.add(reading.number());
            }
        }
    }

    /** The last number that counts. */
    private long end() {
        long epoch = newestEpoch;
        long known = committed;
        long lastOfEpoch = last;
        for (SegmentReading reading : held) {
            SegmentHeader header = reading.header();
            if (header != null && header.epoch() >= epoch) {
                epoch = header.epoch();
                known = Math.max(known, committedAccordingTo(header));
                lastOfEpoch = reading.number();
            } else if (header == null) {
                lastOfEpoch = Math.max(lastOfEpoch, reading.number());
            }
        }
        known = Math.max(known, lastOfEpoch - WINDOW);
        long expected = Math.max(known, last) + 1;
        for (SegmentReading reading : held) {
            if (reading.number() >= expected && reading.number() <= lastOfEpoch) {
                if (reading.number() > expected) {
                    return gap(expected, lastOfEpoch);
                }
                expected++;
            }
        }
        return lastOfEpoch;
    }

    private long gap(long missing, long lastOfEpoch) {
        if (gapsEnd || tail == RebuildOptions.Tail.CUT) {
            return missing - 1;
        }
        if (tail == RebuildOptions.Tail.ASK) {
            unexplainedGap = missing;
        }
        return lastOfEpoch;
    }

    /** The greatest number that must have been committed for {@code header} to be as it is. */
    static long committedAccordingTo(SegmentHeader header) {
        long known = header.kind() == SegmentHeader.Kind.FENCE ? header.number() - 1 : 0;
        for (SegmentHeader.SharedExtent extent : header.shared()) {
            long source = Locator.segmentNumber(extent.run().first());
            known = Math.max(known, source == header.number() ? 0 : source);
            known = Math.max(known, newest(extent.old()));
        }
        for (SegmentHeader.Frame frame : header.frames()) {
            known = Math.max(known, newest(frame.old()));
        }
        for (long settled : header.settled()) {
            known = Math.max(known, settled);
        }
        return known;
    }

    private static long newest(List<OldPlace> places) {
        return places.stream().mapToLong(OldPlace::asOf).max().orElse(0);
    }

    private void take(SegmentReading reading) {
        SegmentHeader header = reading.header();
        if (header == null) {
            unreadable.add(reading);
            last = reading.number();
            return;
        }
        if (header.epoch() < newestEpoch) {
            orphans.add(reading.number());
            return;
        }
        newestEpoch = header.epoch();
        committed = Math.max(committed, committedAccordingTo(header));
        last = reading.number();
        endSequence = Math.max(endSequence, header.endSequence());
        newestMillis = Math.max(newestMillis, header.wallTimeMillis());
        counted.accept(reading);
    }

    /** Objects that do not count, ascending. */
    List<Long> orphans() {
        return List.copyOf(orphans);
    }

    /** Segments whose headers cannot be read, at or below the end. */
    List<SegmentReading> unreadable() {
        return List.copyOf(unreadable);
    }

    /** A missing number that nobody explains and {@link RebuildOptions.Tail#ASK} leaves open; 0 when there is none. */
    long unexplainedGap() {
        return unexplainedGap;
    }

    /** The last number that counts, or whose header cannot be read. */
    long last() {
        return last;
    }

    /** Epoch of the newest that counts. */
    long newestEpoch() {
        return newestEpoch;
    }

    /** The greatest epoch of all, orphans included. */
    long newestSeenEpoch() {
        return newestSeenEpoch;
    }

    /** End of the write history in what counts. */
    long endSequence() {
        return endSequence;
    }

    /** When the newest write in what counts was acknowledged, milliseconds since 1970; 0: nothing tells. */
    long newestMillis() {
        return newestMillis;
    }
}
