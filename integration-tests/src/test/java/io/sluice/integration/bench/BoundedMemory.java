package io.sluice.integration.bench;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.S3ProxyServer;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.bench.FioJob.Extent;
import io.sluice.storage.engine.VolumeDirectories;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The memory of the packaged server when it is given little of it and a thin LUN of 16 TiB that is written all over, so that
 * nearly every write needs another leaf of the index; then streams of large blocks.
 *
 * <p>What bounds it: the heap ({@code -Xmx}), direct memory ({@code -XX:MaxDirectMemorySize}), the block index ({@code
 * index.memory}, of which the index says itself that it takes up to twice as much while writers outrun the flusher), and
 * what a JVM needs for itself: compiled code, classes, stacks, tables of the collector, zstd's contexts.
 */
final class BoundedMemory {
    static final String PEAK = "little memory, LUN of 16 TiB: peak / bounds";
    static final String INDEX = "little memory, LUN of 16 TiB: resident index / index.memory";

    private static final String PEAK_MIB = "little memory, LUN of 16 TiB: peak MiB";
    private static final String WRITE_IOPS = "little memory, LUN of 16 TiB: 4 KiB writes all over, IOPS";
    private static final String VOLUME = "large";
    private static final String BUCKET = "bounded-memory";
    private static final long LUN_BYTES = 16L << 40;
    private static final long STREAM_BYTES = 1L << 30;
    private static final long VERIFIED_BYTES = 32L << 20;
    private static final int MIB = 1 << 20;
    private static final int HEAP_MIB = 512;
    private static final int DIRECT_MIB = 256;
    private static final int INDEX_MIB = 16;
    private static final int JVM_MIB = 256;
    private static final int BOUND_MIB = HEAP_MIB + DIRECT_MIB + 2 * INDEX_MIB + JVM_MIB;

    private BoundedMemory() {}

    /** By name with unit; each of four loads runs for {@code seconds}. */
    static Map<String, Double> measure(S3ProxyServer store, FioProgram fio, Path directory, int seconds)
            throws IOException, InterruptedException {
        store.createBucket(BUCKET);
        ConfigurationFiles files = ConfigurationFiles.in(directory).s3Store(store.endpoint(), BUCKET);
        files.defaults("journal.capacity = 1 GiB", "read-cache.capacity = 1 GiB", "flush.max-age = 5 s");
        // Blocks of 4 KiB: the load generator's CDBs of 10 bytes reach no further than 2^32 of them.
        files.lun(VOLUME, "size = 16 TiB", "block-size = 4096", "index.memory = " + INDEX_MIB + " MiB");
        files.environment("SLUICE_JAVA_OPTS", "-Xmx" + HEAP_MIB + "m -XX:MaxDirectMemorySize=" + DIRECT_MIB + "m");
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            List<String> urls = List.of(files.url(VOLUME));
            Extent all = Extent.timed(LUN_BYTES, seconds, 1);
            Extent stream = Extent.timed(STREAM_BYTES, seconds, 1);
            double iops =
                    fio.run(Load.of("randwrite", "4k", 32), urls, all).result().iops();
            fio.run(Load.of("randread", "4k", 32), urls, all);
            fio.run(Load.of("write", "1m", 8), urls, stream);
            fio.run(Load.of("read", "1m", 8), urls, stream);
            // A server that forgets what it was told would need little, too.
            fio.run(
                    Load.of("randwrite", "4k", 32),
                    urls,
                    Extent.once(VERIFIED_BYTES, 2).verifying());
            double peakMib = ProcFiles.peakBytes(List.of(server.pid())) / (double) MIB;
            Path index = VolumeDirectories.indexFile(files.cacheDirectory(VOLUME));
            double indexMib = ProcFiles.mappedResidentBytes(server.pid(), index) / (double) MIB;
            server.stop();
            return Map.of(PEAK, peakMib / BOUND_MIB, PEAK_MIB, peakMib, INDEX, indexMib / INDEX_MIB, WRITE_IOPS, iops);
        }
    }
}
