package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.runtime.SuppressForbidden;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the flusher brought to the bucket is in the read cache afterwards. */
@SuppressForbidden("seeded generators")
final class FlushedFramesTest {
    private static final int MIB = 1 << 20;
    /** Their frames are many times what the cache's queue of copies takes. */
    private static final int SEGMENTS = 64;

    private final SimulatedGateway gateway = new SimulatedGateway(
            new MemoryObjectStore(),
            23,
            SimulatedSettings.plain()
                    .journal(ByteSize.ofMiB(512), ByteSize.ofMiB(16), Duration.ofSeconds(20))
                    .readCache(ByteSize.ofMiB(256), ByteSize.ofKiB(256))
                    .flush(new VolumeSettings.Flush(
                            Duration.ofMinutes(1),
                            ByteSize.ofMiB(256),
                            ByteSize.ofMiB(1),
                            SEGMENTS,
                            Duration.ofMinutes(1))));

    private static byte[] content(int mebibyte) {
        byte[] bytes = new byte[MIB];
        new Random(mebibyte).nextBytes(bytes);
        return bytes;
    }

    /** All uploads take a second, so all segments are committed at once, and the cache's disk is far slower than that. */
    @Test
    void nothingOfManySegmentsThatAreCommittedAtOnceIsAskedForAgain() {
        gateway.endpoint(store ->
                new SlowLink(store, gateway.runtime().lane("link"), Duration.ofSeconds(1), Long.MAX_VALUE / MIB));
        gateway.create(ByteSize.ofMiB(SEGMENTS));
        gateway.open();
        gateway.disk().observe((operation, name, position, length) -> {
            if (operation == SimulatedDisk.Operation.WRITE && name.endsWith("read-cache.slots")) {
                gateway.runtime().delayCurrent(Duration.ofMillis(20));
            }
        });
        for (int mebibyte = 0; mebibyte < SEGMENTS; mebibyte++) {
            gateway.port().write((long) mebibyte * MIB, content(mebibyte));
        }
        gateway.drain();
        gateway.requests().forget();
        for (int mebibyte = 0; mebibyte < SEGMENTS; mebibyte++) {
            assertArrayEquals(content(mebibyte), gateway.readAll((long) mebibyte * MIB, MIB));
        }
        assertEquals(0, gateway.requests().count(request -> request.operation() == ObjectOperation.GET_RANGE));
    }
}
