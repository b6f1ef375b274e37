package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.volume.CloseReport;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two gateways, each with its own cache directory, on one bucket. */
final class FencingTest {
    private static final int BLOCK = 4096;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain().maxAge(Duration.ofHours(1));

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway first = new SimulatedGateway(bucket, 1, SETTINGS);
    private final SimulatedGateway second = new SimulatedGateway(bucket, 2, SETTINGS);

    @BeforeEach
    void firstGatewayHasWrittenAndDrained() {
        first.create(ByteSize.ofMiB(4));
        first.open();
        first.port().fill(0, BLOCK, 1);
        first.drain();
    }

    @Test
    void theSecondGetsWhatWasInTheBucketAndTheFirstIsFenced() {
        first.port().fill(BLOCK, BLOCK, 1);
        second.open();
        assertTrue(second.port().holds(0, BLOCK, 1));
        assertTrue(second.port().holds(BLOCK, BLOCK, 0), "it never came to the bucket");
        CompletableFuture<Long> drain = first.opened().volume().drain();
        CompletionException failure =
                assertThrows(CompletionException.class, () -> first.runtime().await(drain));
        assertTrue(String.valueOf(failure.getMessage()).contains("epoch"), failure.getMessage());
        assertEquals("fenced", first.opened().volume().status().state());
        assertEquals(
                IoFailure.Kind.FENCED,
                first.port().tryRead(0, BLOCK).orElseThrow().kind());
        assertEquals(
                IoFailure.Kind.FENCED,
                first.runtime()
                        .await(first.port().beginWrite(0, new byte[BLOCK], false))
                        .orElseThrow()
                        .kind());
        CloseReport report = first.close();
        assertFalse(report.drained());
        assertEquals(BLOCK, report.bytesOnlyInJournal());
    }

    /** As after a stop (SIGSTOP): nothing was sent for a while; {@code flush.max-age} is an hour here. */
    @Test
    void theFirstWriteAfterAQuietTimeFindsASuccessorWithoutWaitingForAFlush() {
        first.runtime().runFor(Duration.ofMinutes(1));
        second.open();
        first.requests().forget();
        first.port().fill(0, BLOCK, 2);
        first.runtime().runFor(Duration.ofSeconds(2));
        assertEquals("fenced", first.opened().volume().status().state());
        assertEquals(0, first.requests().count(RecordingObjectStore.Request::isPut));
    }

    @Test
    void whoIsNotQuietAsksNobodyAndAnUnreachableBucketHoldsNoWriteBack() {
        first.requests().forget();
        first.port().fill(0, BLOCK, 2);
        first.runtime().runFor(Duration.ofSeconds(2));
        assertEquals(0, first.requests().requests().size());
        first.drain();
        first.runtime().runFor(Duration.ofMinutes(1));
        first.faults().setOutage(true);
        first.requests().forget();
        first.port().fill(0, BLOCK, 3);
        assertTrue(first.port().flush().isEmpty());
        first.runtime().runFor(Duration.ofMinutes(5));
        assertEquals("open", first.opened().volume().status().state());
        assertTrue(first.port().holds(0, BLOCK, 3));
    }

    @Test
    void aFlushIntoTheBucketAndADurableWriteEndFenced() {
        first.close();
        first.settings(SETTINGS.durability(VolumeSettings.Durability.S3));
        reopen(first);
        first.port().fill(BLOCK, BLOCK, 1);
        second.open();
        CompletableFuture<Optional<IoFailure>> write = first.port().beginWrite(0, new byte[BLOCK], true);
        assertEquals(IoFailure.Kind.FENCED, first.port().flush().orElseThrow().kind());
        assertEquals(
                IoFailure.Kind.FENCED,
                first.runtime().await(write).orElseThrow().kind());
    }

    @Test
    void theFirstsJournalIsSetAsideAndReportedWhenItComesBack() throws IOException {
        first.port().fill(BLOCK, BLOCK, 1);
        second.open();
        second.port().fill(2 * BLOCK, BLOCK, 2);
        second.close();
        first.crashProcess();
        first.open();
        assertTrue(
                first.opened().report().notes().stream().anyMatch(note -> note.contains("superseded-epoch-1")),
                first.opened().report().notes().toString());
        assertEquals(0, first.opened().report().journalBlocksReplayed());
        assertFalse(first.disk()
                .directory("journal")
                .directory("superseded-epoch-1")
                .list()
                .isEmpty());
        assertTrue(first.port().holds(0, BLOCK, 1));
        assertTrue(first.port().holds(BLOCK, BLOCK, 0));
        assertTrue(first.port().holds(2 * BLOCK, BLOCK, 2));
    }

    @Test
    void aSegmentThatLandsBetweenListingAndFenceCounts() {
        first.port().fill(BLOCK, BLOCK, 1);
        beforeTheFenceOfTheSecond(() -> first.drain());
        assertTrue(second.port().holds(BLOCK, BLOCK, 1), "drained means that it is there");
        assertEquals("open", first.opened().volume().status().state());
        first.port().fill(3 * BLOCK, BLOCK, 1);
        assertThrows(CompletionException.class, () -> first.drain());
        assertTrue(second.port().holds(3 * BLOCK, BLOCK, 0));
    }

    /** Opens the second; {@code action} runs when it has listed, and puts its fence. */
    private void beforeTheFenceOfTheSecond(Runnable action) {
        second.beforeRequest(request -> request.isPut() && request.subject().contains("/segment/"), action);
        second.open();
    }

    @Test
    void lostRepliesOfManifestAndFenceAreNoConflict() {
        first.port().fill(BLOCK, BLOCK, 1);
        first.faults().loseReplies(3);
        first.drain();
        assertEquals("open", first.opened().volume().status().state());
        second.beforeRequest(
                request -> request.isPut() && request.subject().contains("/manifest/"),
                () -> second.faults().loseReplies(2));
        second.open();
        assertEquals(2, second.opened().volume().description().epoch());
        assertTrue(second.port().holds(BLOCK, BLOCK, 1));
        second.faults().loseReplies(4);
        second.port().fill(0, BLOCK, 2);
        assertTrue(second.close().drained());
    }

    @Test
    void orphansBehindTheFenceAreOverwritten() throws IOException {
        // The first has three segments under way; the lowest of them never arrives.
        for (int i = 0; i < 3; i++) {
            first.port().fill((long) i << 18, 64 << 10, 3 + i);
        }
        long[] lost = {-1};
        first.beforeRequest(
                request -> request.isPut() && request.subject().contains("/segment/"),
                () -> lost[0] = bucket.keys().stream()
                        .filter(key -> key.contains("/segment/"))
                        .count());
        CompletableFuture<Long> drain = first.opened().volume().drain();
        while (segments() < 5 && !drain.isDone()) {
            first.runtime().step();
        }
        first.loseDisk();
        String hole = bucket.keys().stream()
                .filter(key -> key.contains("/segment/"))
                .skip(lost[0])
                .findFirst()
                .orElseThrow();
        bucket.remove(hole);
        second.open();
        assertTrue(
                second.opened().report().orphanSegments() > 0,
                () -> bucket.keys().toString());
        assertTrue(second.port().holds(0, BLOCK, 1));
        second.port().fill(0, 200 << 10, 9);
        assertTrue(second.close().drained());
        second.deleteCache();
        second.open();
        assertTrue(second.port().holds(0, 200 << 10, 9));
        assertTrue(second.port().holds(1 << 18, 64 << 10, 0), "an orphan has come back");
    }

    private long segments() {
        return bucket.keys().stream().filter(key -> key.contains("/segment/")).count();
    }

    @Test
    void aFencedGatewayWritesNothingMore() {
        first.port().fill(BLOCK, BLOCK, 1);
        second.open();
        assertThrows(CompletionException.class, () -> first.drain());
        first.requests().forget();
        CompletableFuture<Optional<IoFailure>> flush = first.port().begin(VolumePort::flush);
        first.runtime().runFor(Duration.ofHours(2));
        assertTrue(flush.isDone());
        first.close();
        assertEquals(java.util.List.of(), first.requests().requests());
    }

    private static void reopen(SimulatedGateway gateway) {
        try {
            gateway.reopenDisk();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
        gateway.open();
    }
}
