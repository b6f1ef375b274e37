package io.sluice.target.net;

import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineClock;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one selector, a queue of tasks and timers. Everything about a connection happens on its loop.
 *
 * <p>A turn: ready channels, then tasks, then due timers, then the end of turn of every connection that got work from
 * tasks or timers. Nothing that runs here may block. A loop with nothing to do looks again and again as long as its
 * {@link PollPolicy} says, then sleeps.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A task given by {@link #execute} runs on the loop's thread, after those given before by the same thread; after
 *       {@link #close} it is dropped.
 *   <li>Nothing that one connection or task throws, errors included (direct memory used up), ends the loop: it serves
 *       many others.
 *   <li>A sleeping loop is woken by every task: {@code awake} is false only between the look into the queue that found
 *       it empty and the end of the select.
 * </ol>
 */
public final class EventLoop implements Executor, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLoop.class);
    private static final long CLOSE_WAIT_MILLIS = 5_000;

    private final Selector selector;
    private final EngineClock clock;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<LoopTimer> timers = new PriorityQueue<>();
    private final ArrayDeque<Connection> touched = new ArrayDeque<>();
    private final AtomicBoolean awake = new AtomicBoolean(true);
    private final Consumer<SelectionKey> ready = this::ready;
    private final PollPolicy pollPolicy;
    private final PollPermits pollPermits;
    private final LoopMemory memory;
    private boolean waiting;
    private boolean polling;
    private long waitBeganNanos;
    private volatile boolean closing;

    /**
     * Starts the loop's thread.
     *
     * @param busyPollMax the longest time to look again and again for the next event before sleeping; zero: never
     * @param pollPermits those of all loops of the server
     */
    public EventLoop(String name, EngineClock clock, LoopMemory memory, Duration busyPollMax, PollPermits pollPermits)
            throws IOException {
        this.selector = Selector.open();
        this.clock = clock;
        this.memory = memory;
        this.pollPolicy = new PollPolicy(busyPollMax);
        this.pollPermits = pollPermits;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** The buffers of this loop's connections. Confined to the loop. */
    public LoopMemory memory() {
        return memory;
    }

    public EngineClock clock() {
        return clock;
    }

    /** True on the loop's own thread. */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (!awake.get() && awake.compareAndSet(false, true)) {
            selector.wakeup();
        }
    }

    /** Runs {@code task} on the loop not before {@code delay} has gone by. Any thread may call it. */
    public Cancellable schedule(Duration delay, Runnable task) {
        LoopTimer timer = new LoopTimer(clock.monotonicNanos() + delay.toNanos(), task);
        if (isCurrent()) {
            timers.add(timer);
        } else {
            execute(() -> timers.add(timer));
        }
        return timer;
    }

    /** Ends the loop after the turn under way; its channels are closed. Does not wait when called on the loop. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        if (isCurrent()) {
            return;
        }
        try {
            thread.join(CLOSE_WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    SelectionKey register(SelectableChannel channel, int operations, ReadyHandler handler) throws IOException {
        return channel.register(selector, operations, handler);
    }

    /** This connection wants its end of turn when the present tasks are done. */
    void touch(Connection connection) {
        touched.add(connection);
    }

    private void run() {
        while (!closing) {
            try {
                select();
                runTasks();
                runTimers();
                endTurns();
            } catch (IOException | RuntimeException | Error e) {
                log.error("event loop {} goes on after an unexpected failure", thread.getName(), e);
            }
        }
        closeChannels();
    }

    /** Waits until there is something to do, and lets ready channels do it. */
    private void select() throws IOException {
        beginWait();
        if (!poll()) {
            sleep();
        }
        endWait();
    }

    private void beginWait() {
        waiting = pollPolicy.mayEverPoll() && tasks.isEmpty();
        if (waiting) {
            waitBeganNanos = clock.monotonicNanos();
        }
    }

    /** The first thing that happens after a wait ends it. */
    private void endWait() {
        if (waiting) {
            waiting = false;
            pollPolicy.waited(clock.monotonicNanos() - waitBeganNanos);
            endPolling();
        }
    }

    private void endPolling() {
        if (polling) {
            polling = false;
            pollPermits.giveBack();
        }
    }

    /** True when something happened. */
    private boolean poll() throws IOException {
        long windowNanos = waiting ? pollPolicy.windowNanos() : 0;
        if (windowNanos == 0 || !pollPermits.tryTake()) {
            return false;
        }
        polling = true;
        try {
            return look(Math.min(windowNanos, nanosToNextTimer(waitBeganNanos)));
        } finally {
            endPolling();
        }
    }

    /**
     * True when something happened within the window. The loop counts as awake, so that nobody spends a call to wake it;
     * but {@link #close} does, and its call may be used up here.
     */
    private boolean look(long windowNanos) throws IOException {
        long nowNanos = waitBeganNanos;
        while (nowNanos - waitBeganNanos < windowNanos && !closing) {
            if (selector.selectNow(ready) > 0 || !tasks.isEmpty()) {
                return true;
            }
            Thread.onSpinWait();
            nowNanos = clock.monotonicNanos();
        }
        return closing;
    }

    private void sleep() throws IOException {
        awake.set(false);
        long timeoutMillis = tasks.isEmpty() ? millisToNextTimer() : 0;
        if (timeoutMillis == 0) {
            awake.set(true);
            selector.selectNow(ready);
        } else {
            selector.select(ready, Math.max(0, timeoutMillis));
            awake.set(true);
        }
    }

    /** At least 0; a very long time when there is none. */
    private long nanosToNextTimer(long nowNanos) {
        LoopTimer next = timers.peek();
        return next == null ? Long.MAX_VALUE : Math.max(0, next.nanosUntilDue(nowNanos));
    }

    /** -1 when there is none. */
    private long millisToNextTimer() {
        LoopTimer next = timers.peek();
        if (next == null) {
            return -1;
        }
        long nanos = next.nanosUntilDue(clock.monotonicNanos());
        return nanos <= 0 ? 0 : 1 + (nanos / 1_000_000);
    }

    private void ready(SelectionKey key) {
        endWait();
        pollPolicy.served(key);
        ReadyHandler handler = (ReadyHandler) key.attachment();
        try {
            handler.ready(key);
        } catch (CancelledKeyException e) {
            log.trace("a channel was closed earlier in this turn", e);
        } catch (IOException | RuntimeException | Error e) {
            handler.failed(e);
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            runGuarded(task);
        }
    }

    private void runTimers() {
        if (timers.isEmpty()) {
            return;
        }
        long now = clock.monotonicNanos();
        for (LoopTimer timer = dueTimer(now); timer != null; timer = dueTimer(now)) {
            runGuarded(timer::run);
        }
    }

    private @Nullable LoopTimer dueTimer(long nowNanos) {
        LoopTimer next = timers.peek();
        while (next != null && next.isCancelled()) {
            timers.remove();
            next = timers.peek();
        }
        return next != null && next.nanosUntilDue(nowNanos) <= 0 ? timers.poll() : null;
    }

    private void runGuarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            log.error("a task on event loop {} failed", thread.getName(), e);
        }
    }

    private void endTurns() {
        for (Connection next = touched.poll(); next != null; next = touched.poll()) {
            next.endTouchedTurn();
        }
    }

    private void closeChannels() {
        for (SelectionKey key : selector.keys()) {
            ((ReadyHandler) key.attachment()).failed(new IOException("the server is stopping"));
        }
        runTasks();
        try {
            selector.close();
        } catch (IOException e) {
            log.warn("closing the selector of {} failed", thread.getName(), e);
        }
    }
}
