package io.sluice.config.load;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings.Durability;
import io.sluice.config.VolumeSettings.Fencing;
import io.sluice.config.VolumeSettings.Takeover;
import io.sluice.config.schema.Key;
import io.sluice.config.schema.Section;
import io.sluice.config.schema.ValueTypes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Keys that LUN files and the server file's defaults have in common. */
final class VolumeSchema {
    static final Key<Integer> COMPRESSION = Key.of(
            "compression",
            ValueTypes.parsed(
                    "a zstd level or none", "-5 to 19, not 0", "1", VolumeSchema::parseCompression, Map.of(0, "none")),
            1,
            "zstd level; `none` stores raw. Incompressible data is stored raw at every level.");
    static final Key<Durability> DURABILITY = Key.of(
            "durability",
            ValueTypes.choice(Words.of(Durability.class)),
            Durability.LOCAL,
            "What a flush of the host waits for: `local` the sync of the journal, `s3` the data in the store.");

    static final Key<ByteSize> JOURNAL_CAPACITY = Key.of(
            "capacity",
            ValueTypes.size(ByteSize.ofMiB(4), ByteSize.ofGiB(4096)),
            ByteSize.ofGiB(1),
            "Disk space for writes that are not yet in the store; at least four times `file-size`.");
    static final Key<ByteSize> JOURNAL_FILE_SIZE = Key.of(
            "file-size",
            ValueTypes.size(ByteSize.ofMiB(1), ByteSize.ofGiB(1)),
            ByteSize.ofMiB(64),
            "Size of each journal file; a multiple of 4096.");
    static final Key<Duration> JOURNAL_FULL_TIMEOUT = Key.of(
            "full-timeout",
            ValueTypes.duration(Duration.ZERO, Duration.ofMinutes(5)),
            Duration.ofSeconds(20),
            "How long a write may take in all while the journal is full or nearly so, before the host is told BUSY; with"
                    + " `durability = s3` also a flush. At most a quarter of it, and 5 s, goes to slowing writers down."
                    + " Stay below the host's own timeout; 0 s: writers are not slowed down.");
    static final Section JOURNAL = Section.of("journal", "The local write-ahead log.")
            .withKeys(JOURNAL_CAPACITY, JOURNAL_FILE_SIZE, JOURNAL_FULL_TIMEOUT);

    static final Key<Duration> FLUSH_MAX_AGE = Key.of(
            "max-age",
            ValueTypes.duration(Duration.ofMillis(10), Duration.ofDays(1)),
            Duration.ofSeconds(5),
            "How old a write may get before it is sent to the store.");
    static final Key<Optional<ByteSize>> FLUSH_MAX_BYTES = Key.optional(
            "max-bytes",
            ValueTypes.size(ByteSize.ofMiB(1), ByteSize.ofGiB(4096)),
            "3/4 of `journal.capacity`",
            "How many written bytes may be missing in the store, at least two journal files; from half of it on writers are"
                    + " slowed down, smoothly.");
    static final Key<ByteSize> FLUSH_SEGMENT_SIZE = Key.of(
            "segment-size",
            ValueTypes.size(ByteSize.ofMiB(1), ByteSize.ofMiB(24)),
            ByteSize.ofMiB(16),
            "Bytes, before compression, that make a full segment object.");
    static final Key<Integer> FLUSH_UPLOADS =
            Key.of("uploads", ValueTypes.integer(1, 64), 4, "Segments under way to the store at the same time.");
    static final Key<Duration> FLUSH_DRAIN_TIMEOUT = Key.of(
            "drain-timeout",
            ValueTypes.duration(Duration.ZERO, Duration.ofHours(24)),
            Duration.ofSeconds(30),
            "How long a clean stop tries to bring everything to the store; the rest stays in the journal.");
    static final Section FLUSH = Section.of("flush", "The way of written data from the journal to the store.")
            .withKeys(FLUSH_MAX_AGE, FLUSH_MAX_BYTES, FLUSH_SEGMENT_SIZE, FLUSH_UPLOADS, FLUSH_DRAIN_TIMEOUT);

    static final Key<ByteSize> READ_CACHE_CAPACITY = Key.of(
            "capacity",
            ValueTypes.size(ByteSize.ofMiB(16), ByteSize.ofGiB(64 * 1024)),
            ByteSize.ofGiB(10),
            "Disk space for copies of what is in the store, in frames of up to 128 KiB. A frame whose blocks have been written "
                    + "again keeps its place until it is the oldest: to hold all of a disk that is written at random it takes "
                    + "three to four times the disk, of one that is written in sequence 1.3 times.");
    static final Key<ByteSize> READ_CACHE_READ_AHEAD = Key.of(
            "read-ahead",
            ValueTypes.size(new ByteSize(0), ByteSize.ofMiB(256)),
            ByteSize.ofMiB(64),
            "How far a sequential stream is read ahead at most, and how much all streams of the disk may have under way; 0 "
                    + "switches it off. Not more than a quarter of `capacity` is used.");
    static final Section READ_CACHE = Section.of("read-cache", "Local copies of what is in the store.")
            .withKeys(READ_CACHE_CAPACITY, READ_CACHE_READ_AHEAD);

    static final Key<ByteSize> INDEX_MEMORY = Key.of(
            "memory",
            ValueTypes.size(ByteSize.ofMiB(1), ByteSize.ofGiB(64)),
            ByteSize.ofMiB(256),
            "Bound of the part of the block index that is resident; 1 MiB covers 512 MiB of the disk.");
    static final Section INDEX =
            Section.of("index", "Where each block of the disk is.").withKeys(INDEX_MEMORY);

    static final Key<Duration> CHECKPOINT_INTERVAL = Key.of(
            "interval",
            ValueTypes.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
            Duration.ofSeconds(60),
            "A changed index is written to the store at most this long after the change.");
    static final Key<Integer> CHECKPOINT_SEGMENTS = Key.of(
            "segments",
            ValueTypes.integer(1, 10_000),
            64,
            "Or when so many segments were written since the last time; bounds the work of recovery.");
    static final Section CHECKPOINT = Section.of("checkpoint", "When the index is written to the store.")
            .withKeys(CHECKPOINT_INTERVAL, CHECKPOINT_SEGMENTS);

    static final Key<Double> COLLECTOR_SPACE_AMPLIFICATION = Key.of(
            "space-amplification",
            ValueTypes.parsed("a number", "1.05 to 10", "1.3", VolumeSchema::parseAmplification, Map.of()),
            1.3,
            "Bytes stored in segments for each byte of live blocks: above this, garbage is collected.");
    static final Key<ByteSize> COLLECTOR_BANDWIDTH = Key.of(
            "bandwidth-per-second",
            ValueTypes.size(ByteSize.ofKiB(64), ByteSize.ofGiB(64)),
            ByteSize.ofMiB(32),
            "Bound of the bytes that the collector reads, and of those that it writes, in each second.");
    static final Key<Integer> COLLECTOR_REQUESTS = Key.of(
            "requests-per-second",
            ValueTypes.integer(1, 10_000),
            20,
            "Bound of the requests that the collector makes in each second.");
    static final Key<Duration> COLLECTOR_HOST_WAIT = Key.of(
            "host-wait-max",
            ValueTypes.duration(Duration.ofMillis(1), Duration.ofSeconds(60)),
            Duration.ofMillis(200),
            "How long the collector may make a write of a host wait; it stands back when writes wait for longer.");
    static final Section COLLECTOR = Section.of(
                    "gc", "The collector, which gives back the space of what was overwritten or unmapped.")
            .withKeys(COLLECTOR_SPACE_AMPLIFICATION, COLLECTOR_BANDWIDTH, COLLECTOR_REQUESTS, COLLECTOR_HOST_WAIT);

    static final Key<Fencing> FENCING = Key.of(
            "fencing",
            ValueTypes.choice(Words.of(Fencing.class)),
            Fencing.CONDITIONAL_PUT,
            "What keeps two gateways from writing the volume: `conditional-put`, or `none` for a store that cannot do"
                    + " it: then nothing does, and two gateways at once destroy the volume.");
    static final Key<Takeover> TAKEOVER = Key.of(
            "takeover",
            ValueTypes.choice(Words.of(Takeover.class)),
            Takeover.ASK,
            "When the gateway that had the volume did not close it and this cache directory is not its own: `ask` refuses"
                    + " to open it until an operator says so (`sluice volume take-over`), `automatic` goes on. What the"
                    + " other one acknowledged and did not bring to the store is lost either way.");
    static final Key<Duration> READ_WAIT = Key.of(
            "read-wait",
            ValueTypes.duration(Duration.ofMillis(100), Duration.ofMinutes(5)),
            Duration.ofSeconds(20),
            "How long a read of what is only in the store waits for it in an outage before the host is told BUSY; stay"
                    + " below the host's own timeout.");

    static final Section PASSPHRASE = SecretSchema.section("passphrase", "Where the volume's passphrase comes from.");
    static final Section ENCRYPTION = Section.of(
                    "encryption",
                    "AES-256-GCM of everything in the store and on the local disk. There is no default:"
                            + " give a passphrase, or write `encryption = none`.")
            .withSections(PASSPHRASE)
            .withWord("none")
            .asWhole();

    /** What may be given once for all LUNs. */
    static final Section DEFAULTS = Section.of(
                    "defaults",
                    "What holds for every LUN that does not say otherwise. A LUN's own `store` or `encryption` replaces"
                            + " the one here as a whole, all other keys one by one.")
            .withKeys(COMPRESSION, DURABILITY, FENCING, TAKEOVER, READ_WAIT)
            .withSections(StoreSchema.STORE, ENCRYPTION, JOURNAL, FLUSH, READ_CACHE, INDEX, CHECKPOINT, COLLECTOR);

    private VolumeSchema() {}

    private static double parseAmplification(String text) {
        double value;
        try {
            value = Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not a number", e);
        }
        if (!(value >= 1.05 && value <= 10)) {
            throw new IllegalArgumentException("\"" + text + "\" is out of range (1.05 to 10)");
        }
        return value;
    }

    private static int parseCompression(String text) {
        if (text.equalsIgnoreCase("none")) {
            return 0;
        }
        int level;
        try {
            level = Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" is neither a zstd level nor none", e);
        }
        if (level < -5 || level > 19) {
            throw new IllegalArgumentException("\"" + text + "\" is out of range (-5 to 19)");
        }
        if (level == 0) {
            throw new IllegalArgumentException("level 0 could mean anything (write none to store raw)");
        }
        return level;
    }
}
