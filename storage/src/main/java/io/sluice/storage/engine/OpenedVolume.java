package io.sluice.storage.engine;

import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.recovery.RecoveryReport;
import io.sluice.storage.scrub.ScrubControl;
import io.sluice.storage.volume.Volume;

/**
 * An opened volume, what recovery found, and the identity its LUN shows.
 *
 * @param manifest the one this opening made
 * @param scrub reads all of it in the bucket when asked; ends with the volume
 */
public record OpenedVolume(Volume volume, RecoveryReport report, Manifest manifest, ScrubControl scrub) {}
