package io.sluice.target.net;

import io.sluice.storage.runtime.Cancellable;

/** One task of an {@link EventLoop} that waits for its time. */
final class LoopTimer implements Cancellable, Comparable<LoopTimer> {
    private final long deadlineNanos;
    private final Runnable task;
    private volatile boolean cancelled;

    LoopTimer(long deadlineNanos, Runnable task) {
        this.deadlineNanos = deadlineNanos;
        this.task = task;
    }

    long nanosUntilDue(long nowNanos) {
        return deadlineNanos - nowNanos;
    }

    void run() {
        if (!cancelled) {
            task.run();
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    @Override
    public int compareTo(LoopTimer other) {
        return Long.compare(deadlineNanos - other.deadlineNanos, 0);
    }
}
