package io.sluice.storage.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * One simulated process: virtual time, seeded randomness, lanes on one thread ({@link SimulatedScheduler}). {@link #crash}
 * drops everything not yet run; {@link #kill} moreover lets nothing run any more.
 */
public final class SimulatedRuntime implements EngineRuntime {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final SimulatedScheduler scheduler;
    private final String name;
    private final List<SimulatedScheduler.SimulatedLane> lanes = new ArrayList<>();
    private boolean dead;
    private boolean stopped;

    /** The only process of a simulation; {@code seed} decides order and random bytes. */
    public SimulatedRuntime(long seed) {
        this(new SimulatedScheduler(seed), "");
    }

    /** One of the processes of a simulation; {@code name} begins the names of its lanes in the trace. */
    public SimulatedRuntime(SimulatedScheduler scheduler, String name) {
        this.scheduler = scheduler;
        this.name = name;
    }

    String name() {
        return name;
    }

    @Override
    public EngineClock clock() {
        return new EngineClock() {
            @Override
            public long monotonicNanos() {
                return scheduler.nowNanos();
            }

            @Override
            public Instant wallTime() {
                return START.plusNanos(scheduler.nowNanos());
            }
        };
    }

    @Override
    public Entropy entropy() {
        return scheduler.random()::nextBytes;
    }

    @Override
    public Lane lane(String laneName) {
        return newLane(laneName, false);
    }

    @Override
    public Lane blockingLane(String laneName) {
        return newLane(laneName, false);
    }

    @Override
    public Executor workers() {
        return newLane("workers", true);
    }

    /** As {@link SimulatedScheduler#delayCurrent}. */
    public void delayCurrent(Duration time) {
        scheduler.delayCurrent(time);
    }

    private Lane newLane(String laneName, boolean anyOrder) {
        SimulatedScheduler.SimulatedLane lane = scheduler.newLane(this, laneName, anyOrder);
        lanes.add(lane);
        return lane;
    }

    /** As {@link SimulatedScheduler#step}. */
    public boolean step() {
        return scheduler.step();
    }

    /** Timers that are set and not cancelled. */
    public long timers() {
        return scheduler.timers(this);
    }

    /** As {@link SimulatedScheduler#runReady}. */
    public void runReady() {
        scheduler.runReady();
    }

    /** As {@link SimulatedScheduler#runFor}. */
    public void runFor(Duration duration) {
        scheduler.runFor(duration);
    }

    /** As {@link SimulatedScheduler#await}. */
    public <T> T await(CompletableFuture<T> future) {
        return scheduler.await(future);
    }

    /** The process is gone: nothing that was queued or scheduled will run. */
    public void crash() {
        lanes.forEach(SimulatedScheduler.SimulatedLane::clear);
        scheduler.dropTimers(this);
    }

    /** As {@link #crash}; what the task that runs at the moment still begins goes nowhere either. */
    public void kill() {
        dead = true;
        crash();
    }

    boolean isDead() {
        return dead;
    }

    /** Stops the process, or lets it go on. */
    public void stop(boolean stop) {
        stopped = stop;
        lanes.forEach(SimulatedScheduler.SimulatedLane::settle);
    }

    boolean isStopped() {
        return stopped;
    }

    @Override
    public void close() {
        crash();
    }
}
