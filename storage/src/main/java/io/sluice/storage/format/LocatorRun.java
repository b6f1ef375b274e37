package io.sluice.storage.format;

import io.sluice.storage.runtime.Invariant;

/**
 * Where {@code count} neighbouring blocks stand: in consecutive slots of one frame, or all in the same slot.
 *
 * @param first SEGMENT locator of the first block
 * @param count at least 1; consecutive slots end within the frame
 * @param repeated all of them stand in the slot of the first
 */
public record LocatorRun(long first, long count, boolean repeated) {
    /** Checks it. */
    public LocatorRun {
        Invariant.check(Locator.isSegment(first) && count >= 1, "a run of slots", first, count);
        Invariant.check(
                repeated || Locator.slot(first) + count <= Locator.FRAME_SLOTS, "a run leaves its frame", first, count);
    }

    /** The locator of block {@code i} (0 to {@code count - 1}). */
    public long locator(long i) {
        return repeated ? first : first + i;
    }

    /** The part from block {@code from} to {@code end - 1}. */
    public LocatorRun part(long from, long end) {
        return from == 0 && end == count ? this : new LocatorRun(locator(from), end - from, repeated);
    }

    /** Whether {@code locator} may follow as one more block. */
    public boolean isContinuedBy(long locator) {
        if (count == 1) {
            return locator == first || follows(first, locator);
        }
        return repeated ? locator == first : follows(first + count - 1, locator);
    }

    private static boolean follows(long before, long locator) {
        return locator == before + 1 && Locator.slot(before) + 1 < Locator.FRAME_SLOTS;
    }

    /** This run with {@code locator}, which {@link #isContinuedBy} accepts, behind it. */
    public LocatorRun with(long locator) {
        return new LocatorRun(first, count + 1, locator == first);
    }
}
