package io.sluice.target.fuzz;

import java.time.Duration;
import java.util.function.Predicate;

/** Makes a failing case smaller: drops runs of actions, halves first, while it still fails. */
final class Minimiser {
    private final Predicate<FuzzCase> fails;
    private final long deadlineNanos;

    Minimiser(Predicate<FuzzCase> fails, Duration atMost) {
        this.fails = fails;
        this.deadlineNanos = System.nanoTime() + atMost.toNanos();
    }

    /** The smallest that was found in time. */
    FuzzCase minimise(FuzzCase failing) {
        FuzzCase smallest = failing;
        for (int run = failing.actions().size() / 2; run >= 1; run /= 2) {
            int at = 0;
            while (at < smallest.actions().size() && System.nanoTime() < deadlineNanos) {
                FuzzCase smaller =
                        smallest.without(at, Math.min(smallest.actions().size(), at + run));
                if (fails.test(smaller)) {
                    smallest = smaller;
                } else {
                    at += run;
                }
            }
        }
        return smallest;
    }
}
