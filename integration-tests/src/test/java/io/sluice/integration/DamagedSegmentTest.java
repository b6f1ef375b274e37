package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * One wrong byte in the bucket: the blocks it belongs to give MEDIUM ERROR, never other content; all others read fine, the
 * LUN and the one beside it stay up, the log names the object, and writing the blocks anew heals them.
 */
final class DamagedSegmentTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int UNRECOVERED_READ_ERROR = 0x031100;
    private static final int REGION_BLOCKS = 256;
    private static final int REGIONS = 3;
    private static final int DAMAGED_REGION = 1;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void onlyTheBlocksOfADamagedFrameAreLost() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .defaults("journal { capacity = 32 MiB, file-size = 4 MiB }", "read-cache.capacity = 16 MiB")
                .defaults("flush.max-age = 100 ms")
                .lun("damaged", "size = 64 MiB")
                .lun("other", "size = 64 MiB");
        byte[][] regions = new byte[REGIONS][REGION_BLOCKS * ScsiHost.BLOCK_BYTES];
        List<Path> objects = new ArrayList<>();
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            Random random = new Random(4711);
            for (int region = 0; region < REGIONS; region++) {
                random.nextBytes(regions[region]);
                write(files, "damaged", region * REGION_BLOCKS, regions[region]);
                LunStatus.awaitDrained(server, "damaged", LIMIT);
                objects.add(largestSegment(files, objects));
            }
            write(files, "other", 0, regions[0]);
            assertEquals(0, server.stop(), server.log());
        }
        Path damaged = objects.get(DAMAGED_REGION);
        flipByte(damaged);
        delete(files.cacheDirectory("damaged"));
        try (SluiceProcess server = SluiceProcess.start(files)) {
            int lost = readAround(files, regions);
            assertTrue(lost > 0 && lost < REGION_BLOCKS, lost + " blocks are lost");
            assertTrue(server.log().contains("damaged/segment/" + damaged.getFileName()), server.log());
            write(files, "damaged", DAMAGED_REGION * REGION_BLOCKS, regions[DAMAGED_REGION]);
            assertEquals(0, readAround(files, regions));
            assertArrayEquals(regions[0], read(files, "other", 0));
            assertEquals(0, server.stop(), server.log());
        }
    }

    /** Everything must be as it was written or a medium error in the damaged region; returns the number of these. */
    private static int readAround(ConfigurationFiles files, byte[][] regions) throws IOException {
        int lost = 0;
        try (ScsiHost host = host(files, "damaged")) {
            for (int block = 0; block < REGIONS * REGION_BLOCKS; block++) {
                ScsiHost.Completion read = host.readNow(block, 1);
                int region = block / REGION_BLOCKS;
                if (read.status() == 0) {
                    int from = (block % REGION_BLOCKS) * ScsiHost.BLOCK_BYTES;
                    assertArrayEquals(
                            Arrays.copyOfRange(regions[region], from, from + ScsiHost.BLOCK_BYTES),
                            read.data(),
                            "block " + block);
                } else {
                    assertEquals(DAMAGED_REGION, region, "block " + block);
                    assertEquals(ScsiHost.CHECK_CONDITION, read.status(), "block " + block);
                    assertEquals(UNRECOVERED_READ_ERROR, read.senseCode(), "block " + block);
                    lost++;
                }
            }
        }
        return lost;
    }

    private static ScsiHost host(ConfigurationFiles files, String volume) throws IOException {
        return new ScsiHost(files.port(), ConfigurationFiles.target(volume), 0, 512, 1);
    }

    private static void write(ConfigurationFiles files, String volume, int block, byte[] bytes) throws IOException {
        int piece = ScsiHost.WRITE_BLOCKS_MAX * ScsiHost.BLOCK_BYTES;
        try (ScsiHost host = host(files, volume)) {
            for (int from = 0; from < bytes.length; from += piece) {
                byte[] part = Arrays.copyOfRange(bytes, from, from + piece);
                assertEquals(
                        0,
                        host.writeNow(block + from / ScsiHost.BLOCK_BYTES, part).status());
            }
        }
    }

    private static byte[] read(ConfigurationFiles files, String volume, int block) throws IOException {
        try (ScsiHost host = host(files, volume)) {
            ScsiHost.Completion read = host.readNow(block, REGION_BLOCKS);
            assertEquals(0, read.status());
            return read.data();
        }
    }

    private static Path largestSegment(ConfigurationFiles files, List<Path> except) throws IOException {
        try (Stream<Path> all = Files.list(files.bucketDirectory().resolve("damaged/segment"))) {
            return all.filter(file -> !except.contains(file))
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private static void flipByte(Path object) throws IOException {
        byte[] bytes = Files.readAllBytes(object);
        bytes[bytes.length / 2] ^= 0x01;
        Files.write(object, bytes);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
