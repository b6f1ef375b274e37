package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.inspection.CheckReport;
import io.sluice.storage.inspection.DamagedBlocksException;
import io.sluice.storage.inspection.RestoreOptions;
import io.sluice.storage.inspection.RestoreReport;
import io.sluice.storage.inspection.SupersededViewException;
import io.sluice.storage.inspection.ViewedPoint;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SuppressForbidden;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An image is the volume at one point of its history, whatever a gateway does meanwhile. */
@SuppressForbidden("seeded generators")
final class ImageRestoreTest {
    private static final int BLOCK = 4096;
    private static final int SIZE_MIB = 48;
    private static final int SIZE = SIZE_MIB << 20;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .segmentSize(ByteSize.ofKiB(256))
            .maxAge(Duration.ofHours(1))
            .checkpoint(Duration.ofHours(1), 4);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 5, SETTINGS);
    private final InspectedVolume inspected = new InspectedVolume(bucket, SETTINGS);
    private final byte[] expected = new byte[SIZE];
    private final Random random = new Random(11);

    private void openVolume() {
        gateway.create(ByteSize.ofMiB(SIZE_MIB));
        gateway.open();
    }

    private void write(long block, int blocks) {
        byte[] data = new byte[blocks * BLOCK];
        random.nextBytes(data);
        gateway.port().write(block * BLOCK, data);
        System.arraycopy(data, 0, expected, (int) block * BLOCK, data.length);
    }

    /** Writes, unmaps, fills and copies all over the volume. */
    private void changeMuch(int steps) {
        for (int i = 0; i < steps; i++) {
            int block = random.nextInt(SIZE / BLOCK - 64);
            switch (random.nextInt(6)) {
                case 0 -> {
                    gateway.port().unmap((long) block * BLOCK, 40 * BLOCK);
                    Arrays.fill(expected, block * BLOCK, (block + 40) * BLOCK, (byte) 0);
                }
                case 1 -> {
                    byte[] pattern = new byte[BLOCK];
                    random.nextBytes(pattern);
                    gateway.port().fillPattern((long) block * BLOCK, 30 * BLOCK, pattern);
                    for (int at = block; at < block + 30; at++) {
                        System.arraycopy(pattern, 0, expected, at * BLOCK, BLOCK);
                    }
                }
                case 2 -> {
                    int to = random.nextInt(SIZE / BLOCK - 64);
                    gateway.drain();
                    gateway.port().copy((long) block * BLOCK, (long) to * BLOCK, 20 * BLOCK);
                    byte[] source = Arrays.copyOfRange(expected, block * BLOCK, (block + 20) * BLOCK);
                    System.arraycopy(source, 0, expected, to * BLOCK, source.length);
                }
                default -> write(block, 1 + random.nextInt(16));
            }
        }
        gateway.drain();
    }

    private void expectClean() {
        CheckReport report = inspected.check();
        assertEquals(List.of(), report.findings());
    }

    @Test
    void theImageIsTheVolumeWhileTheGatewayHasItOpenAndAfterItIsGone() {
        openVolume();
        changeMuch(60);
        assertArrayEquals(expected, inspected.image());
        expectClean();
        gateway.runtime().runFor(Duration.ofHours(2));
        changeMuch(60);
        assertArrayEquals(expected, inspected.image());
        expectClean();
        gateway.loseDisk();
        MemoryImage stream = new MemoryImage(false);
        RestoreReport report = inspected.restore(stream, RestoreOptions.DEFAULT);
        assertArrayEquals(expected, stream.bytes());
        assertTrue(stream.isFinished());
        assertFalse(report.manifest().clean());
        assertTrue(report.newestWriteMillis() > 0);
        expectClean();
    }

    @Test
    void whatIsOnlyInTheJournalIsNotInTheImage() {
        openVolume();
        write(0, 8);
        gateway.drain();
        byte[] before = expected.clone();
        write(4, 8);
        assertArrayEquals(before, inspected.image());
    }

    /** A gateway that replaces everything while the image is made: its clean-up takes objects of the view away. */
    private void replaceEverything() {
        for (int round = 0; round < 3; round++) {
            for (int block = 0; block < 4096 * 2; block += 256) {
                write(block, 16);
            }
            gateway.drain();
            gateway.runtime().runFor(Duration.ofHours(2));
        }
    }

    @Test
    void aFileIsBroughtUpToTheNewestStateWhenTheGatewayGoesOn() {
        openVolume();
        replaceEverything();
        MemoryImage image = new MemoryImage(true);
        int[] calls = new int[1];
        image.atSection(() -> {
            if (++calls[0] == 2) {
                replaceEverything();
            }
        });
        RestoreReport report = inspected.restore(image, RestoreOptions.DEFAULT);
        assertTrue(report.passes() > 1, "objects of the first view were removed");
        assertArrayEquals(expected, image.bytes());
        assertTrue(image.isFinished());
    }

    @Test
    void aStreamTellsThatTheGatewayHasGoneOn() {
        openVolume();
        replaceEverything();
        MemoryImage image = new MemoryImage(false);
        int[] calls = new int[1];
        image.atSection(() -> {
            if (++calls[0] == 2) {
                replaceEverything();
            }
        });
        assertInstanceOf(SupersededViewException.class, inspected.restoreFailure(image, RestoreOptions.DEFAULT));
        assertFalse(image.isFinished());
    }

    @Test
    void aRestoreThatWasInterruptedReadsOnlyTheRest() {
        openVolume();
        changeMuch(80);
        MemoryImage image = new MemoryImage(true, 2);
        Throwable full = inspected.restoreFailure(image, RestoreOptions.DEFAULT);
        assertInstanceOf(IOException.class, full);
        image.makeSpace();
        changeMuch(3);
        RestoreReport report = inspected.restore(image, RestoreOptions.DEFAULT);
        assertArrayEquals(expected, image.bytes());
        assertTrue(report.bytesThere() > 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void damageStopsItOrIsLeftAsZerosAndListed(boolean missing) {
        openVolume();
        write(0, 64);
        gateway.drain();
        write(200, 64);
        assertTrue(gateway.close().drained());
        List<String> data = bucket.keys().stream()
                .filter(key ->
                        key.contains("/segment/") && Objects.requireNonNull(bucket.bytes(key)).length > 64 * BLOCK)
                .toList();
        String key = data.get(1);
        if (missing) {
            bucket.remove(key);
        } else {
            bucket.corrupt(key, Objects.requireNonNull(bucket.bytes(key)).length / 4, 1);
        }
        int lost = missing ? 64 : 32;
        DamagedBlocksException told = assertInstanceOf(
                DamagedBlocksException.class, inspected.restoreFailure(new MemoryImage(true), RestoreOptions.DEFAULT));
        assertTrue(
                String.valueOf(told.getMessage()).contains("LBA 1600 to " + (1600 + lost * 8 - 1)), told.getMessage());
        assertTrue(String.valueOf(told.getMessage()).contains(key), told.getMessage());
        MemoryImage image = new MemoryImage(true);
        RestoreReport report = inspected.restore(image, new RestoreOptions(ViewedPoint.NEWEST, true, 4, 1 << 20));
        assertEquals(1, report.damaged().size());
        assertEquals(200, report.damaged().get(0).firstBlock());
        assertEquals(lost, report.damaged().get(0).count());
        Arrays.fill(expected, 200 * BLOCK, (200 + lost) * BLOCK, (byte) 0);
        assertArrayEquals(expected, image.bytes());
    }

    @Test
    void anOlderManifestGivesTheStateOfItsCheckpoint() {
        openVolume();
        write(0, 64);
        assertTrue(gateway.close().drained());
        long manifest = bucket.keys().stream()
                .filter(key -> key.contains("/manifest/"))
                .mapToLong(key -> Long.parseLong(key.substring(key.length() - 16), 16))
                .max()
                .orElseThrow();
        byte[] before = expected.clone();
        gateway.open();
        write(32, 64);
        gateway.drain();
        gateway.loseDisk();
        MemoryImage image = new MemoryImage(true);
        RestoreReport unused = inspected.restore(
                image, new RestoreOptions(new ViewedPoint(OptionalLong.of(manifest), true), false, 4, 0));
        assertArrayEquals(before, image.bytes());
    }
}
