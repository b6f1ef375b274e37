package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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

/** Two LUNs of one target, as different as can be, used at the same time; neither gets into the other. */
final class TwoLunsTest {
    private static final Logger log = LoggerFactory.getLogger(TwoLunsTest.class);
    private static final Duration WORK = Duration.ofSeconds(4);
    private static final int MIN_ANSWERS = 100;
    private static final String TARGET = ConfigurationFiles.target("both");

    /** 512-byte sectors, encrypted, compressed hard, flushed to the journal; one MiB and a few blocks more than 20. */
    private static final Lun SEALED = new Lun("sealed", 0, 5120 + 259, 512);

    /** 4096-byte sectors, in the open, not compressed, flushed to the bucket. */
    private static final Lun OPEN = new Lun("open", 1, 8192, 4096);

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final long seed = Long.getLong("sluice.test.seed", 20261121);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** One of the two. */
    private record Lun(String volume, int number, int blocks, int sectorBytes) {
        ScsiHost connect(ConfigurationFiles files, long isid) throws Exception {
            return new ScsiHost(files.port(), TARGET, number, sectorBytes, isid);
        }

        String[] lines(String... more) {
            List<String> lines = new ArrayList<>(List.of(
                    "target = \"" + TARGET + "\"",
                    "lun = " + number,
                    "size = " + (long) blocks * ScsiHost.BLOCK_BYTES,
                    "block-size = " + sectorBytes));
            lines.addAll(List.of(more));
            return lines.toArray(new String[0]);
        }
    }

    @AfterEach
    void endThreads() {
        threads.shutdownNow();
    }

    @Test
    void areUsedAtTheSameTimeAndComeBackFromTheBucket() throws Exception {
        log.info("seed {} (-Dsluice.test.seed)", seed);
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults("flush.max-age = 300 ms")
                .lun(
                        SEALED.volume(),
                        SEALED.lines(
                                "compression = 9",
                                "flush.segment-size = 1 MiB",
                                "journal { capacity = 16 MiB, file-size = 4 MiB }",
                                "read-cache.capacity = 16 MiB"))
                .lun(
                        OPEN.volume(),
                        OPEN.lines(
                                "compression = none",
                                "encryption = none",
                                "durability = s3",
                                "flush.segment-size = 2 MiB",
                                "journal { capacity = 64 MiB, file-size = 16 MiB }",
                                "read-cache.capacity = 32 MiB"));
        DiskHistory sealed = new DiskHistory(SEALED.volume(), SEALED.blocks());
        DiskHistory open = new DiskHistory(OPEN.volume(), OPEN.blocks());
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            checkCapacities(files);
            work(files, sealed, open);
            for (Lun lun : List.of(SEALED, OPEN)) {
                log.info("after the work: {}", LunStatus.of(server, lun.volume()));
            }
            checkAll(files, sealed, open);
            assertNotEquals(
                    LunStatus.of(server, SEALED.volume()).number("bytesWritten"),
                    LunStatus.of(server, OPEN.volume()).number("bytesWritten"));
            assertEquals(0, server.stop(), server.log());
        }
        for (Lun lun : List.of(SEALED, OPEN)) {
            Trees.delete(files.cacheDirectory(lun.volume()));
        }
        try (SluiceProcess server = SluiceProcess.start(files)) {
            checkAll(files, sealed, open);
            assertEquals(0, server.stop(), server.log());
        }
        checkOnlyTheOpenOneIsReadable(files);
    }

    private static void checkCapacities(ConfigurationFiles files) throws Exception {
        for (Lun lun : List.of(SEALED, OPEN)) {
            String url = "iscsi://127.0.0.1:" + files.port() + "/" + TARGET + "/" + lun.number();
            String capacity = Programs.run(Programs.SHORT, "iscsi-readcapacity16", url)
                    .expect(0)
                    .out();
            assertTrue(capacity.contains("LENGTH IN BYTES:" + lun.sectorBytes() + "\n"), capacity);
            long sectors = (long) lun.blocks() * ScsiHost.BLOCK_BYTES / lun.sectorBytes();
            assertTrue(capacity.contains("RETURNED LOGICAL BLOCK ADDRESS:" + (sectors - 1) + "\n"), capacity);
        }
    }

    private void work(ConfigurationFiles files, DiskHistory sealed, DiskHistory open) throws Exception {
        try (ScsiHost first = SEALED.connect(files, 1);
                ScsiHost second = OPEN.connect(files, 2)) {
            List<BusyHost> hosts = List.of(
                    new BusyHost(first, sealed, random.nextLong(), false, false),
                    new BusyHost(second, open, random.nextLong(), true, false));
            List<Future<Long>> working = hosts.stream().map(threads::submit).toList();
            Thread.sleep(WORK.toMillis());
            hosts.forEach(BusyHost::stop);
            for (Future<Long> each : working) {
                long answers = each.get(60, TimeUnit.SECONDS);
                log.info("{} answers", answers);
                assertTrue(answers >= MIN_ANSWERS, () -> "only " + answers + " answers");
            }
        }
    }

    private static void checkAll(ConfigurationFiles files, DiskHistory sealed, DiskHistory open) throws Exception {
        try (ScsiHost first = SEALED.connect(files, 1);
                ScsiHost second = OPEN.connect(files, 2)) {
            assertEquals(0, sealed.recovered(BusyHost.readAll(first, SEALED.blocks()), true));
            assertEquals(0, open.recovered(BusyHost.readAll(second, OPEN.blocks()), true));
        }
    }

    /** That the text of the open one is found shows that looking for it works. */
    private static void checkOnlyTheOpenOneIsReadable(ConfigurationFiles files) throws Exception {
        byte[] openText = text("an open word ");
        byte[] sealedText = text("a secret word ");
        try (SluiceProcess server = SluiceProcess.start(files)) {
            write(files, OPEN, openText);
            write(files, SEALED, sealedText);
            assertEquals(0, server.stop(), server.log());
        }
        PlainText looking = new PlainText(List.of(
                Arrays.copyOf(openText, PlainText.SNIPPET_BYTES), Arrays.copyOf(sealedText, PlainText.SNIPPET_BYTES)));
        for (Path place : List.of(files.bucketDirectory(), files.directory().resolve("cache"))) {
            assertEquals(
                    List.of(new String(openText, 0, PlainText.SNIPPET_BYTES, StandardCharsets.ISO_8859_1)),
                    List.copyOf(looking.findBelow(place)));
        }
    }

    private static byte[] text(String phrase) {
        return phrase.repeat(ScsiHost.BLOCK_BYTES)
                .substring(0, ScsiHost.BLOCK_BYTES)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static void write(ConfigurationFiles files, Lun lun, byte[] block) throws Exception {
        try (ScsiHost host = lun.connect(files, 3)) {
            host.write(0, block);
            assertEquals(0, host.complete().status());
        }
    }
}
