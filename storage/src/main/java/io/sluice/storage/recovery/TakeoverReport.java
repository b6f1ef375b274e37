package io.sluice.storage.recovery;

import io.sluice.storage.manifest.Manifest;
import java.time.Instant;
import java.util.UUID;

/**
 * A volume whose last gateway did not close it, seen from another cache directory: who it was, and what may be lost when
 * the volume is taken from it.
 *
 * @param volume its name
 * @param epoch in which that gateway has, or had, it open
 * @param owner identity of its cache directory
 * @param gateway where it runs and keeps its journal, "" when not known
 * @param openedMillis when it opened the volume, milliseconds since 1970, 0 when not known
 * @param manifestMillis when it last wrote a manifest
 * @param bucketSequence the bucket holds the volume up to here
 * @param bucketTimeMillis when the newest write in the bucket was acknowledged, 0 when not known
 */
public record TakeoverReport(
        String volume,
        long epoch,
        UUID owner,
        String gateway,
        long openedMillis,
        long manifestMillis,
        long bucketSequence,
        long bucketTimeMillis) {
    static TakeoverReport of(Manifest newest, long bucketSequence, long bucketTimeMillis) {
        return new TakeoverReport(
                newest.name(),
                newest.epoch(),
                newest.owner(),
                newest.gateway(),
                newest.openedMillis(),
                newest.writtenMillis(),
                bucketSequence,
                bucketTimeMillis);
    }

    /** Who had it, one sentence. */
    public String whoHadIt() {
        return "volume \"" + volume + "\" was opened by another gateway"
                + (gateway.isEmpty() ? "" : " (" + gateway + ")")
                + (openedMillis == 0 ? "" : " at " + Instant.ofEpochMilli(openedMillis))
                + " in epoch " + epoch + " with cache directory " + owner + " and was not closed";
    }

    /** What the bucket holds, one sentence. */
    public String whatIsThere() {
        String newest = bucketTimeMillis == 0
                ? "that gateway last wrote a manifest at " + Instant.ofEpochMilli(manifestMillis)
                : "the newest write in it was made at " + Instant.ofEpochMilli(bucketTimeMillis);
        return "the bucket holds everything up to sequence " + bucketSequence + "; " + newest;
    }

    /** What may be lost, one sentence. */
    public String whatMayBeLost() {
        return "what that gateway has acknowledged since and not brought to the bucket is only in the journal of its cache"
                + " directory: with durability = local also what hosts have flushed";
    }
}
