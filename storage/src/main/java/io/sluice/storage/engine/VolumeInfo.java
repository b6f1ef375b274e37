package io.sluice.storage.engine;

import io.sluice.storage.manifest.Manifest;

/**
 * What the bucket says about a volume, without its key.
 *
 * @param manifest the newest; not verified: that needs the key
 * @param segments objects that hold data, and their bytes
 * @param checkpoints objects that hold index pages, and their bytes
 */
public record VolumeInfo(Manifest manifest, long segments, long segmentBytes, long checkpoints, long checkpointBytes) {}
