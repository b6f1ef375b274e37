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
 * <p>Threads: one for timers, a few for non-blocking lanes, one per core for workers and one per core for the background, and as
 * many for blocking lanes as block at the same time. Those of the background have the lowest priority, which counts only when
 * the JVM was told so ({@code -XX:ThreadPriorityPolicy=1}, as the launcher does).
 */
@SuppressForbidden("the one place where the engine meets the real clock, randomness and threads")
public final class SystemRuntime implements EngineRuntime {
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final int LANE_THREADS = 2;
    private static final int IDLE_SECONDS = 30;

    private final SecureRandom random = new SecureRandom();
    private final ScheduledThreadPoolExecutor timers;
    private final ExecutorService lanes;
    private final ExecutorService blocking;
    private final ExecutorService backgroundBlocking;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor background;

    /** {@code workerThreads >= 1} threads for compression and encryption, and as many in the background. */
    public SystemRuntime(int workerThreads) {
        timers = new ScheduledThreadPoolExecutor(1, named("sluice-timer", Thread.NORM_PRIORITY));
        timers.setRemoveOnCancelPolicy(true);
        lanes = Executors.newFixedThreadPool(LANE_THREADS, named("sluice-lane", Thread.NORM_PRIORITY));
        blocking = unbounded(named("sluice-disk", Thread.NORM_PRIORITY));
        backgroundBlocking = unbounded(named("sluice-back-disk", Thread.MIN_PRIORITY));
        workers = bounded(workerThreads, named("sluice-worker", Thread.NORM_PRIORITY));
        background = bounded(workerThreads, named("sluice-back", Thread.MIN_PRIORITY));
    }

    private static ThreadPoolExecutor unbounded(ThreadFactory threads) {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), threads);
    }

    private static ThreadPoolExecutor bounded(int size, ThreadFactory threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                size, size, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @SuppressWarnings("ThreadPriorityCheck") // Nothing but speed depends on it.
    private static ThreadFactory named(String prefix, int priority) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            thread.setPriority(priority);
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

    @Override
    public Executor background() {
        return background;
    }

    @Override
    public Lane backgroundLane(String name) {
        return new SerialLane(name, backgroundBlocking, timers);
    }

    /** A pool for tasks that may block, side by side, without an order (file object store). */
    public Executor blockingPool() {
        return blocking;
    }

    @Override
    public void close() {
        timers.shutdownNow();
        ExecutorService[] pools = {workers, background, lanes, blocking, backgroundBlocking};
        for (ExecutorService pool : pools) {
            pool.shutdown();
        }
        try {
            for (ExecutorService pool : pools) {
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
