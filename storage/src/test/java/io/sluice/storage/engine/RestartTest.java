package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is there after a restart, a power loss, a lost disk, and what finding it costs. */
final class RestartTest {
    private static final int BLOCK = 4096;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .segmentSize(ByteSize.ofKiB(256))
            .maxAge(Duration.ofHours(1))
            .readCache(ByteSize.ofMiB(8), ByteSize.ofKiB(0));

    private final MemoryObjectStore bucket = new MemoryObjectStore();

    private SimulatedGateway closedVolume(SimulatedGateway gateway) throws IOException {
        gateway.create(ByteSize.ofMiB(64));
        gateway.open();
        for (int i = 0; i < 64; i++) {
            gateway.port().fill((long) i << 20, 4 * BLOCK, i + 1);
        }
        assertTrue(gateway.close().drained());
        gateway.reopenDisk();
        return gateway;
    }

    @Test
    void afterACleanStopIndexAndCacheAreUsedAgain(@TempDir Path directory) throws IOException {
        SimulatedGateway gateway = new SimulatedGateway(bucket, 41, SETTINGS);
        gateway.indexFile(directory.resolve("leaves"));
        closedVolume(gateway);
        gateway.open();
        assertTrue(gateway.opened().report().wasClean());
        assertEquals(0, gateway.opened().report().segmentsReplayed());
        assertEquals(0, gateway.opened().report().journalBlocksReplayed());
        assertEquals(
                0,
                gateway.opened().report().notes().stream()
                        .filter(note -> !note.contains("NOT encrypted"))
                        .count());
        gateway.requests().forget();
        for (int i = 0; i < 64; i++) {
            assertTrue(gateway.port().holds((long) i << 20, 4 * BLOCK, i + 1), "piece " + i);
        }
        assertEquals(Map.of(), gateway.requests().kinds());
        gateway.close();
    }

    @Test
    void anIndexThatWasInUseAtACrashIsNotUsedAgain(@TempDir Path directory) throws IOException {
        SimulatedGateway gateway = new SimulatedGateway(bucket, 42, SETTINGS);
        gateway.indexFile(directory.resolve("leaves"));
        closedVolume(gateway);
        gateway.open();
        gateway.port().fill(0, BLOCK, 99);
        gateway.crashProcess();
        gateway.indexFile(directory.resolve("leaves-2"));
        gateway.open();
        assertEquals(1, gateway.opened().report().journalBlocksReplayed());
        assertTrue(gateway.port().holds(0, BLOCK, 99));
        assertTrue(gateway.port().holds(BLOCK, 3 * BLOCK, 1));
        gateway.close();
    }

    @Test
    void withoutTheCacheOnlyWhatIsNeededIsRead() throws IOException {
        SimulatedGateway gateway = closedVolume(new SimulatedGateway(bucket, 43, SETTINGS));
        gateway.deleteCache();
        gateway.open();
        assertEquals(0, gateway.opened().report().segmentsReplayed());
        gateway.requests().forget();
        assertTrue(gateway.port().holds(5 << 20, 4 * BLOCK, 6));
        long frames = gateway.requests()
                .count(request ->
                        request.subject().contains("/segment/") && request.operation() == ObjectOperation.GET_RANGE);
        assertEquals(1, frames);
        assertTrue(
                gateway.requests().requests().size() <= 5,
                () -> gateway.requests().kinds().toString());
        gateway.requests().forget();
        assertTrue(gateway.port().holds(5 << 20, 4 * BLOCK, 6));
        assertEquals(Map.of(), gateway.requests().kinds());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whatWasFlushedOrWrittenDurablyOutlivesAPowerLoss(long seed) throws IOException {
        SimulatedGateway gateway = new SimulatedGateway(bucket, seed, SETTINGS);
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        SimulatedPort durable = gateway.openPort();
        SimulatedPort flushed = gateway.openPort();
        SimulatedPort neither = gateway.openPort();
        byte[] data = new byte[BLOCK];
        java.util.Arrays.fill(data, (byte) 1);
        for (int i = 0; i < 10; i++) {
            var unused = neither.beginWrite((200L + i) * BLOCK, data, false);
            CompletableFuture<Optional<IoFailure>> write = durable.beginWrite((long) i * BLOCK, data, true);
            flushed.write((100L + i) * BLOCK, data);
            assertTrue(flushed.flush().isEmpty());
            assertTrue(gateway.runtime().await(write).isEmpty());
        }
        var unused = neither.beginWrite(300L * BLOCK, data, false);
        gateway.crashMachine();
        gateway.open();
        assertTrue(gateway.port().holds(0, 10 * BLOCK, 1), "seed " + seed);
        assertTrue(gateway.port().holds(100L * BLOCK, 10 * BLOCK, 1), "seed " + seed);
    }

    @Test
    void withDurabilityS3AFlushWaitsForTheSegmentThenGetsBusyAndOutlivesTheDisk() {
        SimulatedGateway gateway = new SimulatedGateway(bucket, 44, SETTINGS.durability(VolumeSettings.Durability.S3));
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        SimulatedPort other = gateway.openPort();
        gateway.port().fill(0, BLOCK, 1);
        gateway.faults().setOutage(true);
        CompletableFuture<Optional<IoFailure>> flush = gateway.port().begin(VolumePort::flush);
        CompletableFuture<Optional<IoFailure>> write = other.beginWrite(BLOCK, new byte[BLOCK], true);
        gateway.runtime().runFor(Duration.ofSeconds(19));
        assertTrue(!flush.isDone() && !write.isDone(), "the bucket has nothing yet");
        gateway.runtime().runFor(Duration.ofSeconds(2));
        assertEquals(
                IoFailure.Kind.BUSY,
                gateway.runtime().await(flush).orElseThrow().kind());
        assertEquals(
                IoFailure.Kind.BUSY,
                gateway.runtime().await(write).orElseThrow().kind());
        CompletableFuture<Optional<IoFailure>> again = gateway.port().begin(VolumePort::flush);
        gateway.runtime().runFor(Duration.ofSeconds(1));
        gateway.faults().setOutage(false);
        assertEquals(Optional.empty(), gateway.runtime().await(again));
        gateway.loseDisk();
        gateway.open();
        assertTrue(gateway.port().holds(0, BLOCK, 1));
        assertTrue(gateway.opened().report().notes().stream()
                .anyMatch(note -> note.contains("used another cache directory")));
    }
}
