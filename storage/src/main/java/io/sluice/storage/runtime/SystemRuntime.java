package io.sluice.storage.runtime;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real clock, the secure generator, real threads: shared by all volumes of a server.
 *
 * <p>Threads: one for timers, a few for non-blocking lanes, one per core for workers, and as many for blocking lanes as
 * block at the same time.
 */
@SuppressForbidden("the one place where the engine meets the real clock, randomness and threads")
public final class SystemRuntime implements EngineRuntime {
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final int LANE_THREADS = 2;

    private final SecureRandom random = new SecureRandom();
    private final ScheduledThreadPoolExecutor timers;
    private final ExecutorService lanes;
    private final ExecutorService blocking;
    private final ThreadPoolExecutor workers;

    /** {@code workerThreads >= 1} threads for compression and encryption. */
    public SystemRuntime(int workerThreads) {
        timers = new ScheduledThreadPoolExecutor(1, named("sluice-timer"));
        timers.setRemoveOnCancelPolicy(true);
        lanes = Executors.newFixedThreadPool(LANE_THREADS, named("sluice-lane"));
        blocking = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), named("sluice-disk"));
        workers = new ThreadPoolExecutor(
                workerThreads,
                workerThreads,
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named("sluice-worker"));
        workers.allowCoreThreadTimeOut(true);
    }

    private static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public EngineClock clock() {
        return SystemClock.INSTANCE;
    }

    @Override
    public Entropy entropy() {
        return random::nextBytes;
    }

    @Override
    public Lane lane(String name) {
        return new SerialLane(name, lanes, timers);
    }

    @Override
    public Lane blockingLane(String name) {
        return new SerialLane(name, blocking, timers);
    }

    @Override
    public Executor workers() {
        return workers;
    }

    /** A pool for tasks that may block, side by side, without an order (file object store). */
    public Executor blockingPool() {
        return blocking;
    }

    @Override
    public void close() {
        timers.shutdownNow();
        workers.shutdown();
        lanes.shutdown();
        blocking.shutdown();
        try {
            for (ExecutorService pool : new ExecutorService[] {workers, lanes, blocking}) {
                if (!pool.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    pool.shutdownNow();
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressForbidden("the real clock")
    private enum SystemClock implements EngineClock {
        INSTANCE;

        @Override
        public long monotonicNanos() {
            return System.nanoTime();
        }

        @Override
        public Instant wallTime() {
            return Instant.now();
        }
    }
}
