package io.sluice.storage.runtime;

import java.util.concurrent.Executor;

/**
 * The outside world of the engine, injected: production gives {@link SystemRuntime}, simulation a single-threaded one
 * with virtual time and seeded randomness. Nothing in {@code storage} may take time, randomness or threads elsewhere
 * (the build's forbidden-API check says no).
 */
public interface EngineRuntime extends AutoCloseable {
    EngineClock clock();

    Entropy entropy();

    /** A new lane for short tasks that never block. */
    Lane lane(String name);

    /** A new lane with a thread of its own, whose tasks may block on disk I/O. */
    Lane blockingLane(String name);

    /** Runs CPU-heavy tasks (compression, encryption) side by side on a bounded number of threads, in any order. */
    Executor workers();

    /** As {@link #workers}, for what no host waits for: it gives way to everything else. */
    default Executor background() {
        return workers();
    }

    /** As {@link #blockingLane}, for what no host waits for: it gives way to everything else. */
    default Lane backgroundLane(String name) {
        return blockingLane(name);
    }

    /** Ends all lanes and workers after the tasks they have begun; tasks not begun are dropped. */
    @Override
    void close();
}
