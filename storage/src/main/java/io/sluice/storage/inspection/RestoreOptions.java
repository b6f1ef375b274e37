package io.sluice.storage.inspection;

/**
 * How a volume is restored.
 *
 * @param point of its history
 * @param skipDamaged puts zeros where blocks cannot be read, and tells them, instead of failing
 * @param requests gets at a time
 * @param cacheBytes of frames kept in memory
 */
public record RestoreOptions(ViewedPoint point, boolean skipDamaged, int requests, long cacheBytes) {
    /** Everything as of the newest point, 16 requests at a time, 64 MiB of frames. */
    public static final RestoreOptions DEFAULT = new RestoreOptions(ViewedPoint.NEWEST, false, 16, 64L << 20);
}
