package io.sluice.storage.runtime;

/**
 * Checks that are always on, in production too. A broken invariant is never an operating error: it means that the code
 * is wrong, and the volume that finds it stops before it writes anything more.
 */
public final class Invariant {
    private Invariant() {}

    /** Thrown when an invariant does not hold; reaches the volume, which stops. */
    public static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message);
        }
    }

    /** Throws {@link Broken} unless {@code holds}. */
    public static void check(boolean holds, String what) {
        if (!holds) {
            throw new Broken(what);
        }
    }

    /** Throws {@link Broken} unless {@code holds}; the two numbers are put behind the text. */
    public static void check(boolean holds, String what, long first, long second) {
        if (!holds) {
            throw new Broken(what + ": " + first + ", " + second);
        }
    }
}
