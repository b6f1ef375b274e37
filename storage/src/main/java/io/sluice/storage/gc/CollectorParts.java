package io.sluice.storage.gc;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentStore;

/**
 * The parts of a volume that its collector works on.
 *
 * @param segmentBytes of a full segment, before compression
 * @param lane the volume's
 */
public record CollectorParts(
        String volumeName,
        VolumeSettings.Collector settings,
        long segmentBytes,
        EngineRuntime runtime,
        Lane lane,
        CommittedMap committed,
        BlockIndex index,
        ReadCache cache,
        ObjectStore store,
        ObjectNames names,
        SegmentCodec codec,
        SegmentStore segments) {}
