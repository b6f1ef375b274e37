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
        Checkpoint checkpoint) {
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
     * @param fullTimeout how long a write waits for journal space before the host is told BUSY
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
     * @param readAhead how far a sequential stream is read ahead at most; 0 switches it off
     */
    public record ReadCache(ByteSize capacity, ByteSize readAhead) {}

    /** @param memory bound of resident leaves (512 bytes per 256 KiB of LBA space) */
    public record Index(ByteSize memory) {}

    /**
     * @param interval a checkpoint is written at most this long after a commit
     * @param segments or when so many segments were committed since the last one
     */
    public record Checkpoint(Duration interval, int segments) {}
}
