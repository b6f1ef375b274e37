package io.sluice.target.cli;

import java.io.PrintWriter;

/** Shows now and then on standard error how far something is. Not thread-safe; one thread after another may use it. */
final class ProgressLine {
    private static final long NANOS_BETWEEN_LINES = 5_000_000_000L;

    private final PrintWriter errors;
    private long shownNanos;
    private boolean shown;

    ProgressLine(PrintWriter errors) {
        this.errors = errors;
    }

    /** Shows {@code text}, unless something was shown a moment ago. */
    void show(String text) {
        long now = System.nanoTime();
        if (!shown || now - shownNanos >= NANOS_BETWEEN_LINES) {
            errors.println(text);
            errors.flush();
            shownNanos = now;
            shown = true;
        }
    }
}
