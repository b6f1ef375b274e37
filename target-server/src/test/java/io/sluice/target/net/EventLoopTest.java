package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tasks and timers of a loop, with time under the test's control. */
final class EventLoopTest {
    private final AtomicLong nowNanos = new AtomicLong();

    private EventLoop newLoop() throws Exception {
        EngineClock clock = new EngineClock() {
            @Override
            public long monotonicNanos() {
                return nowNanos.get();
            }

            @Override
            public Instant wallTime() {
                return Instant.EPOCH;
            }
        };
        return new EventLoop(
                "loop under test", clock, new LoopMemory(1024, 1024, 0), Duration.ZERO, new PollPermits(0));
    }

    private static void drain(EventLoop loop) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(done::countDown);
        assertTrue(done.await(5, TimeUnit.SECONDS));
    }

    /** Timers run behind the tasks of a turn: a few turns at most. */
    private static void await(EventLoop loop, List<String> ran, List<String> expected) throws InterruptedException {
        for (int i = 0; i < 100 && !ran.equals(expected); i++) {
            drain(loop);
            Thread.sleep(1);
        }
        assertEquals(expected, ran);
    }

    @Test
    void runsTasksInOrderAndSurvivesOneThatThrows() throws Exception {
        try (EventLoop loop = newLoop()) {
            List<Integer> ran = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                int number = i;
                loop.execute(() -> {
                    assertTrue(loop.isCurrent());
                    ran.add(number);
                    if (number == 500) {
                        throw new IllegalStateException("expected by the test");
                    }
                });
            }
            drain(loop);
            assertEquals(1000, ran.size());
            assertEquals(999, ran.get(999));
            assertFalse(loop.isCurrent());
        }
    }

    @Test
    void runsTimersWhenTheirTimeHasComeAndNotWhenCalledOff() throws Exception {
        try (EventLoop loop = newLoop()) {
            List<String> ran = new CopyOnWriteArrayList<>();
            Cancellable never = loop.schedule(Duration.ofSeconds(5), () -> ran.add("never"));
            loop.schedule(Duration.ofSeconds(20), () -> ran.add("second"));
            loop.schedule(Duration.ofSeconds(10), () -> ran.add("first"));
            drain(loop);
            assertEquals(List.of(), ran);
            never.cancel();
            nowNanos.set(Duration.ofSeconds(11).toNanos());
            await(loop, ran, List.of("first"));
            nowNanos.set(Duration.ofSeconds(30).toNanos());
            await(loop, ran, List.of("first", "second"));
        }
    }
}
