package io.sluice.target.cli;

import java.io.PrintWriter;

/**
 * Shows how far something is on standard error: on a terminal one line that changes, elsewhere a line now and then. Not
 * thread-safe; one thread after another may use it.
 */
final class ProgressLine {
    private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;
    private static final int WIDTH_MIN = 100;

    private final PrintWriter errors;
    private final boolean terminal = System.console() != null;
    private long shownNanos;
    private boolean shown;
    private boolean open;

    ProgressLine(PrintWriter errors) {
        this.errors = errors;
    }

    void show(String text) {
        long now = System.nanoTime();
        if (terminal) {
            errors.print("\r" + text + " ".repeat(Math.max(0, WIDTH_MIN - text.length())));
            errors.flush();
            open = true;
        } else if (!shown || now - shownNanos >= NANOS_BETWEEN_LINES) {
            errors.println(text);
            errors.flush();
            shownNanos = now;
            shown = true;
        }
    }

    /** What follows begins on a line of its own. */
    void end() {
        if (open) {
            errors.println();
            errors.flush();
            open = false;
        }
    }
}
