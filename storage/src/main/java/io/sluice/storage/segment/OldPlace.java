package io.sluice.storage.segment;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.runtime.Invariant;

/**
 * Where neighbouring blocks stood before a MOVED segment, and as of when: the condition under which its blocks count.
 *
 * <p>Promise of who makes one: in the committed mapping as of segment {@code asOf} these blocks stood in {@code run}, the
 * mark {@link Locator#isShared} as told.
 *
 * @param run the places; the first locator's mark holds for all
 * @param asOf at least the segment of {@code run}, below the MOVED segment by at most {@link
 *     SegmentFormat#MOVE_WINDOW_SEGMENTS}
 */
public record OldPlace(LocatorRun run, long asOf) {
    /** Checks it. */
    public OldPlace {
        Invariant.check(
                asOf >= Locator.segmentNumber(run.first()), "old places as of before they existed", asOf, run.first());
    }

    /**
     * The blocks' version, which orders them among all that other segments say of the same blocks, even when some of those
     * segments do not exist any more: no write of the block lies behind its newest write up to the version, and {@code asOf}.
     *
     * <p>A slot that was written for the very block tells its own version: the number of its segment. A shared slot may be
     * much older than the copy that made the block stand there, so that only {@code asOf} can be said.
     */
    public long version() {
        return Locator.isShared(run.first()) ? asOf : Locator.segmentNumber(run.first());
    }

    /** As it is read back: of {@code asOf}, a header holds what {@link #version} needs. */
    OldPlace stored() {
        return new OldPlace(run, version());
    }
}
