package io.sluice.integration.bench.parts;

import io.sluice.config.ByteSize;
import io.sluice.config.Secret;
import io.sluice.config.SecretSource;
import io.sluice.config.StoreSettings;
import io.sluice.config.VolumeSettings;
import io.sluice.integration.Trees;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.engine.SystemEnvironment;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.runtime.SystemRuntime;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The whole volume without network: encrypted, cached locally, its bucket a directory. 32 operations of 4 KiB on
 * random blocks between two submits, as one turn of an event loop does it; figures are for each of them.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class VolumeBenchmark {
    private static final int BLOCK_BYTES = 4096;
    private static final int DEPTH = 32;
    private static final long BLOCKS = 1L << 16;

    private final SystemRuntime runtime = new SystemRuntime(2);
    private final SplittableRandom random = new SplittableRandom(1);
    private final ByteBuffer[] buffers = new ByteBuffer[DEPTH];
    private final AtomicInteger underWay = new AtomicInteger();
    private final IoCompletion ended = this::ended;
    private final Path directory;
    private final OpenedVolume opened;
    private final VolumePort port;

    /** A new volume of 256 MiB. */
    public VolumeBenchmark() {
        try {
            directory = Files.createTempDirectory("sluice-volume-benchmark-");
            Files.createDirectories(directory.resolve("bucket"));
            Volumes volumes = new Volumes(SystemEnvironment.on(runtime));
            VolumeSettings settings = settings(directory);
            volumes.create(settings, new ByteSize(BLOCKS * BLOCK_BYTES), 512).join();
            opened = volumes.open(settings).join();
            port = opened.volume().openPort(Runnable::run);
            byte[] data = new byte[BLOCK_BYTES / 2];
            for (int buffer = 0; buffer < DEPTH; buffer++) {
                random.nextBytes(data);
                buffers[buffer] = ByteBuffer.allocateDirect(BLOCK_BYTES).put(0, data);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Every block was written and read, so that all of it is in the read cache. */
    @Setup
    public void fill() {
        for (long block = 0; block < BLOCKS; block += DEPTH) {
            long first = block;
            turn(i -> first + i, true);
        }
        drain();
        for (long block = 0; block < BLOCKS; block += DEPTH) {
            long first = block;
            turn(i -> first + i, false);
        }
    }

    /** Nothing is flushed to the bucket while it is measured. */
    @Setup(Level.Iteration)
    public void drain() {
        opened.volume().drain().join();
    }

    @TearDown
    public void close() throws IOException {
        port.close();
        opened.volume().close().join();
        runtime.close();
        Trees.delete(directory);
    }

    @Benchmark
    @OperationsPerInvocation(DEPTH)
    public void write() {
        turn(i -> random.nextLong(BLOCKS), true);
    }

    @Benchmark
    @OperationsPerInvocation(DEPTH)
    public void read() {
        turn(i -> random.nextLong(BLOCKS), false);
    }

    private void turn(IntToLongFunction block, boolean writes) {
        underWay.set(DEPTH);
        for (int i = 0; i < DEPTH; i++) {
            long offsetBytes = block.applyAsLong(i) * BLOCK_BYTES;
            if (writes) {
                port.write(offsetBytes, buffers[i].clear(), false, ended);
            } else {
                port.read(offsetBytes, buffers[i].clear(), ended);
            }
        }
        port.submit();
        await();
    }

    private void ended(@Nullable IoFailure failure) {
        if (failure != null) {
            throw new IllegalStateException(failure.toString());
        }
        underWay.decrementAndGet();
    }

    private void await() {
        while (underWay.get() > 0) {
            Thread.onSpinWait();
        }
    }

    private static VolumeSettings settings(Path directory) {
        return new VolumeSettings(
                "bench",
                directory.resolve("cache"),
                new StoreSettings.File(directory.resolve("bucket")),
                Optional.of(new KnownPassphrase()),
                1,
                VolumeSettings.Durability.LOCAL,
                new VolumeSettings.Journal(ByteSize.ofGiB(4), ByteSize.ofMiB(64), Duration.ofSeconds(20)),
                new VolumeSettings.Flush(
                        Duration.ofHours(1), ByteSize.ofGiB(3), ByteSize.ofMiB(16), 4, Duration.ofMinutes(1)),
                new VolumeSettings.ReadCache(ByteSize.ofGiB(1), ByteSize.ofMiB(8)),
                new VolumeSettings.Index(ByteSize.ofMiB(256)),
                new VolumeSettings.Checkpoint(Duration.ofSeconds(60), 64),
                new VolumeSettings.Collector(1.3, ByteSize.ofMiB(32), 20, Duration.ofMillis(200)),
                VolumeSettings.Fencing.CONDITIONAL_PUT,
                VolumeSettings.Takeover.AUTOMATIC,
                Duration.ofSeconds(20));
    }

    private record KnownPassphrase() implements SecretSource {
        @Override
        public Secret read() {
            return Secret.ofText("a passphrase of a benchmark");
        }

        @Override
        public String describe() {
            return "benchmark";
        }
    }
}
