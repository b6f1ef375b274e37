package io.sluice.target.cli;

import java.io.PrintWriter;

/** Says on standard error how far something is, at most every few seconds. Thread-safe. */
final class ProgressLine {
    private static final long PAUSE_NANOS = 5_000_000_000L;

    private final PrintWriter errors;
    private final boolean quiet;
    private long toldNanos = System.nanoTime();

    ProgressLine(PrintWriter errors, boolean quiet) {
        this.errors = errors;
        this.quiet = quiet;
    }

    synchronized void say(java.util.function.Supplier<String> text) {
        long now = System.nanoTime();
        if (!quiet && now - toldNanos >= PAUSE_NANOS) {
            toldNanos = now;
            errors.println(text.get());
        }
    }
}
