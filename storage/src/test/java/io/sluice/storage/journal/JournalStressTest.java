package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.NioLocalDisk;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.runtime.SystemRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many threads on a real disk: every content says where it belongs, so nothing mixed up goes unseen. */
@SuppressForbidden("real threads and a real duration are the point of this test")
final class JournalStressTest {
    private static final int WRITERS = 3;
    private static final int LBAS = 512;
    private static final long DURATION_MILLIS = 1200;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicBoolean writersEnded = new AtomicBoolean();
    private final AtomicLong submitted = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong readsReleased = new AtomicLong();
    /** Newest address of each block, as an index would know it. */
    private final AtomicLongArray index = new AtomicLongArray(LBAS);

    /** A block that names its LBA in every word. */
    private static ByteBuffer content(long lba, long version) {
        ByteBuffer block = ByteBuffer.allocateDirect(4096);
        while (block.hasRemaining()) {
            block.putLong(lba << 40 | version);
        }
        return block.flip();
    }

    private static void checkContent(ByteBuffer block, long lba) {
        long first = block.getLong(0);
        assertEquals(lba, first >>> 40, "content of another block");
        for (int at = 0; at < 4096; at += 8) {
            assertEquals(first, block.getLong(at), "a block is whole");
        }
    }

    private void write(LocalJournal journal, int writer) throws IOException, InterruptedException {
        Random random = new Random(writer);
        JournalAppender appender = journal.openAppender();
        JournalAppender.Applier applier = new JournalAppender.Applier() {
            @Override
            public void block(long lba, long address) {
                index.accumulateAndGet((int) lba, address, Math::max);
            }

            @Override
            public void zero(long lba, long count, long address) {}

            @Override
            public void pattern(long lba, long count, long address) {
                throw new AssertionError("nobody wrote a pattern");
            }

            @Override
            public void references(long lba, ReferenceRuns runs, long address) {
                throw new AssertionError("nobody wrote references");
            }
        };
        long version = 0;
        while (!stop.get()) {
            for (int i = random.nextInt(40); i >= 0; i--) {
                int lba = random.nextInt(LBAS);
                appender.addBlock(lba, content(lba, ++version), 0);
            }
            submitted.incrementAndGet();
            while (appender.submit(applier, acknowledged::incrementAndGet) == JournalAppender.Outcome.FULL) {
                Semaphore space = new Semaphore(0);
                journal.whenSpace(space::release);
                assertTrue(space.tryAcquire(15, TimeUnit.SECONDS), "whoever met FULL is told when there is space");
            }
            if (random.nextInt(50) == 0) {
                journal.sync(failure -> assertEquals(null, failure));
            }
        }
    }

    private void read(LocalJournal journal) throws IOException {
        Random random = new Random(99);
        ByteBuffer block = ByteBuffer.allocateDirect(4096);
        while (!stop.get()) {
            int lba = random.nextInt(LBAS);
            long address = index.get(lba);
            if (address != 0) {
                if (journal.read(address, block.clear())) {
                    checkContent(block.flip(), lba);
                    reads.incrementAndGet();
                } else {
                    assertTrue(address < journal.tail());
                    readsReleased.incrementAndGet();
                }
            }
        }
    }

    /** Reads the log in order, checks it and releases it, like the flusher. */
    private long drain(LocalJournal journal) throws IOException {
        JournalReader reader = journal.openReader(journal.tail());
        long[] blocks = new long[1];
        ByteBuffer block = ByteBuffer.allocate(4096);
        Set<Long> versions = new HashSet<>();
        JournalAppender.Applier visitor = new JournalAppender.Applier() {
            @Override
            public void block(long lba, long address) {
                blocks[0]++;
                try {
                    assertTrue(journal.read(address, block.clear()));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                checkContent(block.flip(), lba);
                versions.add(address);
            }

            @Override
            public void zero(long lba, long count, long address) {}

            @Override
            public void pattern(long lba, long count, long address) {
                throw new AssertionError("nobody wrote a pattern");
            }

            @Override
            public void references(long lba, ReferenceRuns runs, long address) {
                throw new AssertionError("nobody wrote references");
            }
        };
        boolean last = false;
        while (!last) {
            last = writersEnded.get();
            long end = journal.appliedEnd();
            while (reader.next(end, visitor)) {
                if (reader.position() % 7 == 0) {
                    journal.release(reader.position());
                }
            }
            journal.release(reader.position());
        }
        assertEquals(blocks[0], versions.size());
        return blocks[0];
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void appendsReadsSyncsAndReleasesSideBySide(boolean encrypted, @TempDir Path directory) throws Exception {
        KeyDerivation keys = encrypted ? JournalRig.keys("stress") : null;
        VolumeSettings.Journal settings = JournalRig.settings(4, 256);
        ExecutorService threads = Executors.newCachedThreadPool();
        try (SystemRuntime runtime = new SystemRuntime(1);
                LocalDisk disk = NioLocalDisk.open(directory)) {
            LocalJournal journal = JournalRig.open(disk, 1, keys, settings, runtime);
            List<Future<?>> work = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                work.add(threads.submit(task(() -> write(journal, writer))));
            }
            work.add(threads.submit(task(() -> read(journal))));
            Future<?> drained = threads.submit(task(() -> assertTrue(drain(journal) > 0)));
            TimeUnit.MILLISECONDS.sleep(DURATION_MILLIS);
            for (int i = 0; i < 100 && (acknowledged.get() < 200 || reads.get() < 200); i++) {
                TimeUnit.MILLISECONDS.sleep(100); // a busy machine: give it time to do something at all
            }
            stop.set(true);
            for (Future<?> future : work) {
                future.get(20, TimeUnit.SECONDS);
            }
            writersEnded.set(true);
            drained.get(20, TimeUnit.SECONDS);
            assertEquals(submitted.get(), acknowledged.get());
            assertTrue(reads.get() > 0, "reads: " + reads);
            journal.close();
            RecoveredLog log = JournalRecovery.scan(disk, JournalRig.VOLUME, keys, 0);
            assertEquals(journal.appliedEnd(), log.endAddress());
            assertTrue(disk.list().size() <= 7, "files: " + disk.list());
        } finally {
            stop.set(true);
            writersEnded.set(true);
            threads.shutdownNow();
        }
    }

    /** Work that may fail with {@link IOException}. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static Callable<@Nullable Void> task(Work work) {
        return () -> {
            work.run();
            return null;
        };
    }
}
