package io.sluice.storage.object;

import io.sluice.storage.runtime.Invariant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Lets a bounded number of requests be under way; the others wait in line.
 *
 * <p>Invariants: {@code 0 <= free <= slots}; starts happen in the order of {@link #acquire}, those of {@link
 * #acquireFirst} before; nothing is started while
 * the monitor is held, and never recursively, however many requests end at once on one stack.
 */
final class RequestSlots {
    private final int slots;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int free;
    private boolean draining;

    RequestSlots(int slots) {
        if (slots < 1) {
            throw new IllegalArgumentException("requests in flight: at least 1, not " + slots);
        }
        this.slots = slots;
        this.free = slots;
    }

    /** Runs {@code start} as soon as a slot is free; whoever runs it calls {@link #release} once. */
    void acquire(Runnable start) {
        synchronized (this) {
            waiting.add(start);
        }
        drain();
    }

    /** The same, before all that wait. */
    void acquireFirst(Runnable start) {
        synchronized (this) {
            waiting.addFirst(start);
        }
        drain();
    }

    void release() {
        synchronized (this) {
            free++;
            Invariant.check(free <= slots, "a slot was released twice", free, slots);
        }
        drain();
    }

    private void drain() {
        synchronized (this) {
            if (draining) {
                return;
            }
            draining = true;
        }
        boolean drained = false;
        try {
            for (Runnable next = next(); next != null; next = next()) {
                next.run();
            }
            drained = true;
        } finally {
            if (!drained) {
                stopDraining();
            }
        }
    }

    /** A start that broke its promise and threw must not hold up all that come after it. */
    private synchronized void stopDraining() {
        draining = false;
    }

    private synchronized @Nullable Runnable next() {
        if (free == 0 || waiting.isEmpty()) {
            draining = false;
            return null;
        }
        free--;
        return waiting.remove();
    }
}
