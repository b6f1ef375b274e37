package io.sluice.storage.engine;

import io.sluice.storage.runtime.Invariant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all streams of a volume together have under way, asked for and not there yet: this bounds the memory that reading ahead
 * takes, however many hosts read in sequence.
 *
 * <p>Invariants: what is taken is from 0 to {@link #bytesMax}; each grant is given back once. Thread-safe.
 */
final class ReadAheadBudget {
    /** Smaller pieces would be many small requests. */
    static final long SMALLEST_BYTES = 256 << 10;

    private final long bytesMax;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicInteger grants = new AtomicInteger();

    /** {@code bytesMax}, of the disk, is also as far as one stream is read ahead; 0: nothing is. */
    ReadAheadBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    long bytesMax() {
        return bytesMax;
    }

    /**
     * Takes {@code wanted}, more than 0, or what is left of it, but nothing smaller than {@link #SMALLEST_BYTES}; 0 when that
     * is not left. Anything else must be given back.
     */
    long take(long wanted) {
        while (true) {
            long now = taken.get();
            long granted = Math.min(wanted, bytesMax - now);
            if (granted < Math.min(wanted, SMALLEST_BYTES)) {
                return 0;
            }
            if (taken.compareAndSet(now, now + granted)) {
                grants.incrementAndGet();
                return granted;
            }
        }
    }

    void giveBack(long bytes) {
        long left = taken.addAndGet(-bytes);
        int others = grants.decrementAndGet();
        Invariant.check(left >= 0 && others >= 0, "more is given back than was taken", left, others);
    }

    /** Grants that have not been given back: closing waits for them. */
    int underWay() {
        return grants.get();
    }
}
