package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.volume.IoFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A little index for a large volume. */
final class IndexBoundTest {
    private static final int BLOCK = 4096;
    private static final long LEAF_BYTES = 64L * BLOCK;

    private final MemoryObjectStore bucket = new MemoryObjectStore();

    @Test
    void writersOfMoreLeavesThanFitWaitForTheFlusherAndNoneFails() {
        SimulatedGateway gateway = new SimulatedGateway(
                bucket,
                21,
                SimulatedSettings.plain().indexMemory(ByteSize.ofKiB(32)).maxAge(Duration.ofHours(1)));
        gateway.create(ByteSize.ofMiB(1024));
        gateway.open();
        List<SimulatedPort> ports = List.of(gateway.port(), gateway.openPort(), gateway.openPort());
        List<CompletableFuture<Optional<IoFailure>>> writes = new ArrayList<>();
        int leaves = 900;
        for (int i = 0; i < leaves; i++) {
            byte[] data = new byte[BLOCK];
            Arrays.fill(data, (byte) (1 + i % 100));
            writes.add(ports.get(i % 3).beginWrite(i * LEAF_BYTES, data, false));
        }
        gateway.runtime().runFor(Duration.ofSeconds(15));
        writes.forEach(write -> assertTrue(write.isDone() && write.join().isEmpty(), write::toString));
        for (int i = 0; i < leaves; i++) {
            assertTrue(gateway.port().holds(i * LEAF_BYTES, BLOCK, 1 + i % 100), "leaf " + i);
        }
        assertTrue(gateway.close().drained());
    }

    @Test
    void unmappingAWholeVolumeOf16TiBIsInstant() {
        SimulatedGateway gateway =
                new SimulatedGateway(bucket, 22, SimulatedSettings.plain().maxAge(Duration.ofMinutes(1)));
        long size = 16L << 40;
        gateway.create(new ByteSize(size));
        gateway.open();
        for (int i = 0; i < 20; i++) {
            gateway.port().fill(i * (size / 20) & -BLOCK, BLOCK, 1 + i);
        }
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(30));
        gateway.requests().forget();
        CompletableFuture<Optional<IoFailure>> unmap = gateway.begin((port, done) -> port.unmap(0, size, false, done));
        int steps = 0;
        while (!unmap.isDone()) {
            gateway.runtime().step();
            steps++;
        }
        assertTrue(steps < 20, steps + " steps");
        assertEquals(Optional.empty(), unmap.join());
        for (int i = 0; i < 20; i++) {
            assertTrue(gateway.port().holds(i * (size / 20) & -BLOCK, BLOCK, 0));
        }
        assertEquals(Map.of(), gateway.requests().kinds());
        gateway.drain();
        assertEquals(Map.of("putIfAbsent segment FLUSH", 1), gateway.requests().kinds());
        gateway.loseDisk();
        gateway.open();
        for (int i = 0; i < 20; i++) {
            assertTrue(gateway.port().holds(i * (size / 20) & -BLOCK, BLOCK, 0));
        }
    }
}
