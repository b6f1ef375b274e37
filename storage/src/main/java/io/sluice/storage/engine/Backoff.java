package io.sluice.storage.engine;

import java.time.Duration;

/** How long to wait before the next try of something that goes on for ever: doubling, bounded. */
final class Backoff {
    private static final long FIRST_MILLIS = 250;
    private static final long MAX_MILLIS = 15_000;

    private Backoff() {}

    /** {@code failures} so far, from 1. */
    static Duration after(int failures) {
        int doublings = Math.min(failures - 1, 10);
        return Duration.ofMillis(Math.min(MAX_MILLIS, FIRST_MILLIS << doublings));
    }
}
