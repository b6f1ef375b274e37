package io.sluice.storage.rebuild;

/**
 * How to rebuild.
 *
 * @param dryRun only look and report
 * @param force also when the newest manifest is sound and says that a gateway has the volume open
 * @param acceptLoss also when segments cannot be read: what only they held is lost, or falls back to what was there before
 * @param tail what to make of a gap among the newest segments
 */
public record RebuildOptions(boolean dryRun, boolean force, boolean acceptLoss, Tail tail) {
    /** Looks and reports. */
    public static final RebuildOptions DRY_RUN = new RebuildOptions(true, false, false, Tail.ASK);

    /**
     * A number that is missing among the newest segments was never written (a gateway died while it sent several at once: then
     * nothing behind it counts), or it was deleted by the collector (then all counts). When no manifest is left, nothing in
     * the bucket tells the one from the other.
     */
    public enum Tail {
        /** Refuse and say so. */
        ASK,
        /** It was never written: the volume ends before it. */
        CUT,
        /** It was deleted: what is behind it counts. */
        KEEP
    }
}
