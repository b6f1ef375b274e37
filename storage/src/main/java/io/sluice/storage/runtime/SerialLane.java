package io.sluice.storage.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lane on a shared pool: its tasks run one after another on whatever thread the pool gives.
 *
 * <p>States: <em>idle</em> (no task, nothing asked of the pool) and <em>active</em> (one run of {@link #drain} is asked
 * for or under way). Invariants: 1. at most one drain exists; 2. the queue is empty when idle.
 */
final class SerialLane implements Lane {
    private static final Logger log = LoggerFactory.getLogger(SerialLane.class);
    /** After so many tasks the thread goes back to the pool, so that one busy lane does not starve the others. */
    private static final int TASKS_PER_TURN_MAX = 64;

    private final String name;
    private final Executor pool;
    private final ScheduledExecutorService timers;
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private boolean active;
    private volatile @Nullable Thread current;

    SerialLane(String name, Executor pool, ScheduledExecutorService timers) {
        this.name = name;
        this.pool = pool;
        this.timers = timers;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (queue) {
            queue.add(task);
            if (active) {
                return;
            }
            active = true;
        }
        handToPool();
    }

    @Override
    public Cancellable schedule(Duration delay, Runnable task) {
        try {
            ScheduledFuture<?> timer = timers.schedule(() -> execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> timer.cancel(false);
        } catch (RejectedExecutionException closing) {
            log.debug("lane {}: a timer came after the end of the runtime", name, closing);
            return () -> {};
        }
    }

    @Override
    public boolean isCurrent() {
        return current == Thread.currentThread();
    }

    private void handToPool() {
        try {
            pool.execute(this::drain);
        } catch (RejectedExecutionException closing) {
            log.debug("lane {}: a task came after the end of the runtime", name, closing);
        }
    }

    private void drain() {
        current = Thread.currentThread();
        for (int done = 0; done < TASKS_PER_TURN_MAX; done++) {
            Runnable task;
            synchronized (queue) {
                task = queue.poll();
                if (task == null) {
                    active = false;
                    current = null;
                    return;
                }
            }
            run(task);
        }
        current = null;
        handToPool();
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error failure) {
            log.error("lane {}: a task failed", name, failure);
        }
    }
}
