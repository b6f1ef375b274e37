package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The S3 server is gone for minutes while hosts write. A volume whose journal is large enough takes everything; one whose
 * journal fills up slows its host down and answers BUSY, never anything else; one in another store does not notice. When the
 * S3 server is back, all goes on by itself, and the bucket alone holds every byte.
 */
final class StoreOutageTest {
    private static final Logger log = LoggerFactory.getLogger(StoreOutageTest.class);
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("sluice.test.outage.seconds", 90));

    private static final Duration OUTAGE_MORE_MAX = Duration.ofMinutes(2);

    /** What hosts allow a command before they take the disk for broken. */
    private static final Duration HOST_LIMIT = Duration.ofSeconds(30);

    /** The store is asked again after pauses of up to 30 s. */
    private static final Duration RETURN_LIMIT = Duration.ofSeconds(75);

    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);
    private static final Duration STEP = Duration.ofSeconds(5);
    private static final int BLOCKS = 2048;
    private static final int SECTOR_BYTES = 512;
    private static final int REST_MILLIS = 8;

    /** In each step, of a host that is not held up. */
    private static final int ANSWERS_MIN = 20;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final long seed = Long.getLong("sluice.test.seed", 20261121);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Lun> luns = new ArrayList<>();

    /** A LUN and the host that keeps it busy. */
    private static final class Lun implements AutoCloseable {
        private final String volume;
        private final DiskHistory history;
        private final ScsiHost host;
        private final BusyHost busy;
        private final Future<Long> working;
        private long answersSeen;

        Lun(ConfigurationFiles files, String volume, long seed, ExecutorService threads) throws Exception {
            this.volume = volume;
            this.history = new DiskHistory(volume, BLOCKS);
            this.host = connect(files, volume);
            this.busy = new BusyHost(host, history, seed, false, false)
                    .patiently()
                    .onlyWriting()
                    .resting(REST_MILLIS);
            this.working = threads.submit(busy);
        }

        /** Commands answered since this was asked last; the host must still be at work. */
        long answers() throws Exception {
            if (working.isDone()) {
                throw new AssertionError("host of " + volume + " ended after " + working.get() + " answers");
            }
            long before = answersSeen;
            answersSeen = busy.answered();
            return answersSeen - before;
        }

        void stop() throws Exception {
            busy.stop();
            log.info(
                    "{}: {} answers, {} refusals, the longest wait took {} ms",
                    volume,
                    working.get(60, TimeUnit.SECONDS),
                    busy.refusals(),
                    busy.longestWait().toMillis());
        }

        @Override
        public void close() throws IOException {
            host.close();
        }
    }

    @AfterEach
    void endEverything() throws Exception {
        for (Lun lun : luns) {
            lun.close();
        }
        threads.shutdownNow();
    }

    private static ScsiHost connect(ConfigurationFiles files, String volume) throws Exception {
        return new ScsiHost(files.port(), ConfigurationFiles.target(volume), 0, SECTOR_BYTES, 1);
    }

    private ConfigurationFiles configure(S3ProxyServer s3) throws Exception {
        String size = "size = " + (long) BLOCKS * ScsiHost.BLOCK_BYTES;
        return ConfigurationFiles.in(directory)
                .fileStore()
                .s3StoreNamed("remote", s3.endpoint(), "disks")
                .startingQuickly()
                .defaults(
                        "encryption = none",
                        "read-cache.capacity = 64 MiB",
                        "index.memory = 1 MiB",
                        "flush { max-age = 500 ms, segment-size = 4 MiB }")
                .lun("roomy", size, "store = remote", "journal { capacity = 4 GiB, file-size = 16 MiB }")
                .lun("tight", size, "store = remote", "journal { capacity = 24 MiB, file-size = 4 MiB }")
                .lun("other", size, "store = main", "journal { capacity = 64 MiB, file-size = 4 MiB }");
    }

    @Test
    void hostsSeeNoErrorAndNothingIsLost() throws Exception {
        log.info("seed {} (-Dsluice.test.seed), outage {} (-Dsluice.test.outage.seconds)", seed, OUTAGE);
        try (S3ProxyServer s3 = S3ProxyServer.start(directory)) {
            s3.createBucket("disks");
            ConfigurationFiles files = configure(s3);
            try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
                for (String volume : files.volumes()) {
                    luns.add(new Lun(files, volume, seed, threads));
                }
                Lun roomy = luns.get(0);
                Lun tight = luns.get(1);
                Lun other = luns.get(2);
                Thread.sleep(STEP.toMillis());
                for (Lun lun : luns) {
                    assertTrue(lun.answers() >= ANSWERS_MIN, () -> lun.volume + " is slow before anything happens");
                }
                s3.stop();
                lastThroughOutage(server, roomy, tight, other);
                assertTrue(tight.busy.refusals() > 0, "the journal never got full");
                assertEquals("degraded", LunStatus.of(server, "roomy").state());
                s3.start();
                awaitReturn(server, tight);
                for (Lun lun : luns) {
                    lun.stop();
                    assertTrue(
                            lun.busy.longestWait().compareTo(HOST_LIMIT) < 0,
                            () -> lun.volume + " waited for " + lun.busy.longestWait());
                }
                assertEquals(0, roomy.busy.refusals());
                assertEquals(0, other.busy.refusals());
                for (Lun lun : luns) {
                    LunStatus.awaitDrained(server, lun.volume, DRAIN_LIMIT);
                    assertEquals("open", LunStatus.of(server, lun.volume).state());
                }
                checkAll(files);
                assertEquals(0, server.stop(), server.log());
            }
            for (String volume : files.volumes()) {
                Trees.delete(files.cacheDirectory(volume));
            }
            try (SluiceProcess server = SluiceProcess.start(files)) {
                checkAll(files);
                assertEquals(0, server.stop(), server.log());
            }
        }
    }

    /**
     * All the time, two of them are not held up: there is room in their journals, or their store is there. On a machine that
     * has much else to do it takes longer until the journal of the third is full.
     */
    private static void lastThroughOutage(SluiceProcess server, Lun roomy, Lun tight, Lun other) throws Exception {
        long startNanos = System.nanoTime();
        long endNanos = startNanos + OUTAGE.toNanos();
        long lastNanos = endNanos + OUTAGE_MORE_MAX.toNanos();
        while (System.nanoTime() < endNanos || (tight.busy.refusals() == 0 && System.nanoTime() < lastNanos)) {
            Thread.sleep(STEP.toMillis());
            for (Lun lun : List.of(roomy, other)) {
                long answers = lun.answers();
                assertTrue(
                        answers >= ANSWERS_MIN,
                        () -> lun.volume + ": only " + answers + " answers within " + STEP + " of the outage");
            }
            assertEquals("open", LunStatus.of(server, other.volume).state());
        }
        LunStatus full = LunStatus.of(server, "roomy");
        log.info(
                "after {} s: roomy has {} MiB in its journal, {} s old",
                Duration.ofNanos(System.nanoTime() - startNanos).toSeconds(),
                full.number("dirtyBytes") >> 20,
                full.number("dirtyAgeMillis") / 1000);
    }

    private static void awaitReturn(SluiceProcess server, Lun tight) throws Exception {
        long startNanos = System.nanoTime();
        tight.answers();
        long answers = 0;
        while (answers < ANSWERS_MIN) {
            Thread.sleep(STEP.toMillis());
            answers = tight.answers();
            Duration since = Duration.ofNanos(System.nanoTime() - startNanos);
            assertTrue(since.compareTo(RETURN_LIMIT) < 0, () -> "the host was not let go on:\n" + logOf(server));
        }
        log.info(
                "{} ms after the store had come back writes went on as before",
                (System.nanoTime() - startNanos) / 1_000_000);
    }

    private static String logOf(SluiceProcess server) {
        try {
            return server.log();
        } catch (IOException failure) {
            return failure.toString();
        }
    }

    private void checkAll(ConfigurationFiles files) throws Exception {
        for (Lun lun : luns) {
            try (ScsiHost host = connect(files, lun.volume)) {
                assertEquals(0, lun.history.recovered(BusyHost.readAll(host, BLOCKS), true));
            }
        }
    }
}
