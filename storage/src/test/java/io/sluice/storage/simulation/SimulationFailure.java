package io.sluice.storage.simulation;

/** A checker found that a promise does not hold. */
final class SimulationFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    SimulationFailure(String message) {
        super(message);
    }

    SimulationFailure(String message, Throwable cause) {
        super(message, cause);
    }

    /** Fails unless {@code holds}. */
    static void unless(boolean holds, String message) {
        if (!holds) {
            throw new SimulationFailure(message);
        }
    }
}
