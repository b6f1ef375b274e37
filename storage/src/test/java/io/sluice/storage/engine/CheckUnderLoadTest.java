package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.inspection.CheckReport;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.SuppressForbidden;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway that writes, checkpoints and deletes between any two requests of a check or a restore: no false alarm. */
@SuppressForbidden("seeded generators")
final class CheckUnderLoadTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 1024;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .segmentSize(ByteSize.ofKiB(64))
            .maxAge(Duration.ofMillis(500))
            .checkpoint(Duration.ofSeconds(3), 3);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final byte[] newest = new byte[BLOCKS * BLOCK];
    private SimulatedGateway gateway = new SimulatedGateway(bucket, 1, SETTINGS);
    private Random random = new Random(1);
    private final List<Write> writes = new ArrayList<>();
    private int budget;

    private record Write(int block, byte[] data) {}

    private void write(int blocks) {
        int block = random.nextInt(BLOCKS - blocks);
        byte[] data = new byte[blocks * BLOCK];
        random.nextBytes(data);
        gateway.port().write((long) block * BLOCK, data);
        System.arraycopy(data, 0, newest, block * BLOCK, data.length);
        writes.add(new Write(block, data));
    }

    /** All writes up to some one, and none behind it. */
    private boolean isPointOfHistory(byte[] image) {
        byte[] state = new byte[image.length];
        boolean found = Arrays.equals(state, image);
        for (Write write : writes) {
            System.arraycopy(write.data(), 0, state, write.block() * BLOCK, write.data().length);
            found |= Arrays.equals(state, image);
        }
        return found;
    }

    /** The bucket, with the gateway doing something before every few requests, a bounded number of times. */
    private ObjectStore busyBucket() {
        return (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (budget > 0 && !method.getName().equals("describe") && random.nextInt(4) == 0) {
                        budget--;
                        write(1 + random.nextInt(24));
                        gateway.runtime().runFor(Duration.ofMillis(random.nextInt(3000)));
                    }
                    return method.invoke(bucket, arguments);
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void nothingIsFoundAndTheImageIsOnePointOfTheHistory(long seed) {
        random = new Random(seed);
        gateway = new SimulatedGateway(bucket, seed, SETTINGS);
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        for (int i = 0; i < 60; i++) {
            write(1 + random.nextInt(24));
        }
        gateway.runtime().runFor(Duration.ofSeconds(30));
        InspectedVolume busy = new InspectedVolume(busyBucket(), SETTINGS);
        long segmentsBefore = segments();
        for (int i = 0; i < 12; i++) {
            budget = 40;
            CheckReport report = busy.check();
            assertTrue(report.isClean(), () -> String.valueOf(report.findings()));
        }
        assertTrue(segments() != segmentsBefore, "the gateway did nothing");
        for (int i = 0; i < 8; i++) {
            budget = 60;
            assertTrue(isPointOfHistory(busy.image()), "a mixture of several states");
        }
        budget = 0;
        gateway.drain();
        assertArrayEquals(newest, busy.image());
    }

    private long segments() {
        return bucket.keys().stream()
                .filter(key -> key.contains("/segment/"))
                .mapToLong(key -> Long.parseLong(key.substring(key.length() - 16), 16))
                .max()
                .orElse(0);
    }
}
