package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
 * journal fills up slows its host down and answers BUSY, never anything else; one in another store does not notice. A host that
 * is not ours (QEMU's initiator) writes through it all and sees no error. When the S3 server is back, all goes on by itself, as
 * fast as before, and the bucket alone holds every byte.
 */
final class StoreOutageTest {
    private static final Logger log = LoggerFactory.getLogger(StoreOutageTest.class);
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("sluice.test.outage.seconds", 150));

    private static final Duration OUTAGE_MORE_MAX = Duration.ofMinutes(2);

    /** What hosts allow a command before they take the disk for broken. */
    private static final Duration HOST_LIMIT = Duration.ofSeconds(30);

    /** The store is asked again after pauses of up to 30 s. */
    private static final Duration RETURN_LIMIT = Duration.ofMinutes(2);

    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);
    private static final Duration STEP = Duration.ofSeconds(5);
    private static final int BLOCKS = 2048;
    private static final int SECTOR_BYTES = 512;
    private static final int REST_MILLIS = 8;

    /**
     * What the other initiator writes, half a MiB a second: more than its journal takes without being slowed down, so that it
     * is still at work when the S3 server comes back.
     */
    private static final long FOREIGN_BYTES = 48L << 20;

    private static final Duration FOREIGN_LIMIT = Duration.ofMinutes(4);

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
                .lun("other", size, "store = main", "journal { capacity = 64 MiB, file-size = 4 MiB }")
                .lun("foreign", size, "store = remote", "journal { capacity = 48 MiB, file-size = 4 MiB }");
    }

    @Test
    void hostsSeeNoErrorAndNothingIsLost() throws Exception {
        log.info("seed {} (-Dsluice.test.seed), outage {} (-Dsluice.test.outage.seconds)", seed, OUTAGE);
        try (S3ProxyServer s3 = S3ProxyServer.start(directory)) {
            s3.createBucket("disks");
            ConfigurationFiles files = configure(s3);
            try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
                for (String volume : List.of("roomy", "tight", "other")) {
                    luns.add(new Lun(files, volume, seed, threads));
                }
                QemuHost foreign =
                        new QemuHost(files.url("foreign"), (long) BLOCKS * ScsiHost.BLOCK_BYTES, FOREIGN_BYTES);
                Future<Programs.Outcome> foreignWork =
                        foreign.start(threads, OUTAGE.plus(OUTAGE_MORE_MAX).plus(FOREIGN_LIMIT));
                Lun roomy = luns.get(0);
                Lun tight = luns.get(1);
                Lun other = luns.get(2);
                Thread.sleep(STEP.toMillis());
                long before = Long.MAX_VALUE;
                for (Lun lun : luns) {
                    before = Math.min(before, lun.answers());
                }
                assertTrue(before >= ANSWERS_MIN, "a host is slow before anything happens");
                s3.stop();
                lastThroughOutage(server, roomy, tight, other);
                assertTrue(tight.busy.refusals() > 0, "the journal never got full");
                assertEquals("degraded", LunStatus.of(server, "roomy").state());
                assertFalse(foreignWork.isDone(), () -> "the other initiator is done already: " + foreignWork);
                s3.start();
                awaitReturn(server, tight, Math.max(ANSWERS_MIN, before / 2));
                for (Lun lun : luns) {
                    lun.stop();
                    assertTrue(
                            lun.busy.longestWait().compareTo(HOST_LIMIT) < 0,
                            () -> lun.volume + " waited for " + lun.busy.longestWait());
                }
                assertEquals(0, roomy.busy.refusals());
                assertEquals(0, other.busy.refusals());
                QemuHost.expectNoError(foreignWork, FOREIGN_LIMIT);
                for (String volume : files.volumes()) {
                    LunStatus.awaitDrained(server, volume, DRAIN_LIMIT);
                    assertEquals("open", LunStatus.of(server, volume).state());
                }
                checkAll(files);
                foreign.expectLastPasses(Programs.SHORT);
                assertEquals(0, server.stop(), server.log());
            }
            for (String volume : files.volumes()) {
                Trees.delete(files.cacheDirectory(volume));
            }
            try (SluiceProcess server = SluiceProcess.start(files)) {
                checkAll(files);
                new QemuHost(files.url("foreign"), (long) BLOCKS * ScsiHost.BLOCK_BYTES, FOREIGN_BYTES)
                        .expectLastPasses(Programs.SHORT);
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

    /** Until the host that was held up gets {@code enough} answers in a step again. */
    private static void awaitReturn(SluiceProcess server, Lun tight, long enough) throws Exception {
        long startNanos = System.nanoTime();
        tight.answers();
        long answers = 0;
        while (answers < enough) {
            Thread.sleep(STEP.toMillis());
            answers = tight.answers();
            Duration since = Duration.ofNanos(System.nanoTime() - startNanos);
            long last = answers;
            assertTrue(
                    since.compareTo(RETURN_LIMIT) < 0,
                    () -> "only " + last + " answers in " + STEP + ", not " + enough + ":\n" + logOf(server));
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
