package io.sluice.storage.recovery;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.journal.RecoveredLog;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A volume that this gateway owns now: fenced, its bucket read, its local journal examined. The engine builds on it.
 *
 * @param manifest the one this opening made, with the fence in it
 * @param previous the newest manifest before
 * @param key null when the volume is not encrypted
 * @param headers the segments behind the checkpoint, the fence last
 * @param end where the volume ended in the bucket before the fence was put
 * @param bucketSequence everything below is in the bucket; the journal goes on here, which after a takeover is far behind
 *     {@code end}
 * @param log what the local journal holds beyond; what is below {@code bucketSequence} in it is to be skipped
 */
public record RecoveredVolume(
        Manifest manifest,
        Manifest previous,
        @Nullable VolumeKey key,
        Sealing sealing,
        SegmentCodec codec,
        SegmentStore segments,
        ManifestStore manifests,
        List<SegmentHeader> headers,
        int orphans,
        BucketEnd end,
        long bucketSequence,
        RecoveredLog log,
        List<String> notes) {
    /** Copies the lists. */
    public RecoveredVolume {
        headers = List.copyOf(headers);
        notes = List.copyOf(notes);
    }
}
