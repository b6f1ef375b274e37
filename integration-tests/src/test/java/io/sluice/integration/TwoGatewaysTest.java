package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.integration.ScsiHost.Completion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two servers on one bucket, each with its own cache directory. The first is stopped by SIGSTOP while a host writes, the
 * second takes the volume over, then the first goes on: it must not add anything to the volume, and must say so.
 */
final class TwoGatewaysTest {
    private static final int BLOCKS = 2048;
    private static final int SECTOR_BYTES = 512;
    private static final int PORT_UNAVAILABLE = 0x02040C;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String VOLUME = "shared";

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final List<SluiceProcess> started = new ArrayList<>();
    private final DiskHistory history = new DiskHistory(VOLUME, BLOCKS);

    @AfterEach
    void endEverything() {
        started.forEach(SluiceProcess::close);
    }

    private SluiceProcess running(SluiceProcess server) {
        started.add(server);
        return server;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theOneThatWasStoppedIsFencedAndSaysWhereItsJournalIs(boolean s3) throws Exception {
        if (s3) {
            try (S3ProxyServer server = S3ProxyServer.start(directory)) {
                server.createBucket("disks");
                run(files("a").s3Store(server.endpoint(), "disks"), files("b").s3Store(server.endpoint(), "disks"));
            }
        } else {
            Path bucket = Files.createDirectories(directory.resolve("bucket"));
            String[] store = {"type = file", "directory = \"" + bucket.toAbsolutePath() + "\""};
            run(files("a").store("main", store), files("b").store("main", store));
        }
    }

    private ConfigurationFiles files(String name) throws IOException {
        return ConfigurationFiles.in(directory.resolve(name))
                .defaults(
                        "journal { capacity = 32 MiB, file-size = 4 MiB }",
                        "read-cache.capacity = 16 MiB",
                        "flush.max-age = 1 s",
                        "flush.drain-timeout = 5 s")
                .lun(VOLUME, "size = " + (long) BLOCKS * ScsiHost.BLOCK_BYTES);
    }

    private void run(ConfigurationFiles filesOfA, ConfigurationFiles filesOfB) throws Exception {
        SluiceProcess a = running(SluiceProcess.startWithVolumes(filesOfA));
        byte[] disk;
        try (ScsiHost hostOfA = host(filesOfA, 1)) {
            for (int block = 0; block < BLOCKS; block += 16) {
                write(hostOfA, block, 16);
            }
            LunStatus.awaitDrained(a, VOLUME, LIMIT);
            history.safe(history.now());
            // These the host is told to be written; A is stopped before they can come to the bucket.
            DiskHistory.Write onlyInJournal = write(hostOfA, 32, 16);
            a.signal("STOP");
            SluiceProcess b = running(SluiceProcess.start(filesOfB.write()));
            assertTrue(b.log().contains("taken over (takeover = automatic)"), b.log());
            try (ScsiHost hostOfB = host(filesOfB, 2)) {
                long lost = history.recovered(BusyHost.readAll(hostOfB, BLOCKS), false);
                assertTrue(
                        lost <= 1,
                        lost + " writes are lost, but only that of block " + onlyInJournal.block() + " was not safe");
                for (int block = 64; block < 512; block += 16) {
                    write(hostOfB, block, 16);
                }
                a.signal("CONT");
                Completion failed = writeUntilFailed(hostOfA);
                assertEquals(ScsiHost.CHECK_CONDITION, failed.status());
                assertEquals(PORT_UNAVAILABLE, failed.senseCode(), () -> Integer.toHexString(failed.senseCode()));
                expectFenced(hostOfA.readNow(0, 1));
                hostOfA.flush();
                expectFenced(hostOfA.complete());
                expectFenced(hostOfA.execute(new byte[6], new byte[0], 0)); // TEST UNIT READY, what path checkers send
                for (int block = 512; block < 1024; block += 16) {
                    write(hostOfB, block, 16);
                }
                LunStatus.awaitDrained(b, VOLUME, LIMIT);
                disk = BusyHost.readAll(hostOfB, BLOCKS);
                history.recovered(disk, true);
            }
        }
        expectFencedStatus(a, filesOfA);
        for (SluiceProcess server : started) {
            assertEquals(0, server.stop(), server.log());
        }
        restartedItSetsItsJournalAside(filesOfA, disk);
    }

    private static void expectFenced(Completion completion) {
        assertEquals(ScsiHost.CHECK_CONDITION, completion.status());
        assertEquals(PORT_UNAVAILABLE, completion.senseCode(), () -> Integer.toHexString(completion.senseCode()));
    }

    private static void expectFencedStatus(SluiceProcess a, ConfigurationFiles files) throws Exception {
        Map<?, ?> status = a.status(VOLUME);
        assertEquals("fenced", status.get("state"));
        String journal = files.cacheDirectory(VOLUME).resolve("journal").toString();
        assertTrue(String.valueOf(status.get("reason")).contains(journal), status.toString());
        assertTrue(a.log().contains("fenced"), a.log());
        assertTrue(a.log().contains(journal), a.log());
    }

    private static void restartedItSetsItsJournalAside(ConfigurationFiles files, byte[] disk) throws Exception {
        try (SluiceProcess again = SluiceProcess.start(files);
                ScsiHost host = host(files, 3)) {
            assertTrue(again.log().contains("superseded-epoch-1"), again.log());
            Path aside = files.cacheDirectory(VOLUME).resolve("journal/superseded-epoch-1");
            try (Stream<Path> kept = Files.list(aside)) {
                assertTrue(kept.findAny().isPresent(), "nothing is kept in " + aside);
            }
            assertArrayEquals(disk, BusyHost.readAll(host, BLOCKS));
            assertFalse(again.log().contains(" ERROR "), again.log());
            assertEquals(0, again.stop(), again.log());
        }
    }

    /** What the first that is refused ends with; what A acknowledges until then is in its journal and nowhere else. */
    private static Completion writeUntilFailed(ScsiHost host) throws Exception {
        byte[] lost = new byte[ScsiHost.BLOCK_BYTES];
        java.util.Arrays.fill(lost, (byte) 0xEE);
        long endNanos = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < endNanos) {
            Completion completion = host.writeNow(1500, lost);
            if (completion.status() != 0) {
                return completion;
            }
            Thread.sleep(20);
        }
        throw new AssertionError("the gateway that was superseded goes on acknowledging");
    }

    private DiskHistory.Write write(ScsiHost host, int block, int blocks) throws IOException {
        DiskHistory.Write write = history.sending(block, blocks);
        assertEquals(0, host.writeNow(block, DiskHistory.bytes(write)).status());
        history.answered(write);
        return write;
    }

    private static ScsiHost host(ConfigurationFiles files, long isid) throws IOException {
        return new ScsiHost(files.port(), ConfigurationFiles.target(VOLUME), 0, SECTOR_BYTES, isid);
    }
}
