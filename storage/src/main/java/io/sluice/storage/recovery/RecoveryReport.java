package io.sluice.storage.recovery;

import java.time.Duration;
import java.util.List;

/**
 * What an opening found and did; logged at start-up and shown to the operator.
 *
 * @param epoch of this opening
 * @param wasClean the volume had been closed cleanly
 * @param segmentsReplayed segments behind the last checkpoint
 * @param bucketSequence the bucket holds every write below, and none from here on
 * @param bucketTimeMillis when the newest write in the bucket was acknowledged, milliseconds since 1970, 0 when unknown
 * @param recoveredSequence with what the local journal held, every write below is here again; what was acknowledged behind
 *     it is lost
 * @param newerSequence writes up to here are recorded in the bucket as acknowledged; those from {@code recoveredSequence} on
 *     are lost, and how many there were behind it is not recorded
 * @param newerTimeMillis when the newest of these was acknowledged, 0 when unknown
 * @param journalBlocksReplayed journal entries that were not in the bucket yet
 * @param orphanSegments segments behind the end of the volume: they do not count
 * @param notes what else an operator should know, one sentence each
 * @param took from the first request to ready
 */
public record RecoveryReport(
        long epoch,
        boolean wasClean,
        int segmentsReplayed,
        long bucketSequence,
        long bucketTimeMillis,
        long recoveredSequence,
        long newerSequence,
        long newerTimeMillis,
        int journalBlocksReplayed,
        int orphanSegments,
        List<String> notes,
        Duration took) {
    /** Copies the notes. */
    public RecoveryReport {
        notes = List.copyOf(notes);
    }

    /** The bucket has a record of acknowledged writes that are not here. */
    public boolean knowsOfLostWrites() {
        return newerSequence > recoveredSequence;
    }
}
