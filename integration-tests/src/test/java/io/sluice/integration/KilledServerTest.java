package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGKILL at random moments while two hosts write, and again while the server starts: with the local disk everything that was answered is there; without it
 * the bucket holds a prefix of what was written, with all that was flushed to it.
 */
final class KilledServerTest {
    private static final Logger log = LoggerFactory.getLogger(KilledServerTest.class);
    private static final int ROUNDS = 6;
    private static final int BLOCKS = 8192;
    private static final int SECTOR_BYTES = 512;
    private static final int WORK_MILLIS_MAX = 1500;
    private static final int START_MILLIS_MIN = 1000;
    private static final int START_MILLIS_MORE_MAX = 2500;
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(1);

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final long seed = Long.getLong("sluice.test.seed", 20261121);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Disk> disks = new ArrayList<>();
    private final List<SluiceProcess> started = new ArrayList<>();

    /** One LUN with what is known about it. */
    private record Disk(String volume, boolean flushIsSafe, DiskHistory history) {
        Disk(String volume, boolean flushIsSafe) {
            this(volume, flushIsSafe, new DiskHistory(volume, BLOCKS));
        }
    }

    @AfterEach
    void endEverything() {
        threads.shutdownNow();
        started.forEach(SluiceProcess::close);
    }

    private SluiceProcess running(SluiceProcess server) {
        started.add(server);
        return server;
    }

    @Test
    void losesNothingThatWasAnswered() throws Exception {
        log.info("seed {} (-Dsluice.test.seed)", seed);
        try (S3ProxyServer s3 = S3ProxyServer.start(directory)) {
            s3.createBucket("disks");
            ConfigurationFiles files = ConfigurationFiles.in(directory)
                    .s3Store(s3.endpoint(), "disks")
                    .defaults(
                            "journal { capacity = 48 MiB, file-size = 4 MiB }",
                            "flush { max-age = 200 ms, segment-size = 1 MiB }",
                            "read-cache.capacity = 16 MiB",
                            "checkpoint.interval = 1 s");
            addDisk(files, "local", false);
            addDisk(files, "s3", true);
            SluiceProcess server = running(SluiceProcess.startWithVolumes(files));
            for (int round = 1; round <= ROUNDS; round++) {
                workUntilKilled(files, server, round);
                boolean keepsLocalDisk = round % 2 == 1;
                if (!keepsLocalDisk) {
                    for (Disk disk : disks) {
                        Trees.delete(files.cacheDirectory(disk.volume()));
                    }
                }
                if (round % 3 == 0) {
                    killWhileItStarts(files, round);
                }
                server = running(SluiceProcess.start(files));
                check(files, server, keepsLocalDisk, round);
            }
            assertEquals(0, server.stop(), server.log());
        }
    }

    private void addDisk(ConfigurationFiles files, String volume, boolean flushIsSafe) {
        files.lun(
                volume,
                "size = " + (long) BLOCKS * ScsiHost.BLOCK_BYTES,
                "durability = " + (flushIsSafe ? "s3" : "local"));
        disks.add(new Disk(volume, flushIsSafe));
    }

    /** Every other round begins with all of it in the bucket. */
    private void workUntilKilled(ConfigurationFiles files, SluiceProcess server, int round) throws Exception {
        if (round % 4 >= 2) {
            for (Disk disk : disks) {
                LunStatus.awaitDrained(server, disk.volume(), DRAIN_LIMIT);
                disk.history().safe(disk.history().now());
            }
        }
        List<Future<Long>> working = new ArrayList<>();
        List<ScsiHost> hosts = new ArrayList<>();
        for (Disk disk : disks) {
            ScsiHost host = connect(files, disk, round);
            hosts.add(host);
            BusyHost busy = new BusyHost(host, disk.history(), random.nextLong(), disk.flushIsSafe(), true);
            working.add(threads.submit(busy));
        }
        Thread.sleep(1 + random.nextInt(WORK_MILLIS_MAX));
        server.kill();
        for (Future<Long> each : working) {
            log.info("round {}: killed after {} answers", round, each.get(30, TimeUnit.SECONDS));
        }
        for (ScsiHost host : hosts) {
            host.close();
        }
    }

    /** Somewhere between the first look at the bucket and the first answer to a host. */
    private void killWhileItStarts(ConfigurationFiles files, int round) throws Exception {
        try (SluiceProcess starting = SluiceProcess.launch(files)) {
            Thread.sleep(START_MILLIS_MIN + random.nextInt(START_MILLIS_MORE_MAX));
            log.info(
                    "round {}: killed while it starts, with {} LUNs ready",
                    round,
                    starting.urls().size());
        }
    }

    private static ScsiHost connect(ConfigurationFiles files, Disk disk, int round) throws Exception {
        return new ScsiHost(files.port(), ConfigurationFiles.target(disk.volume()), 0, SECTOR_BYTES, round);
    }

    private void check(ConfigurationFiles files, SluiceProcess server, boolean keepsLocalDisk, int round)
            throws Exception {
        for (Disk disk : disks) {
            try (ScsiHost host = connect(files, disk, round)) {
                long lost = disk.history().recovered(BusyHost.readAll(host, BLOCKS), keepsLocalDisk);
                log.info(
                        "round {}: {} {} its local disk: {} of {} writes sent so far were answered and are lost",
                        round,
                        disk.volume(),
                        keepsLocalDisk ? "with" : "without",
                        lost,
                        disk.history().writes());
            } catch (AssertionError failure) {
                throw new AssertionError(
                        failure.getMessage() + "; round " + round + ", seed " + seed + "\n" + server.log(), failure);
            }
        }
    }
}
