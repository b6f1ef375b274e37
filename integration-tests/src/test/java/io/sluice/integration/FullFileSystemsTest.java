package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.engine.VolumeDirectories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Journal, read cache and index stand on a file system of their own each, which somebody else fills to the last byte while a
 * host works. The server and the LUN beside it go on; the LUN itself goes on too, for what it needs it has reserved or can
 * do without. Then the server is killed; started again, first without and then with space, it has all that was answered.
 */
final class FullFileSystemsTest {
    private static final Logger log = LoggerFactory.getLogger(FullFileSystemsTest.class);
    private static final int BLOCKS = 16384;
    private static final int SECTOR_BYTES = 512;
    private static final int REST_MILLIS = 2;
    private static final Duration HOST_LIMIT = Duration.ofSeconds(30);
    private static final Duration STEP = Duration.ofSeconds(4);
    private static final Duration STEP_MAX = Duration.ofSeconds(60);
    private static final int ANSWERS_MIN = 200;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final long seed = Long.getLong("sluice.test.seed", 20261121);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    /**
     * What stands on the file system.
     *
     * @param directory below the cache directory
     * @param mebibytes of the file system
     * @param hasSpaceFirst there is work before it is filled
     * @param opensWhenFull the LUN can be served without more space
     * @param told what the log has to say, "" for nothing
     */
    private record Part(String directory, int mebibytes, boolean hasSpaceFirst, boolean opensWhenFull, String told) {}

    /** It goes on in files that it gets back. */
    @Test
    void aFullFileSystemUnderTheJournal() throws Exception {
        goesOnAndKeepsEverything(
                new Part(VolumeDirectories.JOURNAL, 24, false, false, "journal: cannot prepare the next file yet"));
    }

    /** It keeps what it has room for. */
    @Test
    void aFullFileSystemUnderTheReadCache() throws Exception {
        goesOnAndKeepsEverything(
                new Part(VolumeDirectories.READ_CACHE, 140, true, true, "it goes on with the room it has"));
    }

    /** Its space is reserved when it is opened. */
    @Test
    void aFullFileSystemUnderTheIndex() throws Exception {
        goesOnAndKeepsEverything(new Part(VolumeDirectories.INDEX, 80, false, false, ""));
    }

    private ConfigurationFiles configure() throws Exception {
        String size = "size = " + (long) BLOCKS * ScsiHost.BLOCK_BYTES;
        return ConfigurationFiles.in(directory)
                .fileStore()
                .startingQuickly()
                .defaults(
                        "encryption = none",
                        "read-cache.capacity = 128 MiB",
                        "index.memory = 8 MiB",
                        "takeover = automatic",
                        "flush { max-age = 200 ms, segment-size = 2 MiB }",
                        "journal { capacity = 64 MiB, file-size = 4 MiB }")
                .lun("tight", size)
                .lun("other", size);
    }

    private void goesOnAndKeepsEverything(Part part) throws Exception {
        log.info("seed {} (-Dsluice.test.seed)", seed);
        ConfigurationFiles files = configure();
        DiskHistory tight = new DiskHistory("tight", BLOCKS);
        DiskHistory other = new DiskHistory("other", BLOCKS);
        Path mountPoint = files.cacheDirectory("tight").resolve(part.directory());
        try (SmallFileSystem small = SmallFileSystem.mount(mountPoint, part.mebibytes())) {
            Path ballast;
            try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
                if (part.hasSpaceFirst()) {
                    work(files, tight, other, Duration.ZERO, REST_MILLIS, "before");
                }
                ballast = small.fill();
                work(files, tight, other, STEP, 0, "while the file system under the " + part.directory() + " is full");
                assertEquals("open", LunStatus.of(server, "tight").state(), server.log());
                assertTrue(server.log().contains(part.told()), () -> "no \"" + part.told() + "\" in the log");
                server.kill();
            }
            openWhileFull(files, part, tight);
            Files.delete(ballast);
            try (SluiceProcess server = SluiceProcess.start(files)) {
                check(files, tight);
                check(files, other);
                work(files, tight, other, STEP, REST_MILLIS, "with space again");
                check(files, tight);
                assertEquals(0, server.stop(), server.log());
            }
        }
    }

    /** Either it is served, and whole, or the log says what is wrong. */
    private static void openWhileFull(ConfigurationFiles files, Part part, DiskHistory tight) throws Exception {
        try (SluiceProcess server = SluiceProcess.launch(files)) {
            server.awaitReady(part.opensWhenFull() ? 2 : 1);
            String refusal = server.log()
                    .lines()
                    .filter(line -> line.contains("volume tight is not served: "))
                    .findFirst()
                    .orElse("");
            if (refusal.isEmpty()) {
                server.awaitReady(2);
                check(files, tight);
            } else {
                assertTrue(refusal.contains("o space left") && refusal.contains(part.directory()), refusal);
            }
            log.info("started while the file system under the {} is full: {}", part.directory(), refusal);
            server.kill();
        }
    }

    /** Both hosts write and read, for a time and so many answers, and see nothing but GOOD. */
    private void work(
            ConfigurationFiles files,
            DiskHistory tight,
            DiskHistory other,
            Duration atLeast,
            int restMillis,
            String when)
            throws Exception {
        try (ScsiHost one = connect(files, "tight");
                ScsiHost two = connect(files, "other")) {
            BusyHost first = new BusyHost(one, tight, seed + tight.now(), false, false).resting(restMillis);
            BusyHost second = new BusyHost(two, other, seed + other.now(), false, false).resting(REST_MILLIS);
            Future<Long> firstWorks = threads.submit(first);
            Future<Long> secondWorks = threads.submit(second);
            long endNanos = System.nanoTime() + STEP_MAX.toNanos();
            Thread.sleep(atLeast.toMillis());
            while (Math.min(first.answered(), second.answered()) < ANSWERS_MIN && System.nanoTime() < endNanos) {
                Thread.sleep(100);
            }
            first.stop();
            second.stop();
            log.info(
                    "{}: {} and {} answers, the longest waits took {} and {} ms",
                    when,
                    firstWorks.get(60, TimeUnit.SECONDS),
                    secondWorks.get(60, TimeUnit.SECONDS),
                    first.longestWait().toMillis(),
                    second.longestWait().toMillis());
            assertTrue(first.answered() >= ANSWERS_MIN && second.answered() >= ANSWERS_MIN, when);
            assertTrue(first.longestWait().compareTo(HOST_LIMIT) < 0, when);
        }
    }

    private static ScsiHost connect(ConfigurationFiles files, String volume) throws Exception {
        return new ScsiHost(files.port(), ConfigurationFiles.target(volume), 0, SECTOR_BYTES, 1);
    }

    private static void check(ConfigurationFiles files, DiskHistory history) throws Exception {
        try (ScsiHost host = connect(files, history.name())) {
            assertEquals(0, history.recovered(BusyHost.readAll(host, BLOCKS), true));
        }
    }
}
