package io.sluice.target.scsi;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs an action once when all aborted commands have ended and so their I/O is quiet. Counts one for its maker, who
 * gives it back with {@link #release} when every command is counted.
 */
final class QuietLatch {
    private final AtomicInteger pending = new AtomicInteger(1);
    private final Runnable action;

    QuietLatch(Runnable action) {
        this.action = action;
    }

    void retain() {
        pending.incrementAndGet();
    }

    void release() {
        if (pending.decrementAndGet() == 0) {
            action.run();
        }
    }
}
