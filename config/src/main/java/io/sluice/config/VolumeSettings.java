package io.sluice.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything the storage engine needs to know about one volume.
 *
 * @param name of the volume; also the prefix of its objects in the store
 * @param cacheDirectory journal, index and read cache live below it
 * @param store where the objects are
 * @param encryption passphrase source, or empty for {@code encryption = none}
 * @param compressionLevel zstd level, -5 to 19; 0 stores raw
 * @param readWait how long a read of what is only in the store waits for it in an outage, before the host is told BUSY
 */
public record VolumeSettings(
        String name,
        Path cacheDirectory,
        StoreSettings store,
        Optional<SecretSource> encryption,
        int compressionLevel,
        Durability durability,
        Journal journal,
        Flush flush,
        ReadCache readCache,
        Index index,
        Checkpoint checkpoint,
        Collector collector,
        Fencing fencing,
        Takeover takeover,
        Duration readWait) {
    /** What keeps two gateways from writing one volume. */
    public enum Fencing {
        /** The store's put-if-absent: a store without it is refused. */
        CONDITIONAL_PUT,
        /** Nothing but the operator's care: for stores that cannot do it. */
        NONE
    }

    /** What happens at an opening when another cache directory's gateway had the volume and did not close it cleanly. */
    public enum Takeover {
        /** The opening is refused until an operator has said the word. */
        ASK,
        /** It goes on, and reports what may be lost. */
        AUTOMATIC
    }

    /** What a flush (SYNCHRONIZE CACHE, FUA) waits for. */
    public enum Durability {
        /** The local journal is synced. */
        LOCAL,
        /** The data is in the bucket. */
        S3
    }

    /**
     * @param capacity bound of what the journal may hold
     * @param fileSize of each of its files; capacity is at least four of them
     * @param fullTimeout how long a write may take in all before the host is told BUSY; also a flush into the store
     */
    public record Journal(ByteSize capacity, ByteSize fileSize, Duration fullTimeout) {}

    /**
     * @param maxAge how old acknowledged data may get before it is sent to the bucket
     * @param maxBytes how many acknowledged bytes may be missing in the bucket before writers are slowed down
     * @param segmentSize raw bytes that make a full segment, 1-24 MiB
     * @param uploads segments under way to the store at the same time
     * @param drainTimeout how long a clean stop tries to bring everything to the bucket
     */
    public record Flush(Duration maxAge, ByteSize maxBytes, ByteSize segmentSize, int uploads, Duration drainTimeout) {}

    /**
     * @param capacity of the read cache on disk
     * @param readAhead how far a sequential stream is read ahead at most, and what all together may have under way; 0
     *     switches it off
     */
    public record ReadCache(ByteSize capacity, ByteSize readAhead) {}

    /** @param memory bound of resident leaves (512 bytes per 256 KiB of LBA space) */
    public record Index(ByteSize memory) {}

    /**
     * @param interval a checkpoint is written at most this long after a commit
     * @param segments or when so many segments were committed since the last one
     */
    public record Checkpoint(Duration interval, int segments) {}

    /**
     * The collector of garbage in the bucket.
     *
     * @param spaceAmplification bytes stored in segments per byte of live blocks above which it works, 1.05 to 10
     * @param bandwidth bytes per second that it may read from the store, and that it may write
     * @param requests per second that it may make, of all kinds
     * @param hostWaitMax how long it may make a host's write wait, by what it has under way
     */
    public record Collector(double spaceAmplification, ByteSize bandwidth, int requests, Duration hostWaitMax) {}
}
