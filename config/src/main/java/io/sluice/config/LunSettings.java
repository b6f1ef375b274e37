package io.sluice.config;

import java.nio.file.Path;

/**
 * One LUN: a volume and how hosts see it.
 *
 * @param targetName normalised ({@link IscsiName})
 * @param lun 0 to 16383
 * @param size of the disk; a multiple of 4096
 * @param logicalBlockBytes 512 or 4096
 * @param physicalBlockBytes what hosts are told a physical block has; 4096, or as many as a logical one
 * @param vendor at most 8 ASCII characters (INQUIRY)
 * @param product at most 16 ASCII characters (INQUIRY)
 * @param file that declares it, for messages
 */
public record LunSettings(
        String targetName,
        int lun,
        ByteSize size,
        int logicalBlockBytes,
        int physicalBlockBytes,
        boolean readOnly,
        String vendor,
        String product,
        VolumeSettings volume,
        Path file) {}
