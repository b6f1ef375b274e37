package io.sluice.storage.volume;

import java.util.Map;

/**
 * Figures of an open volume for {@code sluice status}.
 *
 * @param state "open", "degraded" (the bucket cannot be reached), "fenced", "failed", "closing", "closed"
 * @param journalCapacityBytes and {@code journalUsedBytes}: how full the journal is
 * @param dirtyBytes acknowledged bytes that are not in the bucket yet
 * @param dirtyAgeMillis age of the oldest of them, 0 when there are none
 * @param secondsToFull until the journal is full if it goes on filling as it does now, -1 when it does not fill
 * @param cacheCapacityBytes and {@code cacheUsedBytes}: the read cache
 * @param cacheHits and {@code cacheMisses}: frames found in and not found in the read cache since the start
 * @param lastAcknowledgedSequence every write acknowledged so far is below, every one that begins later is not
 * @param lastCommittedSequence the bucket holds everything up to here
 * @param lastCommittedSegment the newest segment that counts
 * @param mappedBytes of the volume that take space, as of the newest commit; what was unmapped or overwritten counts until
 *     the next checkpoint
 * @param bytesRead and {@code bytesWritten}: by hosts, since the start
 * @param requests requests to the object store by "operation/cause"
 * @param bytesUploaded and {@code bytesDownloaded}: to and from the object store since the start
 */
public record VolumeStatus(
        String state,
        long journalCapacityBytes,
        long journalUsedBytes,
        long dirtyBytes,
        long dirtyAgeMillis,
        long secondsToFull,
        long cacheCapacityBytes,
        long cacheUsedBytes,
        long cacheHits,
        long cacheMisses,
        long lastAcknowledgedSequence,
        long lastCommittedSequence,
        long lastCommittedSegment,
        long mappedBytes,
        long bytesRead,
        long bytesWritten,
        Map<String, Long> requests,
        long bytesUploaded,
        long bytesDownloaded) {
    /** Copies the map. */
    public VolumeStatus {
        requests = Map.copyOf(requests);
    }
}
