package io.sluice.integration.bench.parts;

import io.sluice.storage.index.ChronicleBlockIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The block index in memory, with all leaves of a 4 GiB disk resident; random blocks. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class IndexBenchmark {
    private static final long BLOCKS = 1L << 20;
    private static final int STREAM_BLOCKS = 256;
    private static final long MEMORY_BYTES = 64L << 20;

    private final ChronicleBlockIndex index;
    private final SplittableRandom random = new SplittableRandom(1);
    private final long[] run = new long[STREAM_BLOCKS];
    private long address = 1;

    /** In memory alone. */
    public IndexBenchmark() {
        try {
            index = ChronicleBlockIndex.open(null, MEMORY_BYTES, 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Every block is somewhere. */
    @Setup
    public void fill() {
        for (long lba = 0; lba < BLOCKS; lba++) {
            index.putJournal(lba, address);
            address++;
        }
    }

    @TearDown
    public void close() {
        index.close();
    }

    /** As one 4 KiB write does it. */
    @Benchmark
    public void put() {
        index.putJournal(random.nextLong(BLOCKS), address);
        address++;
    }

    /** As one 4 KiB read does it. */
    @Benchmark
    public long get() {
        index.lookup(random.nextLong(BLOCKS), 1, run, 0);
        return run[0];
    }

    /** As one 1 MiB read does it. */
    @Benchmark
    public long getMebibyte() {
        index.lookup(random.nextLong(BLOCKS / STREAM_BLOCKS) * STREAM_BLOCKS, STREAM_BLOCKS, run, 0);
        return run[0];
    }
}
