package io.sluice.target.iscsi;

import io.sluice.storage.runtime.EngineClock;
import java.time.Instant;

/** The machine's clock, for servers in tests. */
final class TestClock implements EngineClock {
    @Override
    public long monotonicNanos() {
        return System.nanoTime();
    }

    @Override
    public Instant wallTime() {
        return Instant.now();
    }
}
