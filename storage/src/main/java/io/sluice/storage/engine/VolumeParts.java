package io.sluice.storage.engine;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentStore;

/**
 * The parts of an opened volume, ready to run.
 *
 * @param lane the volume's lane: committed mapping, flusher, checkpointer and manifest live on it
 * @param health whether the volume takes operations
 * @param disk the cache directory; closed last
 * @param references what of the journal refers to segments
 * @param manifest the one this opening made
 * @param bucketSequence the journal address up to which the bucket holds the volume
 * @param bucketMillis time of the newest write there, milliseconds since 1970
 * @param largeTransferBytes a read or write of so many bytes is not done by the thread that asks for it
 * @param leftClean the last gateway closed the volume cleanly, and nothing stands behind the end of the series
 */
record VolumeParts(
        VolumeSettings settings,
        EngineRuntime runtime,
        Lane lane,
        VolumeHealth health,
        LocalDisk disk,
        MeteredObjectStore store,
        ObjectNames names,
        Sealing sealing,
        Journal journal,
        BlockIndex index,
        PendingReferences references,
        CommittedMap committed,
        ReadCache cache,
        SegmentCodec codec,
        SegmentStore segments,
        ManifestStore manifests,
        Manifest manifest,
        long bucketSequence,
        long bucketMillis,
        int largeTransferBytes,
        boolean leftClean) {
    long epoch() {
        return manifest.epoch();
    }
}
