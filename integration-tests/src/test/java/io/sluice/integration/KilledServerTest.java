package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.SequenceWatch.Watched;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGKILL at random moments while two hosts write, and again while the server starts, on the same two volumes again and
 * again. With the local disk everything that was answered is there. Without it the bucket holds a prefix of what was
 * written, with all that was flushed to it, and the server says how far that goes: its sequence number and its time are those
 * of the state that is found.
 *
 * <p>One volume is encrypted, in a directory, with {@code durability = local}; the other is not, in an S3 server, with
 * {@code durability = s3}.
 */
final class KilledServerTest {
    private static final Logger log = LoggerFactory.getLogger(KilledServerTest.class);
    private static final int ROUNDS = Integer.getInteger("sluice.test.rounds", 32);
    private static final int BLOCKS = 3072;
    private static final int SECTOR_BYTES = 512;
    /** Of both hosts together, before the kill. */
    private static final int ANSWERS_MAX = 2000;

    private static final Duration WORK_MAX = Duration.ofSeconds(2);
    private static final int MORE_MICROS_MAX = 20_000;
    private static final int START_MILLIS_MIN = 1000;
    private static final int START_MILLIS_MORE_MAX = 1500;
    private static final int KILLED_STARTS_EVERY = 5;
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
    private record Disk(String volume, boolean flushIsSafe, DiskHistory history, SequenceLog sequences) {
        Disk(String volume, boolean flushIsSafe) {
            this(volume, flushIsSafe, new DiskHistory(volume, BLOCKS), new SequenceLog());
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
    void losesNothingThatWasAnsweredAndSaysWhatTheBucketHolds() throws Exception {
        log.info("seed {} (-Dsluice.test.seed), {} rounds (-Dsluice.test.rounds)", seed, ROUNDS);
        try (S3ProxyServer s3 = S3ProxyServer.start(directory)) {
            s3.createBucket("disks");
            ConfigurationFiles files = configure(s3);
            SluiceProcess server = running(SluiceProcess.startWithVolumes(files));
            for (int round = 1; round <= ROUNDS; round++) {
                workUntilKilled(files, server, round);
                boolean keepsLocalDisk = round % 2 == 1;
                if (!keepsLocalDisk) {
                    for (Disk disk : disks) {
                        Trees.delete(files.cacheDirectory(disk.volume()));
                    }
                }
                boolean startIsKilled = round % KILLED_STARTS_EVERY == 0;
                if (startIsKilled) {
                    killWhileItStarts(files, round);
                }
                server = running(SluiceProcess.start(files));
                check(files, server, new Round(round, keepsLocalDisk, startIsKilled));
            }
            assertEquals(0, server.stop(), server.log());
        }
    }

    private ConfigurationFiles configure(S3ProxyServer s3) throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .s3StoreNamed("remote", s3.endpoint(), "disks")
                .startingQuickly()
                .defaults(
                        "journal { capacity = 48 MiB, file-size = 4 MiB }",
                        "flush { max-age = 200 ms, segment-size = 1 MiB }",
                        "read-cache.capacity = 16 MiB",
                        "index.memory = 1 MiB",
                        "takeover = automatic",
                        "checkpoint.interval = 2 s");
        addDisk(files, "local", false, "store = main");
        addDisk(files, "s3", true, "store = remote", "encryption = none");
        return files;
    }

    private void addDisk(ConfigurationFiles files, String volume, boolean flushIsSafe, String... lines) {
        List<String> all = new ArrayList<>(List.of(lines));
        all.add("size = " + (long) BLOCKS * ScsiHost.BLOCK_BYTES);
        all.add("durability = " + (flushIsSafe ? "s3" : "local"));
        files.lun(volume, all.toArray(String[]::new));
        disks.add(new Disk(volume, flushIsSafe));
    }

    /** Every other pair of rounds begins with all of it in the bucket. */
    private void workUntilKilled(ConfigurationFiles files, SluiceProcess server, int round) throws Exception {
        if (round % 4 >= 2) {
            for (Disk disk : disks) {
                server.drain(disk.volume(), DRAIN_LIMIT);
                disk.history().safe(disk.history().now());
            }
        }
        SequenceWatch watch = new SequenceWatch(
                files.adminSocket(),
                disks.stream()
                        .collect(Collectors.toMap(Disk::volume, it -> new Watched(it.history(), it.sequences()))));
        Future<Integer> watching = threads.submit(watch);
        List<BusyHost> busy = new ArrayList<>();
        List<Future<Long>> working = new ArrayList<>();
        List<ScsiHost> hosts = new ArrayList<>();
        for (Disk disk : disks) {
            ScsiHost host = connect(files, disk, round);
            hosts.add(host);
            busy.add(new BusyHost(host, disk.history(), random.nextLong(), disk.flushIsSafe(), true));
        }
        busy.forEach(host -> working.add(threads.submit(host)));
        awaitAnswers(busy, 1 + random.nextInt(ANSWERS_MAX));
        server.kill();
        watch.stop();
        int answers = watching.get(30, TimeUnit.SECONDS);
        for (Future<Long> each : working) {
            log.info(
                    "round {}: killed after {} answers, the sequence was told {} times",
                    round,
                    each.get(30, TimeUnit.SECONDS),
                    answers);
        }
        for (ScsiHost host : hosts) {
            host.close();
        }
    }

    /** So much work, or as much as is done in the time, and a moment more. */
    private void awaitAnswers(List<BusyHost> busy, long answers) throws InterruptedException {
        long endNanos = System.nanoTime() + WORK_MAX.toNanos();
        while (busy.stream().mapToLong(BusyHost::answered).sum() < answers && System.nanoTime() < endNanos) {
            Thread.sleep(1);
        }
        TimeUnit.MICROSECONDS.sleep(random.nextInt(MORE_MICROS_MAX));
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

    private record Round(int number, boolean keepsLocalDisk, boolean startWasKilled) {}

    private void check(ConfigurationFiles files, SluiceProcess server, Round round) throws Exception {
        for (Disk disk : disks) {
            try (ScsiHost host = connect(files, disk, round.number())) {
                Map<?, ?> opening = LunStatus.of(server, disk.volume()).opening();
                byte[] found = BusyHost.readAll(host, BLOCKS);
                long lost = round.keepsLocalDisk()
                        ? checkNothingIsLost(disk, found, opening)
                        : checkLoss(disk, found, opening, round.startWasKilled());
                log.info(
                        "round {}: {} {} its local disk: {} of {} writes sent so far were answered and are lost; the server"
                                + " says {}",
                        round.number(),
                        disk.volume(),
                        round.keepsLocalDisk() ? "with" : "without",
                        lost,
                        disk.history().writes(),
                        opening);
            } catch (AssertionError failure) {
                throw new AssertionError(
                        failure.getMessage() + "; round " + round.number() + ", seed " + seed + "\n" + server.log(),
                        failure);
            }
        }
    }

    /** The server must not say that it has less than it has. */
    private static long checkNothingIsLost(Disk disk, byte[] found, Map<?, ?> opening) {
        long newest = disk.history().newestAnswered();
        long last = disk.sequences()
                .momentsOf(BucketClaim.number(opening, "recoveredSequence"))
                .last();
        assertTrue(
                last >= newest,
                () -> "the newest write that was answered was sent at " + newest + "; what the server says goes to "
                        + last + ": " + opening);
        return disk.history().recovered(found, true);
    }

    /** When a start was killed, it may have taken the volume over, and what it said is not known. */
    private static long checkLoss(Disk disk, byte[] found, Map<?, ?> opening, boolean startWasKilled) {
        BucketClaim claim = startWasKilled ? BucketClaim.ofTime(opening) : BucketClaim.of(opening, disk.sequences());
        long lost = disk.history().recovered(found, false, claim);
        long recovered = BucketClaim.number(opening, "recoveredSequence");
        assertEquals(BucketClaim.number(opening, "bucketSequence"), recovered, opening::toString);
        boolean knowsOfLoss = BucketClaim.number(opening, "newerSequence") > recovered;
        assertTrue(lost > 0 || !knowsOfLoss, () -> "nothing is lost, but the server says so: " + opening);
        return lost;
    }
}
