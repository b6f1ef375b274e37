package io.sluice.target.server.reload;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a reload went.
 *
 * @param changes what was done, one phrase each
 * @param failures what could not be done although the rest was; the next reload tries again
 * @param problems why nothing was done: mistakes in the files, or what needs a restart
 * @param warnings about the files
 */
public record ReloadReport(
        Outcome outcome, List<String> changes, List<String> failures, List<String> problems, List<String> warnings) {
    /** In short. */
    public enum Outcome {
        /** Everything was done. */
        APPLIED,
        /** The files say what is. */
        UNCHANGED,
        /** Some of it was done. */
        PARTLY_APPLIED,
        /** None of it could be done. */
        FAILED,
        /** The files have mistakes: nothing was done. */
        MISTAKES,
        /** Some of it needs a restart: nothing was done. */
        NEEDS_RESTART,
        /** Not at this time: nothing was done. */
        REFUSED
    }

    /** Copies the lists. */
    public ReloadReport {
        changes = List.copyOf(changes);
        failures = List.copyOf(failures);
        problems = List.copyOf(problems);
        warnings = List.copyOf(warnings);
    }

    static ReloadReport nothingDone(Outcome outcome, List<String> problems, List<String> warnings) {
        return new ReloadReport(outcome, List.of(), List.of(), problems, warnings);
    }

    static ReloadReport done(List<String> changes, List<String> failures, List<String> warnings) {
        Outcome outcome = Outcome.APPLIED;
        if (!failures.isEmpty()) {
            outcome = changes.isEmpty() ? Outcome.FAILED : Outcome.PARTLY_APPLIED;
        } else if (changes.isEmpty()) {
            outcome = Outcome.UNCHANGED;
        }
        return new ReloadReport(outcome, changes, failures, List.of(), warnings);
    }

    /** For the admin socket. */
    public Map<String, ?> toMap() {
        return Map.of(
                "outcome", outcome.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                "changes", changes,
                "failures", failures,
                "problems", problems,
                "warnings", warnings);
    }
}
