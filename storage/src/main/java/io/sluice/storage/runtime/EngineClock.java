package io.sluice.storage.runtime;

import java.time.Instant;

/** Time as the engine sees it. Thread-safe. */
public interface EngineClock {
    /** Nanoseconds on a clock that never goes back; only differences mean anything. */
    long monotonicNanos();

    /** The wall clock: for people and for the age of objects, never for ordering. */
    Instant wallTime();
}
