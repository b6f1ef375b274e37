package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.runtime.SuppressForbidden;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a volume asks of its bucket: the bill as an assertion. */
@SuppressForbidden("seeded generators")
final class RequestBillTest {
    private static final int BLOCK = 4096;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(
            bucket,
            11,
            SimulatedSettings.plain().segmentSize(ByteSize.ofKiB(256)).maxAge(Duration.ofMinutes(10)));

    private void openVolume(ByteSize size) {
        gateway.create(size);
        gateway.open();
    }

    private List<String> segments() {
        return bucket.keys().stream().filter(key -> key.contains("/segment/")).toList();
    }

    @Test
    void anIdleVolumeMakesNoRequests() {
        openVolume(ByteSize.ofMiB(4));
        gateway.port().fill(0, BLOCK, 1);
        gateway.runtime().runFor(Duration.ofMinutes(15));
        assertTrue(gateway.port().holds(1 << 20, 1 << 20, 0));
        gateway.requests().forget();
        gateway.runtime().runFor(Duration.ofDays(2));
        assertEquals(Map.of(), gateway.requests().kinds());
        assertTrue(gateway.port().holds(0, BLOCK, 1));
        assertTrue(gateway.port().holds(1 << 20, 1 << 20, 0));
        assertTrue(gateway.port().flush().isEmpty());
        assertEquals(Map.of(), gateway.requests().kinds(), "neither do cached reads, unmapped reads and flushes");
    }

    @Test
    void aSmallSessionCostsExactlyTheseRequests() {
        gateway.create(ByteSize.ofMiB(4));
        assertEquals(
                Map.of(
                        "list manifest ADMIN", 2,
                        "list segment ADMIN", 1,
                        "list checkpoint ADMIN", 1,
                        "list identity ADMIN", 1,
                        "putIfAbsent probe ADMIN", 2,
                        "getRange probe ADMIN", 1,
                        "list probe ADMIN", 1,
                        "delete probe ADMIN", 1,
                        "putIfAbsent manifest ADMIN", 1,
                        "put identity ADMIN", 1),
                gateway.requests().kinds());
        gateway.open();
        assertEquals(
                Map.ofEntries(
                        Map.entry("list manifest RECOVERY", 2),
                        Map.entry("get manifest RECOVERY", 1),
                        Map.entry("putIfAbsent probe ADMIN", 2),
                        Map.entry("getRange probe ADMIN", 1),
                        Map.entry("list probe ADMIN", 1),
                        Map.entry("delete probe ADMIN", 1),
                        Map.entry("putIfAbsent manifest RECOVERY", 1),
                        Map.entry("list segment RECOVERY", 1),
                        Map.entry("list identity RECOVERY", 1),
                        Map.entry("get identity RECOVERY", 1),
                        Map.entry("putIfAbsent segment RECOVERY", 1)),
                gateway.requests().kinds());
        gateway.requests().forget();
        for (int i = 0; i < 16; i++) {
            gateway.port().fill((long) (i % 4) * BLOCK, BLOCK, i);
        }
        gateway.port().unmap(1 << 20, 1 << 20);
        assertTrue(gateway.port().flush().isEmpty());
        assertEquals(Map.of(), gateway.requests().kinds());
        gateway.drain();
        assertEquals(Map.of("putIfAbsent segment FLUSH", 1), gateway.requests().kinds());
        gateway.requests().forget();
        gateway.close();
        assertEquals(
                Map.of(
                        "putIfAbsent checkpoint CHECKPOINT", 1,
                        "list segment CHECKPOINT", 1,
                        "head manifest MANIFEST", 2,
                        "putIfAbsent manifest MANIFEST", 2,
                        "list manifest MANIFEST", 2),
                gateway.requests().kinds());
    }

    @Test
    void smallRandomWritesShareSegments() {
        openVolume(ByteSize.ofMiB(64));
        gateway.requests().forget();
        Random random = new Random(7);
        int blocks = 1024;
        byte[] data = new byte[BLOCK];
        for (int i = 0; i < blocks; i++) {
            random.nextBytes(data);
            gateway.port().write((long) random.nextInt(16384) * BLOCK, data);
        }
        gateway.drain();
        long puts = gateway.requests()
                .count(request -> request.isPut() && request.subject().contains("/segment/"));
        assertTrue(puts >= blocks / 64 - 1 && puts <= blocks / 64 + 4, puts + " segments for " + blocks + " blocks");
        long others = gateway.requests().requests().size() - puts;
        assertTrue(
                others <= 2 * puts,
                others + " other requests: " + gateway.requests().kinds());
    }

    @Test
    void zerosAndUnmappedBlocksAreNotStored() {
        openVolume(ByteSize.ofMiB(4));
        gateway.port().fill(0, 512 << 10, 0);
        gateway.port().unmap(1 << 20, 2 << 20);
        gateway.drain();
        int stored =
                Objects.requireNonNull(bucket.bytes(segments().get(segments().size() - 1))).length;
        assertTrue(stored < BLOCK, stored + " bytes for nothing");
        gateway.requests().forget();
        assertTrue(gateway.port().holds(0, 4 << 20, 0));
        assertEquals(0, gateway.requests().count(request -> request.operation() == ObjectOperation.GET_RANGE));
    }

    @Test
    void segmentsOfWhatWasUnmappedAreDeletedAfterTwoCheckpoints() {
        openVolume(ByteSize.ofMiB(4));
        byte[] data = new byte[1 << 20];
        new Random(1).nextBytes(data);
        gateway.port().write(0, data);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(30));
        List<String> full = segments().stream()
                .filter(key -> Objects.requireNonNull(bucket.bytes(key)).length > BLOCK)
                .toList();
        assertFalse(full.isEmpty());
        gateway.port().unmap(0, 1 << 20);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(30));
        assertTrue(segments().containsAll(full), "the checkpoint before still reaches them");
        gateway.port().fill(2 << 20, BLOCK, 1);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(30));
        assertTrue(segments().stream().noneMatch(full::contains), () -> segments() + " holds of " + full);
        gateway.loseDisk();
        gateway.open();
        assertTrue(gateway.port().holds(0, 2 << 20, 0));
        assertTrue(gateway.port().holds(2 << 20, BLOCK, 1));
    }

    @Test
    void aRestartOfAnIdleVolumeLeavesOnlyItsFenceBehind() throws java.io.IOException {
        openVolume(ByteSize.ofMiB(4));
        gateway.port().fill(0, BLOCK, 1);
        gateway.close();
        int others = 0;
        int restarts = 12;
        for (int i = 0; i < restarts; i++) {
            gateway.reopenDisk();
            gateway.open();
            gateway.close();
            if (i == 3) {
                others = bucket.keys().size() - segments().size();
            }
        }
        // A fence stays: it keeps a gateway out that slept since, and whose next segment has its number.
        assertEquals(restarts + 2, segments().size());
        assertTrue(
                bucket.keys().size() - segments().size() <= others,
                bucket.keys().toString());
        gateway.deleteCache();
        gateway.open();
        assertTrue(gateway.port().holds(0, BLOCK, 1));
    }
}
