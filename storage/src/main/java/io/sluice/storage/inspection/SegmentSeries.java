package io.sluice.storage.inspection;

import io.sluice.storage.checkpoint.CheckpointVisitor;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.segment.SegmentHeader;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Segments as a series, in order of their numbers: epochs, sequence numbers, fences, and what stands behind the end. */
final class SegmentSeries {
    /** More than a gateway has under way at a time: so many behind a gap say that something in the gap got lost. */
    private static final int UNDER_WAY_MAX = 64;

    private final BucketVolume view;
    private final FindingList findings;
    private final ObjectNames names;
    /** Lowest number of a fence, and of another segment, by epoch. */
    private final Map<Long, Long> fences = new TreeMap<>();

    private final Map<Long, Long> firsts = new TreeMap<>();
    /** Segments that speak of others without the mark for it, and that none of those seen so far settles. */
    private final Set<Long> unmarked = new TreeSet<>();

    private long previous;
    private long epoch;
    private long sequence;
    private long behindEnd;
    private long lostBefore;

    SegmentSeries(BucketVolume view, FindingList findings) {
        this.view = view;
        this.findings = findings;
        this.names = view.names();
    }

    /** The next one; some may be missing in between. {@code entry} is what the segment table says of it. */
    void take(SegmentHeader header, CheckpointVisitor.@Nullable Segment entry) {
        takeZeros(header, entry);
        if (header.number() > view.lastSegment()) {
            if (!view.point().checkpointOnly()) {
                takeBehindEnd(header);
            }
            return;
        }
        boolean fence = header.kind() == SegmentHeader.Kind.FENCE;
        (fence ? fences : firsts).putIfAbsent(header.epoch(), header.number());
        if (header.epoch() < epoch) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_ORDER,
                    names.segment(header.number()),
                    "is of epoch " + header.epoch() + ", one before it of epoch " + epoch
                            + ": another object was put in its place");
        }
        if (header.endSequence() < sequence) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_ORDER,
                    names.segment(header.number()),
                    "ends at sequence " + header.endSequence() + ", one before it at " + sequence
                            + ": another object was put in its place");
        }
        epoch = Math.max(epoch, header.epoch());
        sequence = Math.max(sequence, header.endSequence());
    }

    /**
     * A segment whose header says more than its frames hold is marked in the segment table until a MOVED segment has taken
     * that over. When numbers behind it are missing, the one that did may be among them.
     */
    private void takeZeros(SegmentHeader header, CheckpointVisitor.@Nullable Segment entry) {
        if (header.number() != previous + 1) {
            unmarked.clear();
        }
        previous = header.number();
        header.settled().forEach(unmarked::remove);
        if (entry != null && entry.zeros() && !header.speaksOfOthers()) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_ZEROS,
                    names.segment(header.number()),
                    "the segment table says that its header speaks of zeros or of other segments, and it does not: it"
                            + " may be kept for ever");
        } else if (entry != null && !entry.zeros() && header.speaksOfOthers()) {
            unmarked.add(header.number());
        }
    }

    private void takeBehindEnd(SegmentHeader header) {
        boolean gap = header.number() > view.lastSegment() + 1;
        if (header.epoch() < view.epoch()) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_BEHIND_END,
                    names.segment(header.number()),
                    "is of epoch " + header.epoch() + " and was put behind the fence of epoch " + view.epoch()
                            + ": it does not count, " + header.storedBytes() + " bytes left over");
        } else if (gap && header.kind() == SegmentHeader.Kind.FENCE && header.epoch() > view.epoch()) {
            lostBefore = header.number();
        } else if (view.manifest().clean()) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_BEHIND_END,
                    names.segment(header.number()),
                    "stands behind the end of a volume that was closed cleanly");
        } else {
            behindEnd++;
        }
    }

    /** Everything was taken. */
    void tell() {
        tellFences();
        unmarked.forEach(number -> findings.add(
                CheckFinding.Kind.SEGMENT_ZEROS,
                names.segment(number),
                "its header speaks of zeros or of other segments, the segment table does not say so (or an older Sluice"
                        + " wrote it): when it is deleted, \"sluice volume rebuild\" could bring older blocks back"));
        long next = view.lastSegment() + 1;
        if (lostBefore != 0 || behindEnd > UNDER_WAY_MAX) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_MISSING,
                    names.segment(next),
                    "is missing, and so the volume ends at sequence " + view.sequence() + " although "
                            + (lostBefore != 0
                                    ? "a fence stands behind it, at segment " + lostBefore
                                    : behindEnd + " segments stand behind it")
                            + ": what was written from there on is lost");
        } else if (behindEnd > 0) {
            findings.add(
                    CheckFinding.Kind.SEGMENT_UNDER_WAY,
                    names.segment(next),
                    behindEnd + " segments of the newest epoch stand behind the end: a running gateway has them under"
                            + " way, or one that died left them");
        }
    }

    private void tellFences() {
        firsts.forEach((of, first) -> {
            Long fence = fences.get(of);
            if (fence == null || fence > first) {
                findings.add(
                        CheckFinding.Kind.FENCE_MISSING,
                        "the fence of epoch " + of,
                        "is missing before segment " + first
                                + ": a gateway of an older epoch that still runs could take its number");
            }
        });
    }
}
