package io.sluice.storage.crypto;

/**
 * The cost of Argon2id (version 1.3).
 *
 * <p>The bounds are checked also for what comes out of a bucket, before any memory is taken: a forged manifest may cost us
 * at most 1 GiB for a moment and {@link #WORK_KIB_MAX} of work.
 *
 * @param memoryKiB memory in KiB
 * @param iterations passes over the memory
 * @param lanes degree of parallelism the result is computed for
 */
public record KdfParameters(int memoryKiB, int iterations, int lanes) {
    /**
     * 64 MiB, 3 passes, 4 lanes: the second recommended option of RFC 9106 section 4 (its first takes 2 GiB, too much for a
     * gateway), above every option of the OWASP password storage guide (19 MiB with 2 passes, 46 MiB with 1). About half
     * a second per opening of a volume.
     */
    public static final KdfParameters DEFAULT = new KdfParameters(64 * 1024, 3, 4);

    /** Most memory, KiB. */
    public static final int MEMORY_KIB_MAX = 1024 * 1024;
    /** Most passes. */
    public static final int ITERATIONS_MAX = 64;
    /** Most lanes. */
    public static final int LANES_MAX = 16;
    /** Most memory times passes, KiB. */
    public static final long WORK_KIB_MAX = 8L * 1024 * 1024;

    private static final int MEMORY_KIB_PER_LANE_MIN = 8;

    /** Refuses what is out of bounds. */
    public KdfParameters {
        if (!isAcceptable(memoryKiB, iterations, lanes)) {
            throw new IllegalArgumentException("key derivation out of bounds: " + memoryKiB + " KiB, " + iterations
                    + " iterations, " + lanes + " lanes");
        }
    }

    /** Whether these numbers are within the bounds. */
    public static boolean isAcceptable(int memoryKiB, int iterations, int lanes) {
        return lanes >= 1
                && lanes <= LANES_MAX
                && iterations >= 1
                && iterations <= ITERATIONS_MAX
                && memoryKiB >= MEMORY_KIB_PER_LANE_MIN * lanes
                && memoryKiB <= MEMORY_KIB_MAX
                && (long) memoryKiB * iterations <= WORK_KIB_MAX;
    }
}
