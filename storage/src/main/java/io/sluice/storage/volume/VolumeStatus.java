package io.sluice.storage.volume;

import java.util.List;
import java.util.Map;

/**
 * Figures of an open volume for {@code sluice status}.
 *
 * @param state "open", "degraded" (the bucket cannot be reached), "fenced", "failed", "closing", "closed"
 * @param journalCapacityBytes and {@code journalUsedBytes}: how full the journal is
 * @param dirtyBytes acknowledged bytes that are not in the bucket yet
 * @param dirtyAgeMillis age of the oldest of them, 0 when there are none
 * @param cacheCapacityBytes and {@code cacheUsedBytes}: the read cache
 * @param cacheHits and {@code cacheMisses}: frames found in and not found in the read cache since the start
 * @param lastCommittedSequence the bucket holds everything up to here
 * @param lastCommittedSegment the newest segment that counts
 * @param mappedBytes of the volume that take space, as of the newest commit; what was unmapped or overwritten counts until
 *     the next checkpoint
 * @param bytesRead and {@code bytesWritten}: by hosts, since the start
 * @param requests requests to the object store by "operation/cause"
 * @param bytesUploaded and {@code bytesDownloaded}: to and from the object store since the start
 * @param space what segments take in the bucket, and what the collector of garbage does
 */
public record VolumeStatus(
        String state,
        long journalCapacityBytes,
        long journalUsedBytes,
        long dirtyBytes,
        long dirtyAgeMillis,
        long cacheCapacityBytes,
        long cacheUsedBytes,
        long cacheHits,
        long cacheMisses,
        long lastCommittedSequence,
        long lastCommittedSegment,
        long mappedBytes,
        long bytesRead,
        long bytesWritten,
        Map<String, Long> requests,
        long bytesUploaded,
        long bytesDownloaded,
        Space space) {
    /** Copies the map. */
    public VolumeStatus {
        requests = Map.copyOf(requests);
    }

    /**
     * Space in the bucket.
     *
     * @param storedBytes length of all segments, as of the last checkpoint or so
     * @param liveBytes what live blocks take of it
     * @param amplification the one divided by the other
     * @param collector "idle", "working", "standing back", "blocked"
     * @param reason why it stands back or is blocked; empty else
     * @param movedSegments written by the collector since the start, and {@code movedBytes} of blocks in them
     * @param deletedSegments deleted since the start
     * @param deletedOrphans objects that were part of nothing, deleted since the start
     * @param damagedSegments numbers of segments in which the collector found damage, and which it leaves alone
     */
    public record Space(
            long storedBytes,
            long liveBytes,
            double amplification,
            String collector,
            String reason,
            long movedSegments,
            long movedBytes,
            long deletedSegments,
            long deletedOrphans,
            List<Long> damagedSegments) {
        /** Of a volume that keeps nothing in a bucket. */
        public static final Space NONE = new Space(0, 0, 1, "idle", "", 0, 0, 0, 0, List.of());

        /** Copies the list. */
        public Space {
            damagedSegments = List.copyOf(damagedSegments);
        }
    }
}
