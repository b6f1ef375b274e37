package io.sluice.storage.inspection;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Findings as they come, a bounded number of each kind. */
final class FindingList {
    /** Most findings of one kind. */
    static final int PER_KIND_MAX = 200;

    private final List<CheckFinding> findings = new ArrayList<>();
    private final Map<CheckFinding.Kind, Integer> counts = new EnumMap<>(CheckFinding.Kind.class);
    private long leftOut;

    void add(CheckFinding finding) {
        if (counts.merge(finding.kind(), 1, Integer::sum) > PER_KIND_MAX) {
            leftOut++;
        } else {
            findings.add(finding);
        }
    }

    void add(CheckFinding.Kind kind, String object, String text) {
        add(new CheckFinding(kind, object, text));
    }

    /** By severity, then as they came. */
    List<CheckFinding> all() {
        List<CheckFinding> sorted = new ArrayList<>(findings);
        sorted.sort(Comparator.comparing(finding -> finding.kind().severity()));
        return sorted;
    }

    boolean needsConfirmation() {
        return findings.stream().anyMatch(finding -> finding.kind().severity() != CheckFinding.Severity.INFORMATION);
    }

    long leftOut() {
        return leftOut;
    }
}
