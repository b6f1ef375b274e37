package io.sluice.storage.scrub;

import java.util.List;
import java.util.UUID;

/**
 * What a scrub found.
 *
 * @param volume whose
 * @param logicalBlockBytes of the LUN, 512 or 4096
 * @param manifest number of the newest manifest when it began
 * @param coversSegment all segments up to this number that are in use were read
 * @param startedMillis and {@code endedMillis}: milliseconds since 1970
 * @param manifests and {@code identityCopies}, {@code checkpoints}, {@code segments}: objects read, each as a whole
 * @param bytes of all of them
 * @param resumed whether it went on with an interrupted run
 * @param unreferenced objects that nothing refers to any more; not read
 * @param vanished objects in the list that were deleted as no longer needed before they could be read
 * @param findings damaged objects
 * @param notes what else an operator should know, one sentence each
 */
public record ScrubReport(
        UUID volume,
        int logicalBlockBytes,
        long manifest,
        long coversSegment,
        long startedMillis,
        long endedMillis,
        long manifests,
        long identityCopies,
        long checkpoints,
        long segments,
        long bytes,
        boolean resumed,
        long unreferenced,
        long vanished,
        List<ScrubFinding> findings,
        List<String> notes) {
    /** Copies the lists. */
    public ScrubReport {
        findings = List.copyOf(findings);
        notes = List.copyOf(notes);
    }

    /** Nothing is damaged. */
    public boolean isClean() {
        return findings.isEmpty();
    }
}
