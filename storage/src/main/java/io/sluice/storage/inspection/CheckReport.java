package io.sluice.storage.inspection;

import io.sluice.storage.manifest.Manifest;
import java.util.List;
import java.util.Optional;

/**
 * What a check found.
 *
 * @param manifest of the state that was checked; empty when there is none that can be read
 * @param lastSegment the newest segment that counts
 * @param epoch of that segment
 * @param sequence the bucket holds the volume up to here
 * @param segments objects of segments that were looked at
 * @param checkpointPages pages of the checkpoint that were read
 * @param mappedBlocks blocks of the newest state that stand in segments
 * @param runs how often the check was made: again when a gateway went on meanwhile and something was found
 * @param findings in order of severity; at most {@link FindingList#PER_KIND_MAX} of a kind
 * @param findingsLeftOut how many more there were
 */
public record CheckReport(
        Optional<Manifest> manifest,
        long lastSegment,
        long epoch,
        long sequence,
        long segments,
        long checkpointPages,
        long mappedBlocks,
        int runs,
        List<CheckFinding> findings,
        long findingsLeftOut) {
    /** Copies the list. */
    public CheckReport {
        findings = List.copyOf(findings);
    }

    /** Errors and warnings. */
    public boolean isClean() {
        return findings.stream().allMatch(finding -> finding.kind().severity() == CheckFinding.Severity.INFORMATION);
    }

    /** How many of {@code severity} are told. */
    public long count(CheckFinding.Severity severity) {
        return findings.stream()
                .filter(finding -> finding.kind().severity() == severity)
                .count();
    }
}
