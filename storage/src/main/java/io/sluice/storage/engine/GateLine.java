package io.sluice.storage.engine;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The writes of one port that wait at the {@link BlockGate}: each until it is let in, or until its deadline, when it ends and
 * has changed nothing.
 *
 * <p>Why that is needed though who is ahead of it ends by its own deadline: who covers several stripes enters them one after
 * another, and may meet younger ones at each.
 *
 * <p>Invariant: while there are some, a timer is set for the one that must end first. Owned by the port's thread.
 */
final class GateLine {
    private final EnginePort port;
    private final VolumeCore core;
    private final Set<WriteOperation> waiting = new LinkedHashSet<>();
    private long timerNanos = Long.MAX_VALUE;

    GateLine(EnginePort port, VolumeCore core) {
        this.port = port;
        this.core = core;
    }

    /** {@code operation} was not let in. */
    void add(WriteOperation operation) {
        waiting.add(operation);
        setTimer();
    }

    /** {@code operation} was let in, or has given up. */
    void remove(WriteOperation operation) {
        waiting.remove(operation);
    }

    private void setTimer() {
        long firstNanos = Long.MAX_VALUE;
        for (WriteOperation operation : waiting) {
            firstNanos = Math.min(firstNanos, operation.deadlineNanos());
        }
        if (firstNanos < timerNanos) {
            timerNanos = firstNanos;
            long leftNanos = firstNanos - core.runtime().clock().monotonicNanos();
            core.afterDelay(
                    Duration.ofNanos(Math.max(0, leftNanos) + 1),
                    () -> port.loop().execute(this::expire));
        }
    }

    private void expire() {
        timerNanos = Long.MAX_VALUE;
        for (WriteOperation operation : List.copyOf(waiting)) {
            if (port.isLate(operation.deadlineNanos())) {
                operation.giveUpAtGate();
            }
        }
        setTimer();
    }
}
