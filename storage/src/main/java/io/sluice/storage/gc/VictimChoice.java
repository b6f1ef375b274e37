package io.sluice.storage.gc;

import io.sluice.storage.checkpoint.SegmentUse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Which segments a round works on: the emptiest first, for to gain a byte costs least there (a segment of which the share
 * <em>u</em> lives costs <em>u</em> to write for <em>1 - u</em> gained), until the excess is gone, and a bounded number.
 *
 * <p>Segments to which others refer need a walk over the whole mapping, because their headers do not name all their blocks.
 * They are left out unless the garbage in them is worth the walk, or the others are not enough; one walk serves all of them.
 */
final class VictimChoice {
    /** Segments of one round. */
    static final int VICTIMS_MAX = 64;
    /** A fuller segment is not worth its rewriting. */
    private static final double LIVE_SHARE_MAX = 0.98;
    /** A dead segment that still says something is worth a header's rewriting when it is so long. */
    private static final long SPEAKING_BYTES_MIN = 16L << 10;
    /** Of the address space, what one page of the mapping covers. */
    private static final long PAGE_COVERS_BYTES = 16L << 20;
    /** Garbage that pays for one page of a walk. */
    private static final long BYTES_PER_PAGE_WALKED = 64L << 10;

    private VictimChoice() {}

    /**
     * At most {@link #VICTIMS_MAX} of {@code segments}, emptiest first, with {@code excessBytes} of garbage in them if there
     * is so much.
     *
     * @param mappedBytes of the volume, which tell what a walk costs
     * @param leftAlone numbers of segments that are not to be touched
     */
    static List<SegmentUse> choose(List<SegmentUse> segments, long excessBytes, long mappedBytes, Set<Long> leftAlone) {
        List<SegmentUse> own = new ArrayList<>();
        List<SegmentUse> shared = new ArrayList<>();
        for (SegmentUse segment : segments) {
            boolean sparse = (segment.deadSince() == 0 && segment.liveShare() <= LIVE_SHARE_MAX)
                    || (segment.deadSince() > 0 && segment.zeros() && segment.storedBytes() >= SPEAKING_BYTES_MIN);
            if (sparse && !leftAlone.contains(segment.number())) {
                (segment.shared() && segment.deadSince() == 0 ? shared : own).add(segment);
            }
        }
        long walkBytes = Math.max(1, mappedBytes / PAGE_COVERS_BYTES) * BYTES_PER_PAGE_WALKED;
        if (garbage(own) < excessBytes || garbage(shared) >= walkBytes) {
            own.addAll(shared);
        }
        own.sort(Comparator.comparingDouble(SegmentUse::liveShare).thenComparingLong(SegmentUse::number));
        return until(excessBytes, own);
    }

    /** Dead segments that only say something, oldest first: many of them become one. */
    static List<SegmentUse> speaking(List<SegmentUse> segments, int limit, Set<Long> leftAlone) {
        return segments.stream()
                .filter(segment -> segment.deadSince() > 0 && segment.zeros())
                .filter(segment -> !leftAlone.contains(segment.number()))
                .sorted(Comparator.comparingLong(SegmentUse::number))
                .limit(limit)
                .toList();
    }

    private static List<SegmentUse> until(long excessBytes, List<SegmentUse> sorted) {
        List<SegmentUse> chosen = new ArrayList<>();
        long gained = 0;
        for (SegmentUse segment : sorted) {
            if (gained >= excessBytes || chosen.size() == VICTIMS_MAX) {
                break;
            }
            chosen.add(segment);
            gained += garbage(segment);
        }
        return chosen;
    }

    private static long garbage(List<SegmentUse> segments) {
        return segments.stream().mapToLong(VictimChoice::garbage).sum();
    }

    static long garbage(SegmentUse segment) {
        return (long) (segment.storedBytes() * (1 - segment.liveShare()));
    }
}
