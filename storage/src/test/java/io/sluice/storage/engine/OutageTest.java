package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.volume.CloseReport;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The bucket, or the local disk, goes away under load. */
final class OutageTest {
    private static final int BLOCK = 4096;
    private static final int PIECE = 64 << 10;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 5, SimulatedSettings.plain());

    private void openVolume() {
        gateway.create(ByteSize.ofMiB(16));
        gateway.open();
    }

    /** Writes until the journal is full; how many pieces were acknowledged, however slowly. */
    private int fillJournal() {
        int written = 0;
        while (true) {
            byte[] data = new byte[PIECE];
            java.util.Arrays.fill(data, (byte) (1 + written));
            CompletableFuture<Optional<IoFailure>> write =
                    gateway.port().beginWrite((long) written * PIECE, data, false);
            Optional<IoFailure> result = gateway.runtime().await(write);
            if (result.isPresent()) {
                assertEquals(IoFailure.Kind.BUSY, result.get().kind());
                return written;
            }
            written++;
        }
    }

    @Test
    void writesGoOnUntilTheJournalIsFullThenWaitThenGetBusyAndAllIsDrainedAfterwards() throws IOException {
        openVolume();
        gateway.faults().setOutage(true);
        int written = fillJournal();
        assertTrue(
                written * PIECE >= 512 << 10,
                "the journal holds 1 MiB in files of 128 KiB, but only " + written + " pieces were taken");
        gateway.runtime().runFor(Duration.ofHours(10));
        assertEquals("degraded", gateway.opened().volume().status().state());
        assertTrue(gateway.opened().volume().status().dirtyAgeMillis()
                >= Duration.ofHours(10).toMillis());
        assertEquals((long) written * PIECE, gateway.opened().volume().status().dirtyBytes());
        for (int i = 0; i < written; i++) {
            assertTrue(gateway.port().holds((long) i * PIECE, PIECE, 1 + i), "piece " + i);
        }
        gateway.faults().setOutage(false);
        gateway.runtime().runFor(Duration.ofMinutes(2));
        assertEquals("open", gateway.opened().volume().status().state());
        assertEquals(0, gateway.opened().volume().status().dirtyBytes());
        assertEquals(0, gateway.opened().volume().status().dirtyAgeMillis());
        gateway.port().fill(0, PIECE, 99);
        gateway.drain();
        gateway.loseDisk();
        gateway.open();
        assertTrue(gateway.port().holds(0, PIECE, 99));
        for (int i = 1; i < written; i++) {
            assertTrue(gateway.port().holds((long) i * PIECE, PIECE, 1 + i), "piece " + i);
        }
    }

    @Test
    void aWriteThatWaitsGoesOnWhenTheBucketComesBackInTime() {
        openVolume();
        gateway.faults().setOutage(true);
        fillJournal();
        List<CompletableFuture<Optional<IoFailure>>> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiting.add(gateway.port().beginWrite((long) i * PIECE, new byte[PIECE], false));
        }
        gateway.runtime().runFor(Duration.ofSeconds(1));
        assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
        gateway.faults().setOutage(false);
        gateway.runtime().runFor(Duration.ofSeconds(19));
        waiting.forEach(one -> assertTrue(one.isDone() && one.join().isEmpty(), one::toString));
    }

    @Test
    void readsOfWhatOnlyTheBucketHasGetBusyNeverUnreadable() {
        openVolume();
        gateway.port().fill(0, PIECE, 7);
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        gateway.open();
        gateway.faults().setOutage(true);
        IoFailure failure = gateway.port().tryRead(2 * BLOCK, BLOCK).orElseThrow();
        assertEquals(IoFailure.Kind.BUSY, failure.kind());
        assertEquals(2 * BLOCK, failure.offsetBytes());
        IoFailure partial = gateway.run((port, done) -> port.write(512, java.nio.ByteBuffer.allocate(512), false, done))
                .orElseThrow();
        assertEquals(IoFailure.Kind.BUSY, partial.kind());
        gateway.port().fill(BLOCK, BLOCK, 8);
        assertTrue(gateway.port().holds(BLOCK, BLOCK, 8), "it is in the journal");
        gateway.faults().setOutage(false);
        assertTrue(gateway.port().holds(2 * BLOCK, BLOCK, 7));
    }

    @Test
    void aPortThatIsBusyForDaysKeepsNoTimersPerWrite() {
        openVolume();
        gateway.faults().setOutage(true);
        fillJournal();
        for (int i = 0; i < 50; i++) {
            assertTrue(gateway.runtime()
                    .await(gateway.port().beginWrite(0, new byte[PIECE], false))
                    .isPresent());
        }
        assertTrue(gateway.runtime().timers() < 40, gateway.runtime().timers() + " timers");
    }

    @Test
    void closingEndsInTimeAndKeepsTheJournalForTheNextStart() throws IOException {
        openVolume();
        gateway.port().fill(0, PIECE, 1);
        gateway.drain();
        gateway.faults().setOutage(true);
        gateway.port().fill(PIECE, PIECE, 2);
        CompletableFuture<CloseReport> closing = gateway.opened().volume().close();
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertTrue(closing.isDone(), "closing waits for ever for the bucket");
        assertFalse(closing.join().drained());
        assertEquals(PIECE, closing.join().bytesOnlyInJournal());
        // What was under way answers late, and finds closed files.
        gateway.faults().setOutage(false);
        gateway.runtime().runFor(Duration.ofHours(1));
        assertEquals("closed", gateway.opened().volume().status().state());
        gateway.reopenDisk();
        gateway.open();
        assertTrue(gateway.port().holds(0, PIECE, 1));
        assertTrue(gateway.port().holds(PIECE, PIECE, 2));
    }

    @Test
    void closingEndsInTimeWhenTheBucketGoesAwayBeforeTheLastManifest() throws IOException {
        openVolume();
        gateway.port().fill(0, PIECE, 1);
        gateway.drain();
        gateway.beforeRequest(
                request -> request.isPut() && request.subject().contains("/manifest/"),
                () -> gateway.faults().setOutage(true));
        CompletableFuture<CloseReport> closing = gateway.opened().volume().close();
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertTrue(closing.isDone(), "closing waits for ever for the manifest");
        assertTrue(closing.join().drained());
        gateway.reopenDisk();
        gateway.open();
        assertTrue(gateway.port().holds(0, PIECE, 1));
    }

    @Test
    void closingEndsInTimeThoughADurableWriteWaitsForTheBucket() {
        gateway.settings(SimulatedSettings.plain()
                .durability(VolumeSettings.Durability.S3)
                .journal(ByteSize.ofKiB(1024), ByteSize.ofKiB(128), Duration.ofMinutes(4)));
        openVolume();
        gateway.faults().setOutage(true);
        CompletableFuture<Optional<IoFailure>> write = gateway.port().beginWrite(0, new byte[BLOCK], true);
        CompletableFuture<Optional<IoFailure>> flush = gateway.port().begin(VolumePort::flush);
        gateway.runtime().runFor(Duration.ofSeconds(1));
        CompletableFuture<CloseReport> closing = gateway.opened().volume().close();
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertTrue(closing.isDone(), "closing waits for ever");
        assertEquals(IoFailure.Kind.CLOSED, write.join().orElseThrow().kind());
        assertEquals(IoFailure.Kind.CLOSED, flush.join().orElseThrow().kind());
    }

    @Test
    void aFailedSyncStopsTheVolumeAndEndsWhatWaits() throws IOException {
        openVolume();
        gateway.port().fill(0, BLOCK, 1);
        gateway.disk().failOnce(SimulatedDisk.Operation.SYNC, 1);
        assertEquals(
                IoFailure.Kind.WRITE_FAILED,
                gateway.port().flush().orElseThrow().kind());
        gateway.runtime().runFor(Duration.ofSeconds(1));
        assertEquals("failed", gateway.opened().volume().status().state());
        assertEquals(
                IoFailure.Kind.CLOSED,
                gateway.port().tryRead(0, BLOCK).orElseThrow().kind());
        gateway.close();
        gateway.reopenDisk();
        gateway.open();
        assertTrue(gateway.port().holds(0, BLOCK, 1), "the process did not die: the write is there");
    }

    @Test
    void aFailedJournalWriteEndsEveryWriteAndClosingDoesNotHang() {
        openVolume();
        gateway.disk().failTimes(SimulatedDisk.Operation.WRITE, 1000);
        CompletableFuture<Optional<IoFailure>> write = gateway.port().beginWrite(0, new byte[BLOCK], false);
        CompletableFuture<Optional<IoFailure>> part = gateway.port().beginWrite(512, new byte[512], false);
        assertEquals(
                IoFailure.Kind.WRITE_FAILED,
                gateway.runtime().await(write).orElseThrow().kind());
        assertTrue(gateway.runtime().await(part).isPresent());
        CompletableFuture<CloseReport> closing = gateway.opened().volume().close();
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertTrue(closing.isDone());
    }
}
