package io.sluice.integration.bench;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A figure that Sluice is to reach.
 *
 * @param text what is demanded, in words
 * @param value what is looked at
 * @param base what it is divided by; absent: the value alone counts
 * @param isFloor true when it is to be at least {@code bound}, false when at most
 */
record Target(String text, Reading value, Optional<Reading> base, boolean isFloor, double bound) {
    /** Where a number stands in the results; NaN when it was not measured. */
    sealed interface Reading {
        double in(Results results);

        /** Medians that it is made of. */
        Stream<Measured> measured();

        /** The median of the runs of a workload. */
        static Reading of(String workload, String peer, Figure figure) {
            return new Measured(workload, peer, figure);
        }

        /** Measured once, beside the workloads. */
        static Reading noted(String name) {
            return new Noted(name);
        }

        /** Of a {@code whole} what is left without a {@code part}, of which each unit counts {@code factor}. */
        static Reading without(Reading whole, Reading part, Reading factor) {
            return new Remainder(whole, part, factor);
        }
    }

    /** A median. */
    record Measured(String workload, String peer, Figure figure) implements Reading {
        @Override
        public double in(Results results) {
            return results.median(workload, peer, figure);
        }

        @Override
        public Stream<Measured> measured() {
            return Stream.of(this);
        }
    }

    /** A single figure. */
    record Noted(String name) implements Reading {
        @Override
        public double in(Results results) {
            return results.limits().getOrDefault(name, Double.NaN);
        }

        @Override
        public Stream<Measured> measured() {
            return Stream.empty();
        }
    }

    /** A difference. */
    record Remainder(Reading whole, Reading part, Reading factor) implements Reading {
        @Override
        public double in(Results results) {
            return whole.in(results) - part.in(results) * factor.in(results);
        }

        @Override
        public Stream<Measured> measured() {
            return Stream.of(whole, part, factor).flatMap(Reading::measured);
        }
    }

    /** What became of a target in a run; {@code figure} is NaN when the run did not measure it. */
    record Verdict(Target target, double figure) {
        boolean isMeasured() {
            return !Double.isNaN(figure);
        }

        boolean isReached() {
            return isMeasured() && (target.isFloor ? figure >= target.bound : figure <= target.bound);
        }

        String word() {
            return isMeasured() ? isReached() ? "reached" : "NOT reached" : "not measured";
        }

        /** "2.31 (at least 2.20)". */
        String numbers() {
            String bound = String.format(Locale.ROOT, "%s %.2f", target.isFloor ? "at least" : "at most", target.bound);
            return isMeasured() ? String.format(Locale.ROOT, "%.2f (%s)", figure, bound) : "(" + bound + ")";
        }
    }

    static Target ratio(String text, Reading value, Reading base, double atLeast) {
        return new Target(text, value, Optional.of(base), true, atLeast);
    }

    static Target ratioAtMost(String text, Reading value, Reading base, double atMost) {
        return new Target(text, value, Optional.of(base), false, atMost);
    }

    static Target atLeast(String text, Reading value, double bound) {
        return new Target(text, value, Optional.empty(), true, bound);
    }

    static Target atMost(String text, Reading value, double bound) {
        return new Target(text, value, Optional.empty(), false, bound);
    }

    Verdict judge(Results results) {
        double figure =
                value.in(results) / base.map(reading -> reading.in(results)).orElse(1.0);
        return new Verdict(this, figure);
    }
}
