package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What opening costs, counted: bytes read from the disk, requests and bytes from the bucket. */
final class RestartCostTest {
    private static final int PIECE = 256 << 10;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .journal(ByteSize.ofMiB(8), ByteSize.ofMiB(1), Duration.ofSeconds(20))
            .segmentSize(ByteSize.ofKiB(256))
            .maxAge(Duration.ofHours(1))
            .readCache(ByteSize.ofMiB(16), ByteSize.ofKiB(0))
            .checkpoint(Duration.ofHours(10), 1000);

    private static final class Opened {
        private final Map<String, Integer> requests;
        private final long bytesDownloaded;
        private final Map<String, Long> bytesRead;

        Opened(SimulatedGateway gateway) {
            requests = new TreeMap<>(gateway.requests().kinds());
            bytesDownloaded = gateway.opened().volume().status().bytesDownloaded();
            bytesRead = gateway.disk().bytesRead();
        }

        long bytesRead(String prefix) {
            return bytesRead.entrySet().stream()
                    .filter(file -> file.getKey().startsWith(prefix))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }
    }

    private static void writePieces(SimulatedGateway gateway, int first, int count) {
        for (int i = first; i < first + count; i++) {
            byte[] data = new byte[PIECE];
            new java.util.Random(i).nextBytes(data);
            gateway.port().write((long) i * PIECE, data);
        }
    }

    @Test
    void aCleanRestartReadsNoJournalDataAndLittleElse(@TempDir Path directory) throws IOException {
        Opened small = cleanRestart(directory.resolve("small"), 4);
        Opened large = cleanRestart(directory.resolve("large"), 60);
        assertEquals(0, large.bytesRead("journal-"), large.bytesRead.toString());
        assertEquals(small.bytesRead("journal"), large.bytesRead("journal"));
        assertEquals(small.requests, large.requests);
        assertEquals(4096, large.bytesRead("read-cache.slots"), "the header of the file, no slot");
        assertTrue(large.bytesRead("") < 16 << 10, large.bytesRead.toString());
    }

    private static Opened cleanRestart(Path index, int pieces) throws IOException {
        SimulatedGateway gateway = new SimulatedGateway(new MemoryObjectStore(), 3, SETTINGS);
        gateway.indexFile(index);
        gateway.create(ByteSize.ofMiB(64));
        gateway.open();
        writePieces(gateway, 0, pieces);
        assertTrue(gateway.close().drained());
        gateway.reopenDisk();
        gateway.disk().forgetReads();
        gateway.open();
        Opened opened = new Opened(gateway);
        gateway.runtime().runReady(); // the collector takes over what the last gateway left
        gateway.requests().forget();
        assertTrue(gateway.port().tryRead(0, pieces * PIECE).isEmpty());
        assertEquals(Map.of(), gateway.requests().kinds(), "index and cache are warm");
        gateway.close();
        return opened;
    }

    @Test
    void openingFromTheBucketAloneCostsTheSameWhateverTheSizeOfTheVolumeAndItsHistory() {
        Opened least = fromTheBucketAlone(ByteSize.ofGiB(1), 10);
        for (ByteSize size : new ByteSize[] {ByteSize.ofGiB(1), ByteSize.ofGiB(64), ByteSize.ofGiB(4096)}) {
            Opened opened = fromTheBucketAlone(size, 60);
            assertEquals(least.requests, opened.requests, size.toString());
            assertTrue(
                    Math.abs(opened.bytesDownloaded - least.bytesDownloaded) < 1024,
                    size + ": " + opened.bytesDownloaded + " bytes, not " + least.bytesDownloaded);
        }
    }

    /** {@code oldPieces} before the checkpoint, always 20 behind it; then the disk is lost. */
    private static Opened fromTheBucketAlone(ByteSize size, int oldPieces) {
        SimulatedGateway gateway = new SimulatedGateway(new MemoryObjectStore(), 4, SETTINGS);
        gateway.create(size);
        gateway.open();
        for (int i = 0; i < oldPieces; i += 10) {
            writePieces(gateway, i, 10);
            gateway.drain();
        }
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        gateway.open();
        writePieces(gateway, 30, 20);
        gateway.drain();
        assertTrue(gateway.opened().volume().status().lastCommittedSegment() >= oldPieces + 20);
        gateway.loseDisk();
        gateway.open();
        assertEquals(20 + 1, gateway.opened().report().segmentsReplayed());
        return new Opened(gateway);
    }
}
