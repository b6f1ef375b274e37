package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sluice.target.admin.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A volume is scrubbed by the packaged server that serves it, while a host writes and reads: one flipped byte is found with the
 * blocks it costs, a scrub that was stopped goes on, and hosts see no error of it. Without the server the command finds the same.
 */
final class ScrubbedServerTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int REGION_BLOCKS = 1024;
    private static final int SECTOR_BYTES = 512;
    private static final int BLOCK_SECTORS = ScsiHost.BLOCK_BYTES / SECTOR_BYTES;
    private static final int REGIONS = 4;
    private static final int DAMAGED_REGION = 2;
    /** The host beside works here, behind all regions. */
    private static final int LOAD_BLOCK = REGION_BLOCKS * (REGIONS + 1);

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void aFlippedByteIsFoundUnderLoadAndAStoppedScrubGoesOn() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults("journal { capacity = 32 MiB, file-size = 4 MiB }", "read-cache.capacity = 16 MiB")
                .defaults("flush.max-age = 100 ms")
                .lun("disk", "size = 64 MiB");
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            byte[] region = new byte[REGION_BLOCKS * ScsiHost.BLOCK_BYTES];
            Random random = new Random(1);
            List<Path> segmentsOfDamagedRegion = List.of();
            for (int i = 0; i < REGIONS; i++) {
                List<Path> before = segments(files);
                random.nextBytes(region);
                write(files, i * REGION_BLOCKS, region);
                LunStatus.awaitDrained(server, "disk", LIMIT);
                if (i == DAMAGED_REGION) {
                    segmentsOfDamagedRegion = added(before, segments(files));
                }
            }
            Path damaged = largest(segmentsOfDamagedRegion);
            AtomicBoolean over = new AtomicBoolean();
            Load load = new Load(files, over);
            load.start();
            assertTrue(SluiceProcess.sluice(files, "scrub", "disk", "--from-start")
                    .expect(0)
                    .out()
                    .contains("clean"));
            flipByte(damaged);
            stopInTheMiddle(files);
            Programs.Outcome found = SluiceProcess.sluice(files, "scrub", "disk", "--json", "--bandwidth", "none")
                    .expect(1);
            expectDamage(Json.parse(found.out()), damaged, true);
            over.set(true);
            load.join();
            assertEquals("", load.failure);
            assertTrue(load.rounds > 0, "the host did something");
            assertTrue(String.valueOf(server.status("disk").get("requests")).contains("SCRUB"));
            assertEquals(0, server.stop(), server.log());
            expectDamage(
                    Json.parse(SluiceProcess.sluice(files, "scrub", "disk", "--json")
                            .expect(1)
                            .out()),
                    damaged,
                    false);
        }
    }

    /** At this rate it is at work for half a minute and more: there is time to stop it. */
    private static void stopInTheMiddle(ConfigurationFiles files) throws Exception {
        SluiceProcess.sluice(files, "scrub", "disk", "--from-start", "--bandwidth", "512 KiB", "--background")
                .expect(0);
        long endNanos = System.nanoTime() + LIMIT.toNanos();
        Map<String, Object> status;
        do {
            assertTrue(System.nanoTime() < endNanos, "nothing is read");
            status = Json.parse(SluiceProcess.sluice(files, "scrub", "disk", "--status", "--json")
                    .expect(0)
                    .out());
            assertEquals("running", status.get("state"));
        } while (number(status, "objectsDone") < 1);
        Map<String, Object> stopped = Json.parse(SluiceProcess.sluice(files, "scrub", "disk", "--stop", "--json")
                .expect(0)
                .out());
        assertEquals("stopped", stopped.get("state"));
        assertTrue(number(stopped, "bytesDone") < number(stopped, "bytesTotal"));
    }

    private static long number(Map<?, ?> answer, String key) {
        return answer.get(key) instanceof Number number ? number.longValue() : fail(key + " is no number in " + answer);
    }

    private static List<?> list(Map<?, ?> answer, String key) {
        return answer.get(key) instanceof List<?> list ? list : fail(key + " is no list in " + answer);
    }

    private static void expectDamage(Map<String, Object> report, Path damaged, boolean resumed) {
        assertEquals(resumed, report.get("resumed"));
        List<?> findings = list(report, "findings");
        assertEquals(1, findings.size(), report.toString());
        Map<?, ?> finding = (Map<?, ?>) findings.get(0);
        assertEquals("disk/segment/" + damaged.getFileName(), finding.get("object"));
        List<?> affected = list(finding, "affected");
        assertFalse(affected.isEmpty());
        for (Object one : affected) {
            Map<?, ?> range = (Map<?, ?>) one;
            long lba = number(range, "lba");
            long blocks = number(range, "blocks");
            assertTrue(
                    lba >= (long) DAMAGED_REGION * REGION_BLOCKS * BLOCK_SECTORS
                            && lba + blocks <= (DAMAGED_REGION + 1L) * REGION_BLOCKS * BLOCK_SECTORS,
                    range.toString());
            assertTrue(blocks <= 256, "one frame: " + range);
        }
    }

    /** A host that writes and reads back, and wants no error. */
    private static final class Load extends Thread {
        private final ConfigurationFiles files;
        private final AtomicBoolean over;
        private volatile String failure = "";
        private volatile int rounds;

        Load(ConfigurationFiles files, AtomicBoolean over) {
            this.files = files;
            this.over = over;
            setDaemon(true);
        }

        @Override
        public void run() {
            byte[] bytes = new byte[8 * ScsiHost.BLOCK_BYTES];
            try (ScsiHost host = host(files)) {
                for (int round = 0; !over.get(); round++) {
                    Arrays.fill(bytes, (byte) round);
                    int block = LOAD_BLOCK + (round % 1000) * 8;
                    boolean good = host.writeNow(block, bytes).status() == 0
                            && Arrays.equals(bytes, host.readNow(block, 8).data());
                    if (!good) {
                        failure = "round " + round;
                        return;
                    }
                    rounds = round;
                }
            } catch (IOException | RuntimeException broken) {
                failure = broken.toString();
            }
        }
    }

    private static ScsiHost host(ConfigurationFiles files) throws IOException {
        return new ScsiHost(files.port(), ConfigurationFiles.target("disk"), 0, SECTOR_BYTES, 1);
    }

    private static void write(ConfigurationFiles files, int block, byte[] bytes) throws IOException {
        int piece = ScsiHost.WRITE_BLOCKS_MAX * ScsiHost.BLOCK_BYTES;
        try (ScsiHost host = host(files)) {
            for (int from = 0; from < bytes.length; from += piece) {
                byte[] part = Arrays.copyOfRange(bytes, from, from + piece);
                assertEquals(
                        0,
                        host.writeNow(block + from / ScsiHost.BLOCK_BYTES, part).status());
            }
        }
    }

    private static List<Path> segments(ConfigurationFiles files) throws IOException {
        try (Stream<Path> all = Files.list(files.bucketDirectory().resolve("disk/segment"))) {
            return all.toList();
        }
    }

    private static List<Path> added(List<Path> before, List<Path> after) {
        return after.stream().filter(file -> !before.contains(file)).toList();
    }

    /** How many segments a region comes to depends on how fast the machine is: the middle of the largest is surely data. */
    private static Path largest(List<Path> segments) {
        return segments.stream()
                .max(Comparator.comparingLong(file -> file.toFile().length()))
                .orElseThrow();
    }

    private static void flipByte(Path object) throws IOException {
        byte[] bytes = Files.readAllBytes(object);
        bytes[bytes.length / 2] ^= 0x01;
        Files.write(object, bytes);
    }
}
