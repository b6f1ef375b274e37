package io.sluice.storage.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Virtual time, seeded randomness, one thread: the same seed gives the same run. Tasks that are ready at the same time
 * on different lanes run in a random order; tasks of one lane in theirs. {@link #crash} drops everything not yet run.
 */
@SuppressForbidden("a seeded generator is the opposite of an ambient one")
public final class SimulatedRuntime implements EngineRuntime {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Random random;
    private final List<SimulatedLane> lanes = new ArrayList<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final List<Throwable> failures = new ArrayList<>();
    private long nowNanos;
    private long timerCount;

    /** {@code seed} decides order and random bytes. */
    public SimulatedRuntime(long seed) {
        this.random = new Random(seed);
    }

    private record Timer(long atNanos, long order, SimulatedLane lane, Runnable task, boolean[] cancelled)
            implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final class SimulatedLane implements Lane {
        private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
        private final boolean anyOrder;
        private boolean running;

        SimulatedLane(boolean anyOrder) {
            this.anyOrder = anyOrder;
            lanes.add(this);
        }

        @Override
        public void execute(Runnable task) {
            queue.add(task);
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            boolean[] cancelled = new boolean[1];
            timers.add(new Timer(nowNanos + delay.toNanos(), timerCount++, this, task, cancelled));
            return () -> cancelled[0] = true;
        }

        @Override
        public boolean isCurrent() {
            return running;
        }

        void runOne() {
            if (anyOrder) {
                for (int turns = random.nextInt(queue.size()); turns > 0; turns--) {
                    queue.add(queue.remove());
                }
            }
            running = true;
            try {
                queue.remove().run();
            } catch (RuntimeException | Error failure) {
                failures.add(failure);
            } finally {
                running = false;
            }
        }
    }

    @Override
    public EngineClock clock() {
        return new EngineClock() {
            @Override
            public long monotonicNanos() {
                return nowNanos;
            }

            @Override
            public Instant wallTime() {
                return START.plusNanos(nowNanos);
            }
        };
    }

    @Override
    public Entropy entropy() {
        return random::nextBytes;
    }

    @Override
    public Lane lane(String name) {
        return new SimulatedLane(false);
    }

    @Override
    public Lane blockingLane(String name) {
        return new SimulatedLane(false);
    }

    @Override
    public Executor workers() {
        return new SimulatedLane(true);
    }

    /** Runs one ready task, or lets time go on to the next timer; false when nothing is left at all. */
    public boolean step() {
        List<SimulatedLane> ready = new ArrayList<>();
        for (SimulatedLane lane : lanes) {
            if (!lane.queue.isEmpty()) {
                ready.add(lane);
            }
        }
        if (!ready.isEmpty()) {
            ready.get(random.nextInt(ready.size())).runOne();
            rethrow();
            return true;
        }
        Timer timer = timers.poll();
        if (timer == null) {
            return false;
        }
        if (!timer.cancelled()[0]) {
            nowNanos = Math.max(nowNanos, timer.atNanos());
            timer.lane().execute(timer.task());
        }
        return true;
    }

    /** Timers that are set and not cancelled. */
    public long timers() {
        return timers.stream().filter(timer -> !timer.cancelled()[0]).count();
    }

    /** Runs ready tasks only; time stands still. */
    public void runReady() {
        while (lanes.stream().anyMatch(lane -> !lane.queue.isEmpty())) {
            step();
        }
    }

    /** Lets {@code duration} of virtual time go by. */
    public void runFor(Duration duration) {
        long end = nowNanos + duration.toNanos();
        while (true) {
            runReady();
            Timer next = timers.peek();
            if (next == null || next.atNanos() > end) {
                nowNanos = end;
                return;
            }
            step();
        }
    }

    /** Runs until the future is done; its value, or its failure. */
    public <T> T await(CompletableFuture<T> future) {
        while (!future.isDone()) {
            if (!step()) {
                throw new IllegalStateException("the simulation came to rest and the future is not done");
            }
        }
        return future.join();
    }

    /** The process is gone: nothing that was queued or scheduled will run. */
    public void crash() {
        for (SimulatedLane lane : lanes) {
            lane.queue.clear();
        }
        timers.clear();
    }

    private void rethrow() {
        if (!failures.isEmpty()) {
            Throwable failure = failures.remove(0);
            throw new AssertionError("a task of the simulation failed", failure);
        }
    }

    @Override
    public void close() {
        crash();
    }
}
