package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SuppressForbidden;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The collector at work: bounds of space and of requests, what it costs, what it leaves alone. */
@SuppressForbidden("seeded generators")
final class CollectionTest {
    private static final int BLOCK = 4096;
    private static final int SEGMENT = 64 << 10;
    private static final double BOUND = 1.3;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final Random random = new Random(5);
    private SimulatedGateway gateway = gateway(SimulatedSettings.plain());

    private SimulatedGateway gateway(SimulatedSettings settings) {
        return new SimulatedGateway(
                bucket,
                31,
                settings.segmentSize(new ByteSize(SEGMENT))
                        .maxAge(Duration.ofSeconds(1))
                        .checkpoint(Duration.ofSeconds(10), 8)
                        .collector(
                                new VolumeSettings.Collector(BOUND, ByteSize.ofMiB(32), 1000, Duration.ofMillis(200))));
    }

    private long bytes(String kind) {
        return bucket.keys().stream()
                .filter(key -> key.contains("/" + kind + "/"))
                .mapToLong(key -> Objects.requireNonNull(bucket.bytes(key)).length)
                .sum();
    }

    private byte[] randomBlock(long stamp) {
        byte[] block = new byte[BLOCK];
        new Random(stamp).nextBytes(block);
        return block;
    }

    @Test
    void aSustainedRandomOverwriteOfAFullVolumeStaysWithinTheBound() {
        int blocks = 2048;
        gateway.create(new ByteSize((long) blocks * BLOCK));
        gateway.open();
        long[] stamps = new long[blocks];
        for (int i = 0; i < blocks; i++) {
            stamps[i] = i + 1L;
            gateway.port().write((long) i * BLOCK, randomBlock(stamps[i]));
        }
        gateway.drain();
        long full = bytes("segment");
        long most = 0;
        for (int i = 0; i < 5 * blocks; i++) {
            int block = random.nextInt(blocks);
            stamps[block] = 10_000_000L + i;
            gateway.port().write((long) block * BLOCK, randomBlock(stamps[block]));
            gateway.runtime().runFor(Duration.ofMillis(5));
            most = Math.max(most, bytes("segment") + bytes("checkpoint"));
        }
        System.out.println("full " + full + " most " + most + " = " + (double) most / full + " now segments "
                + bytes("segment") + " checkpoints " + bytes("checkpoint") + " "
                + gateway.requests().kinds());
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(2));
        System.out.println("idle segments " + bytes("segment") + " checkpoints " + bytes("checkpoint") + " "
                + gateway.requests().kinds());
        for (int i = 0; i < blocks; i++) {
            assertTrue(
                    java.util.Arrays.equals(
                            randomBlock(stamps[i]), gateway.port().read((long) i * BLOCK, BLOCK)),
                    "block " + i);
        }
        assertTrue(most < 2 * full);
        gateway.loseDisk();
        gateway.open();
        for (int i = 0; i < blocks; i++) {
            assertTrue(
                    java.util.Arrays.equals(
                            randomBlock(stamps[i]), gateway.port().read((long) i * BLOCK, BLOCK)),
                    "block " + i);
        }
        assertEquals(0, 0);
    }
}
