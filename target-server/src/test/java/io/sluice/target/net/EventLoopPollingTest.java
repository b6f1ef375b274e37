package io.sluice.target.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.EngineClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A loop that polls before it sleeps. It reads the clock once for each look at its channels, so that looks are counted. */
final class EventLoopPollingTest {
    private static final int WINDOW_MICROS = 100;
    /** So many short waits, and the loop polls. */
    private static final int SHORT_WAITS = 8;
    /** One when the first wait begins, then one when each wait ends and one when the next begins. */
    private static final int READINGS_BEFORE_POLLING = 1 + 2 * SHORT_WAITS;

    private final SteppingClock clock = new SteppingClock();
    private final PollPermits permits = new PollPermits(1);
    private final List<Peer> peers = new ArrayList<>();
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

    /** Who sends a byte at a time to the loop. */
    private final class Peer implements ReadyHandler {
        private final Pipe pipe = Pipe.open();

        private Peer() throws Exception {
            peers.add(this);
            pipe.source().configureBlocking(false);
            int asleep = clock.readings.get();
            run(this::register);
            awaitReadings(asleep + 2); // it sleeps again, so that what comes next ends a wait of its own
        }

        private void register() {
            try {
                loop.register(pipe.source(), SelectionKey.OP_READ, this);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void send() throws IOException {
            assertEquals(1, pipe.sink().write(ByteBuffer.allocate(1)));
        }

        private void close() throws IOException {
            pipe.sink().close();
            pipe.source().close();
        }

        @Override
        public void ready(SelectionKey key) throws IOException {
            assertEquals(1, pipe.source().read(ByteBuffer.allocate(8)));
        }

        /** The loop was closed; a read that failed shows as an event that is missing. */
        @Override
        public void failed(Throwable failure) {}
    }

    @BeforeEach
    void start() throws Exception {
        Duration window = Duration.ofNanos(WINDOW_MICROS * 1_000);
        loop = new EventLoop("loop under test", clock, new LoopMemory(1024, 1024, 0), window, permits);
        awaitReadings(1);
    }

    @AfterEach
    void stop() throws IOException {
        loop.close();
        for (Peer peer : peers) {
            peer.close();
        }
    }

    /** Not more either, after a while in which a loop that polls would look thousands of times. */
    private void assertStopsAt(int readings) throws InterruptedException {
        awaitReadings(readings);
        Thread.sleep(100);
        assertEquals(readings, clock.readings.get());
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

    /** Each time when the loop sleeps; {@code last} is run by the last of them. */
    private void makeShortWaits(Runnable last) throws Exception {
        for (int i = 1; i < SHORT_WAITS; i++) {
            run(() -> {});
            awaitReadings(1 + 2 * i);
        }
        run(last);
    }

    /** From now on the loop polls and does not stop, for no time goes by. */
    private void pollWithoutEnd() throws Exception {
        makeShortWaits(() -> clock.stepNanos = 0);
        awaitReadings(1_000);
        assertTrue(clock.readings.get() >= 1_000, "the loop does not poll");
    }

    @Test
    void pollsForOneWindowAndThenSleeps() throws Exception {
        makeShortWaits(() -> {});
        assertStopsAt(READINGS_BEFORE_POLLING + WINDOW_MICROS);
    }

    @Test
    void sleepsAtOnceWhenItIsIdle() throws Exception {
        makeShortWaits(() -> {});
        int readings = READINGS_BEFORE_POLLING + WINDOW_MICROS;
        awaitReadings(readings);
        clock.nowNanos.addAndGet(Duration.ofSeconds(1).toNanos());
        run(() -> {});
        assertStopsAt(readings + 2);
    }

    @Test
    void sleepsAtOnceWhenOthersPoll() throws Exception {
        assertTrue(permits.tryTake());
        makeShortWaits(() -> {});
        assertStopsAt(READINGS_BEFORE_POLLING);
    }

    @Test
    void givesItsPermitBackWhenItSleepsAndWhenItWorks() throws Exception {
        pollWithoutEnd();
        assertFalse(permits.tryTake(), "the loop has it while it polls");
        run(() -> {
            assertTrue(permits.tryTake());
            clock.stepNanos = 1_000;
            permits.giveBack();
        });
        boolean taken = false;
        for (int i = 0; i < 5_000 && !taken; i++) {
            Thread.sleep(1);
            taken = permits.tryTake();
        }
        assertTrue(taken, "the loop sleeps and has it still");
    }

    @Test
    void pollsWhenOneHostSendsAgainAndAgain() throws Exception {
        Peer host = new Peer();
        int readings = 3;
        int firstIsNew = 1;
        for (int i = 0; i < firstIsNew + SHORT_WAITS; i++) {
            awaitReadings(readings);
            host.send();
            readings += 2;
        }
        assertStopsAt(readings + WINDOW_MICROS);
    }

    @Test
    void doesNotPollWhenTwoHostsSendInTurn() throws Exception {
        Peer one = new Peer();
        Peer other = new Peer();
        int readings = 5;
        for (int i = 0; i < 4 * SHORT_WAITS; i++) {
            awaitReadings(readings);
            (i % 2 == 0 ? one : other).send();
            readings += 2;
        }
        assertStopsAt(readings);
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
        run(() -> loop.schedule(Duration.ofNanos(WINDOW_MICROS * 500), ran::countDown));
        assertFalse(ran.await(50, TimeUnit.MILLISECONDS), "too early");
        clock.nowNanos.addAndGet(WINDOW_MICROS * 500);
        assertTrue(ran.await(5, TimeUnit.SECONDS), "not when it is due");
    }

    /** Again and again: whether the call that wakes the loop is used up by a look is a matter of a microsecond. */
    @RepeatedTest(20)
    void canBeClosedWhileItPolls() throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        pollWithoutEnd();
        run(() -> thread.complete(Thread.currentThread()));
        loop.close();
        assertFalse(thread.get().isAlive(), "the loop sleeps, and nobody will wake it");
    }
}
