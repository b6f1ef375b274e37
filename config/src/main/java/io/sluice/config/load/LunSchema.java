package io.sluice.config.load;

import io.sluice.config.ByteSize;
import io.sluice.config.IscsiName;
import io.sluice.config.schema.Key;
import io.sluice.config.schema.Section;
import io.sluice.config.schema.ValueTypes;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Keys of a LUN file. */
final class LunSchema {
    static final Key<String> TARGET = Key.required(
            "target",
            ValueTypes.parsed(
                    "an iSCSI name",
                    "iqn., eui. or naa.",
                    "\"iqn.2026-11.org.example:disk1\"",
                    IscsiName::normalise,
                    Map.of()),
            "iqn.2026-11.io.sluice:unknown",
            "Name of the target that shows the LUN. LUNs with the same name belong to one target.");
    static final Key<Integer> LUN = Key.of("lun", ValueTypes.integer(0, 16_383), 0, "Number within the target.");
    static final Key<ByteSize> SIZE = Key.required(
            "size",
            ValueTypes.size(ByteSize.ofMiB(1), ByteSize.ofGiB(64 * 1024)),
            ByteSize.ofGiB(1),
            "Size of the disk; a multiple of 4096. Space is taken in the store only by what is written. A larger size grows"
                    + " the volume at the next reload or start; a volume never gets smaller.");
    static final Key<Integer> BLOCK_SIZE = Key.of(
            "block-size",
            ValueTypes.choice(blockSizes()),
            512,
            "Logical block in bytes: 512 (512e, which every host knows) or 4096 (4Kn).");
    static final Key<Integer> PHYSICAL_BLOCK_SIZE = Key.of(
            "physical-block-size",
            ValueTypes.choice(blockSizes()),
            4096,
            "Physical block in bytes that hosts are told. 4096 is the truth: parts of it are read and written as a whole."
                    + " 512 is for hosts and tools that do not know disks whose physical blocks are longer.");
    static final Key<Boolean> READ_ONLY =
            Key.of("read-only", ValueTypes.flag(), false, "Hosts may not write (WRITE PROTECTED).");
    static final Key<String> VENDOR = Key.of(
            "vendor",
            ValueTypes.text("a vendor name", "1 to 8 ASCII characters", Pattern.compile("[ -~]{1,8}"), "\"SLUICE\""),
            "SLUICE",
            "Vendor that INQUIRY tells.");
    static final Key<String> PRODUCT = Key.of(
            "product",
            ValueTypes.text(
                    "a product name", "1 to 16 ASCII characters", Pattern.compile("[ -~]{1,16}"), "\"Virtual disk\""),
            "Virtual disk",
            "Product that INQUIRY tells.");
    static final Key<String> VOLUME = Key.required(
            "volume",
            ValueTypes.text(
                    "a volume name",
                    "1 to 63 of a-z 0-9 . _ -, a letter or digit first",
                    Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}"),
                    "\"disk1\""),
            "unknown",
            "Name of the volume in the store. It stays the same for the volume's whole life.");
    static final Key<Optional<Path>> CACHE_DIRECTORY = Key.optional(
            "cache-directory",
            ValueTypes.path(),
            "the server's `data-directory` / the volume's name",
            "Journal, index and read cache live below it; no two LUNs may share one.");

    /** A LUN file. */
    static final Section ROOT = Section.of("", "One LUN: a volume and how hosts see it.")
            .withKeys(
                    TARGET,
                    LUN,
                    SIZE,
                    BLOCK_SIZE,
                    PHYSICAL_BLOCK_SIZE,
                    READ_ONLY,
                    VENDOR,
                    PRODUCT,
                    VOLUME,
                    CACHE_DIRECTORY,
                    VolumeSchema.COMPRESSION,
                    VolumeSchema.DURABILITY,
                    VolumeSchema.FENCING,
                    VolumeSchema.TAKEOVER,
                    VolumeSchema.READ_WAIT)
            .withSections(VolumeSchema.DEFAULTS.sections().toArray(Section[]::new));

    private LunSchema() {}

    private static Map<String, Integer> blockSizes() {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        sizes.put("512", 512);
        sizes.put("4096", 4096);
        return sizes;
    }
}
