package io.sluice.target.net;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many loops may poll at the same time. A loop that polls keeps a processor from everybody else for as long: from the
 * engine's own threads, and from an initiator on the same machine. When half of the processors at most are given to
 * polling, there is always one that whoever has work can be moved to. Thread-safe.
 */
public final class PollPermits {
    private final AtomicInteger free;

    /** At most {@code count} loops at a time; 0: none. */
    public PollPermits(int count) {
        this.free = new AtomicInteger(count);
    }

    /** For a machine with so many processors: half of them, none of a single one. */
    public static PollPermits forProcessors(int processors) {
        return new PollPermits(processors / 2);
    }

    /** True: the caller may poll, and gives the permit back when it no longer does. */
    boolean tryTake() {
        int now = free.get();
        while (now > 0) {
            if (free.compareAndSet(now, now - 1)) {
                return true;
            }
            now = free.get();
        }
        return false;
    }

    void giveBack() {
        free.incrementAndGet();
    }
}
