package io.sluice.storage.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One thread, virtual time, seeded randomness, for any number of simulated processes: the same seed gives the same run.
 * Tasks that are ready at the same time on different lanes run in a random order; tasks of one lane in theirs.
 *
 * <p>A process ({@link SimulatedRuntime}) can be killed (nothing of it ever runs again) or stopped for a while, as SIGSTOP does:
 * its timers go off and its tasks wait. A lane can be busy: what comes behind a slow disk waits in virtual time.
 */
@SuppressForbidden("a seeded generator is the opposite of an ambient one")
public final class SimulatedScheduler {
    private final Random random;
    /** Lanes that can run a task now, by number. */
    private final List<SimulatedLane> ready = new ArrayList<>();

    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final SimulationTrace trace = new SimulationTrace();
    private long nowNanos;
    private long timerCount;
    private int laneCount;
    private @Nullable SimulatedLane current;

    /** {@code seed} decides order and random bytes. */
    public SimulatedScheduler(long seed) {
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

    /** Ready when it has tasks, its process is neither dead nor stopped, and it is not busy. */
    final class SimulatedLane implements Lane {
        private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
        private final SimulatedRuntime process;
        private final String name;
        private final boolean anyOrder;
        private final int number = laneCount++;
        private long busyUntilNanos;
        private boolean running;

        private SimulatedLane(SimulatedRuntime process, String name, boolean anyOrder) {
            this.process = process;
            this.name = name;
            this.anyOrder = anyOrder;
        }

        @Override
        public void execute(Runnable task) {
            if (!process.isDead()) {
                queue.add(task);
                settle();
            }
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

        /** Puts the lane among the ready ones, or takes it away, as its state says. */
        void settle() {
            boolean can = !queue.isEmpty() && !process.isStopped() && busyUntilNanos <= nowNanos;
            int at = find();
            if (can && at < 0) {
                ready.add(-at - 1, this);
            } else if (!can && at >= 0) {
                ready.remove(at);
            }
        }

        private int find() {
            int low = 0;
            int high = ready.size() - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int other = ready.get(middle).number;
                if (other == number) {
                    return middle;
                }
                if (other < number) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return -low - 1;
        }

        void clear() {
            queue.clear();
            settle();
        }

        private void runOne() {
            if (anyOrder) {
                for (int turns = random.nextInt(queue.size()); turns > 0; turns--) {
                    queue.add(queue.remove());
                }
            }
            trace.step(nowNanos, name);
            Runnable task = queue.remove();
            settle();
            SimulatedLane before = current;
            current = this;
            running = true;
            try {
                task.run();
            } catch (RuntimeException | Error failure) {
                if (!process.isDead()) {
                    failures.add(failure);
                }
            } finally {
                running = false;
                current = before;
            }
        }

        private void busyFor(Duration time) {
            busyUntilNanos = Math.max(busyUntilNanos, nowNanos) + time.toNanos();
            settle();
            timers.add(new Timer(busyUntilNanos, timerCount++, this, SimulatedScheduler::nothing, new boolean[1]));
        }
    }

    private static void nothing() {}

    SimulatedLane newLane(SimulatedRuntime process, String name, boolean anyOrder) {
        return new SimulatedLane(process, process.name() + name, anyOrder);
    }

    /** What the simulation did so far. */
    public SimulationTrace trace() {
        return trace;
    }

    /** Notes an event of the outside world. */
    public void note(String what, String subject, long first, long second) {
        trace.note(nowNanos, what, subject, first, second);
    }

    /**
     * Runs what checks the task of the moment. What it throws ends the simulation after this task, whoever called it: in the
     * callback of a future, or of an engine that guards itself against its callers, a failure would otherwise be lost.
     */
    public void checked(Runnable check) {
        try {
            check.run();
        } catch (RuntimeException | Error failure) {
            failures.add(failure);
        }
    }

    /** Virtual time, nanoseconds from 0. */
    public long nowNanos() {
        return nowNanos;
    }

    Random random() {
        return random;
    }

    /** The lane whose task runs now takes so much longer: what comes behind it waits. */
    public void delayCurrent(Duration time) {
        SimulatedLane lane = current;
        if (lane != null) {
            lane.busyFor(time);
        }
    }

    /** Runs one ready task, or lets time go on to the next timer; false when nothing is left at all. */
    public boolean step() {
        if (!ready.isEmpty()) {
            ready.get(random.nextInt(ready.size())).runOne();
            rethrow();
            return true;
        }
        Timer timer = timers.poll();
        if (timer == null) {
            return false;
        }
        if (!timer.cancelled()[0] && !timer.lane().process.isDead()) {
            nowNanos = Math.max(nowNanos, timer.atNanos());
            timer.lane().execute(timer.task());
        }
        return true;
    }

    /** Timers of {@code process} that are set and not cancelled. */
    long timers(SimulatedRuntime process) {
        return timers.stream()
                .filter(timer -> !timer.cancelled()[0] && timer.lane().process == process)
                .count();
    }

    void dropTimers(SimulatedRuntime process) {
        timers.removeIf(timer -> timer.lane().process == process);
    }

    /** Runs ready tasks only; time stands still. */
    public void runReady() {
        while (!ready.isEmpty()) {
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

    private void rethrow() {
        if (!failures.isEmpty()) {
            Throwable failure = failures.remove(0);
            throw new AssertionError("a task of the simulation failed", failure);
        }
    }
}
