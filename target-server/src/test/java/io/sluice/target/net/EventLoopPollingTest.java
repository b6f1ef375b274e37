package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.EngineClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A loop that polls before it sleeps. It looks at the clock once for each look at its channels, so that looks can be counted. */
final class EventLoopPollingTest {
    private static final Duration BUSY_POLL_MAX = Duration.ofNanos(160_000);
    /** How long the loop polls once the first short wait has opened its window. */
    private static final int FIRST_WINDOW_NANOS = 10_000;

    private final SteppingClock clock = new SteppingClock();
    private EventLoop loop;

    /** Each reading is one microsecond later than the one before it, unless it is stopped. */
    private static final class SteppingClock implements EngineClock {
        private final AtomicLong nowNanos = new AtomicLong();
        private final AtomicInteger readings = new AtomicInteger();
        private volatile int stepNanos = 1_000;

        @Override
        public long monotonicNanos() {
            readings.incrementAndGet();
            return nowNanos.addAndGet(stepNanos);
        }

        @Override
        public Instant wallTime() {
            return Instant.EPOCH;
        }
    }

    @BeforeEach
    void start() throws Exception {
        loop = new EventLoop("loop under test", clock, new LoopMemory(1024, 1024, 0), BUSY_POLL_MAX);
        awaitReadings(1);
    }

    @AfterEach
    void stop() {
        loop.close();
    }

    private void awaitReadings(int count) throws InterruptedException {
        for (int i = 0; i < 5_000 && clock.readings.get() < count; i++) {
            Thread.sleep(1);
        }
    }

    private void run(Runnable task) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(() -> {
            task.run();
            done.countDown();
        });
        assertTrue(done.await(5, TimeUnit.SECONDS), "the loop runs no task");
    }

    /** From now on the loop polls and does not stop, for no time goes by. */
    private void pollWithoutEnd() throws Exception {
        run(() -> clock.stepNanos = 0);
        awaitReadings(100);
        assertTrue(clock.readings.get() >= 100, "the loop does not poll");
    }

    @Test
    void pollsForOneWindowAndThenSleeps() throws Exception {
        run(() -> {});
        int endOfFirstWait = 2;
        int polled = 1 + FIRST_WINDOW_NANOS / 1_000;
        awaitReadings(endOfFirstWait + polled);
        Thread.sleep(100);
        assertEquals(endOfFirstWait + polled, clock.readings.get());
    }

    @Test
    void doesNotPollAfterALongWait() throws Exception {
        run(() -> {});
        awaitReadings(13);
        clock.nowNanos.addAndGet(Duration.ofSeconds(1).toNanos());
        run(() -> {});
        int endOfWaitAndBeginOfNext = 2;
        awaitReadings(13 + endOfWaitAndBeginOfNext);
        Thread.sleep(100);
        assertEquals(13 + endOfWaitAndBeginOfNext, clock.readings.get());
    }

    @Test
    void runsTasksWhileItPolls() throws Exception {
        pollWithoutEnd();
        run(() -> {});
        run(() -> {});
    }

    @Test
    void runsATimerThatIsDueBeforeTheWindowEnds() throws Exception {
        pollWithoutEnd();
        CountDownLatch ran = new CountDownLatch(1);
        run(() -> loop.schedule(Duration.ofNanos(FIRST_WINDOW_NANOS / 2), ran::countDown));
        assertFalse(ran.await(50, TimeUnit.MILLISECONDS), "too early");
        clock.nowNanos.addAndGet(FIRST_WINDOW_NANOS / 2);
        assertTrue(ran.await(5, TimeUnit.SECONDS), "not when it is due");
    }

    @Test
    void canBeClosedWhileItPolls() throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        loop.execute(() -> thread.complete(Thread.currentThread()));
        pollWithoutEnd();
        loop.close();
        assertFalse(thread.get().isAlive(), "the loop sleeps, and nobody will wake it");
    }
}
