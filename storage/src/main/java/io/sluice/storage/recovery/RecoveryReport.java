package io.sluice.storage.recovery;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an opening found and did; logged at start-up and shown to the operator.
 *
 * @param epoch of this opening
 * @param wasClean the volume had been closed cleanly
 * @param segmentsReplayed segments behind the last checkpoint
 * @param bucketSequence the bucket holds the volume up to here
 * @param bucketTimeMillis when the newest write in the bucket was acknowledged, milliseconds since 1970, 0 when unknown
 * @param journalBlocksReplayed journal entries that were not in the bucket yet
 * @param orphanSegments segments behind the end of the volume: they do not count
 * @param takeover present when the volume was taken from a gateway that had not closed it
 * @param notes what else an operator should know, one sentence each
 * @param took from the first request to ready
 */
public record RecoveryReport(
        long epoch,
        boolean wasClean,
        int segmentsReplayed,
        long bucketSequence,
        long bucketTimeMillis,
        int journalBlocksReplayed,
        int orphanSegments,
        Optional<TakeoverReport> takeover,
        List<String> notes,
        Duration took) {
    /** Copies the notes. */
    public RecoveryReport {
        notes = List.copyOf(notes);
    }
}
