package io.sluice.target.net;

import io.sluice.storage.runtime.Invariant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A bound on bytes in use, inside an outer bound if there is one. Thread-safe. */
public final class MemoryBudget {
    private final long bytesMax;
    private final @Nullable MemoryBudget outer;
    private final AtomicLong bytesUsed = new AtomicLong();

    /** {@code outer} is asked as well. */
    public MemoryBudget(long bytesMax, @Nullable MemoryBudget outer) {
        this.bytesMax = bytesMax;
        this.outer = outer;
    }

    /** Takes the bytes from this and the outer budget, or from none of them. */
    public boolean reserve(long bytes) {
        if (bytesUsed.addAndGet(bytes) > bytesMax) {
            bytesUsed.addAndGet(-bytes);
            return false;
        }
        if (outer != null && !outer.reserve(bytes)) {
            bytesUsed.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** Gives back what {@link #reserve} took. */
    public void release(long bytes) {
        long left = bytesUsed.addAndGet(-bytes);
        Invariant.check(left >= 0, "more memory was given back than taken", left, bytes);
        if (outer != null) {
            outer.release(bytes);
        }
    }

    public long bytesUsed() {
        return bytesUsed.get();
    }

    public long bytesMax() {
        return bytesMax;
    }
}
