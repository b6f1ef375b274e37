package io.sluice.storage.engine;

import io.sluice.storage.volume.IoFailure;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * The writes of one port that are held back, oldest first. They stand before the gate, so that nothing waits for a block
 * because somebody else's write of it is held back.
 *
 * <p>Invariants: 1. they go on in the order in which they came; 2. while there are some, one timer is set. Owned by the
 * port's thread.
 */
final class PacedWrites {
    private final EnginePort port;
    private final VolumeCore core;
    private final JournalPressure pressure;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private final long lookEveryBytes;
    private long bytesUntilLook;

    private record Held(WriteOperation operation, long turnNanos) {}

    PacedWrites(EnginePort port, VolumeCore core) {
        this.port = port;
        this.core = core;
        this.pressure = core.pressure();
        this.lookEveryBytes = pressure.lookEveryBytes();
    }

    /** True: the write goes on at once. False: it is held back, and {@link WriteOperation#turnHasCome} follows. */
    boolean admits(WriteOperation operation) {
        long bytes = operation.journalBytes();
        bytesUntilLook -= bytes;
        if (bytesUntilLook >= 0 && pressure.isCalm() && held.isEmpty()) {
            return true;
        }
        bytesUntilLook = lookEveryBytes;
        long delayNanos = pressure.delayNanos(bytes);
        if (delayNanos <= 0 && held.isEmpty()) {
            return true;
        }
        boolean first = held.isEmpty();
        held.add(new Held(operation, core.runtime().clock().monotonicNanos() + delayNanos));
        if (first) {
            arm(delayNanos);
        }
        return false;
    }

    private void arm(long delayNanos) {
        core.afterDelay(
                Duration.ofNanos(Math.max(0, delayNanos)), () -> port.loop().execute(this::release));
    }

    private void release() {
        long now = core.runtime().clock().monotonicNanos();
        boolean some = false;
        while (!held.isEmpty() && held.peek().turnNanos() - now <= 0) {
            held.remove().operation().turnHasCome();
            some = true;
        }
        if (some) {
            port.submit();
        }
        Held next = held.peek();
        if (next != null) {
            arm(next.turnNanos() - now);
        }
    }

    /** The volume has stopped: all of them end. */
    void abandon(IoFailure why) {
        while (!held.isEmpty()) {
            held.remove().operation().abandon(why);
        }
    }
}
