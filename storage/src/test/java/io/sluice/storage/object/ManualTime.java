package io.sluice.storage.object;

import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock that stands until it is told to move, and a lane that runs what falls due meanwhile, on the caller. */
final class ManualTime implements EngineClock, Lane {
    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::dueNanos).thenComparingLong(Task::number));
    private long nowNanos = 1_000_000_000L;
    private long scheduled;

    private record Task(long dueNanos, long number, Runnable action) {}

    @Override
    public long monotonicNanos() {
        return nowNanos;
    }

    @Override
    public Instant wallTime() {
        return Instant.ofEpochSecond(1_800_000_000L, nowNanos);
    }

    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable action) {
        Task task = new Task(nowNanos + delay.toNanos(), scheduled++, action);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    /** Moves on and runs everything due on the way, each at its own time. */
    void advance(Duration duration) {
        long endNanos = nowNanos + duration.toNanos();
        for (Task next = tasks.peek(); next != null && next.dueNanos <= endNanos; next = tasks.peek()) {
            tasks.remove(next);
            nowNanos = Math.max(nowNanos, next.dueNanos);
            next.action.run();
        }
        nowNanos = endNanos;
    }

    int timersSet() {
        return tasks.size();
    }
}
