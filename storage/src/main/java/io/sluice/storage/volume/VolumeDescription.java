package io.sluice.storage.volume;

import java.util.UUID;

/**
 * What never changes while a volume is open, apart from its size.
 *
 * @param id the volume's identity, generated at creation, stable for ever
 * @param name the operator's name for it
 * @param sizeBytes a multiple of 4096
 * @param logicalBlockBytes 512 (512e) or 4096 (4Kn), fixed at creation
 * @param encrypted whether frames and journal are encrypted
 * @param epoch of this opening
 */
public record VolumeDescription(
        UUID id, String name, long sizeBytes, int logicalBlockBytes, boolean encrypted, long epoch) {}
