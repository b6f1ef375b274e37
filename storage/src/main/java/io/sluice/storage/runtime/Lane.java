package io.sluice.storage.runtime;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Runs tasks one after another, in the order they were given, never two at once: state that only one lane touches
 * needs no lock. A task may block only on a lane that was asked for as blocking ({@link EngineRuntime#blockingLane}).
 *
 * <p>Thread-safe. A task that throws is reported to the runtime's failure handler and does not stop the lane.
 */
public interface Lane extends Executor {
    /** Runs {@code task} on this lane after all tasks given before. */
    @Override
    void execute(Runnable task);

    /** Runs {@code task} on this lane once, not before {@code delay} has gone by. */
    Cancellable schedule(Duration delay, Runnable task);

    /** True when the caller runs on this lane: for invariants. */
    boolean isCurrent();
}
