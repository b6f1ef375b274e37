package io.sluice.integration.bench.parts;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.integration.Trees;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.NioLocalDisk;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.journal.JournalRecovery;
import io.sluice.storage.journal.LocalJournal;
import io.sluice.storage.journal.ReferenceRuns;
import io.sluice.storage.runtime.SystemRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Appending to a journal on the local disk, encrypted, without fsync. One operation is one batch. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JournalBenchmark {
    private static final int BLOCK_BYTES = 4096;
    private static final UUID VOLUME = new UUID(1, 2);
    private static final JournalAppender.Applier NOBODY = new Nobody();

    /** Blocks of 4 KiB that came with one read of the socket. */
    @Param({"1", "8", "32"})
    public int blocks;

    private final SystemRuntime runtime = new SystemRuntime(1);
    private final ByteBuffer source = ByteBuffer.allocateDirect(32 * BLOCK_BYTES);
    private final Path directory;
    private final LocalDisk disk;
    private final LocalJournal journal;
    private final JournalAppender appender;
    private long lba;

    /** An empty journal in a directory of its own. */
    public JournalBenchmark() {
        try {
            directory = Files.createTempDirectory("sluice-journal-benchmark-");
            disk = NioLocalDisk.open(directory);
            VolumeKey key = VolumeKey.generate(runtime.entropy());
            VolumeSettings.Journal settings =
                    new VolumeSettings.Journal(ByteSize.ofGiB(1), ByteSize.ofMiB(64), Duration.ofSeconds(1));
            journal = LocalJournal.open(
                    disk, VOLUME, 1, key, settings, runtime, JournalRecovery.scan(disk, VOLUME, key, 0));
            appender = journal.openAppender();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Until every file of the journal was written once: later ones are recycled. */
    @Setup
    public void fill() throws IOException {
        int before = blocks;
        blocks = 32;
        for (int batch = 0; batch < 16_384; batch++) {
            append();
        }
        blocks = before;
    }

    @TearDown
    public void close() throws IOException {
        appender.close();
        journal.close();
        disk.close();
        runtime.close();
        Trees.delete(directory);
    }

    /** Checksums, encryption, one write. */
    @Benchmark
    public void append() throws IOException {
        for (int block = 0; block < blocks; block++) {
            appender.addBlock(lba + block, source, block * BLOCK_BYTES);
        }
        lba += blocks;
        JournalAppender.Outcome outcome = appender.submit(NOBODY, () -> {});
        while (outcome == JournalAppender.Outcome.FULL) {
            journal.release(journal.appliedEnd());
            outcome = appender.submit(NOBODY, () -> {});
        }
    }

    /** Nothing is put into an index. */
    private record Nobody() implements JournalAppender.Applier {
        @Override
        public void block(long lba, long address) {}

        @Override
        public void zero(long lba, long count, long address) {}

        @Override
        public void pattern(long lba, long count, long address) {}

        @Override
        public void references(long lba, ReferenceRuns runs, long address) {}
    }
}
