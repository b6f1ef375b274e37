package io.sluice.storage.recovery;

import io.sluice.storage.manifest.Manifest;
import java.time.Instant;

/**
 * A bucket that is older than the cache directory knows it.
 *
 * @param volume its name
 * @param foundManifest number of its newest manifest
 * @param foundEpoch of that manifest
 * @param foundMillis when that manifest was written, milliseconds since 1970
 * @param foundSegment the last of the unbroken series of segments
 * @param known what the cache directory knows
 */
public record RollbackReport(
        String volume, long foundManifest, long foundEpoch, long foundMillis, long foundSegment, CacheState known) {
    static RollbackReport of(Manifest newest, long foundSegment, CacheState known) {
        return new RollbackReport(
                newest.name(), newest.number(), newest.epoch(), newest.writtenMillis(), foundSegment, known);
    }

    /** What was found, one sentence. */
    public String whatIsThere() {
        return "the bucket of volume \"" + volume
                + "\" is older than this cache directory has seen it: its newest manifest is "
                + foundManifest + " (epoch " + foundEpoch + ", written " + Instant.ofEpochMilli(foundMillis)
                + ") and its segments end at " + foundSegment + "; seen were manifest " + known.manifestNumber()
                + " (epoch " + known.epoch() + ") and segment " + known.segment()
                + (foundManifest == known.manifestNumber() ? ", and what stands there as manifest now is another" : "");
    }

    /** What accepting it costs, one sentence. */
    public String whatIsLost() {
        return "all that was written between the two is not in the bucket any more, also what was flushed with durability ="
                + " s3; the local journal belongs to the newer state and would be kept aside";
    }
}
