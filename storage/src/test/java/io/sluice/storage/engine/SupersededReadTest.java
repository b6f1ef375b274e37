package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import io.sluice.storage.volume.VolumeStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is missing in the bucket is no damage when the volume belongs to another gateway by now, whose collector has deleted
 * it; and it is damage when the volume is still ours.
 */
final class SupersededReadTest {
    private static final int BLOCK = 4096;
    private static final int BYTES = 512 << 10;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .maxAge(Duration.ofHours(1))
            .segmentSize(ByteSize.ofKiB(64))
            .readCache(ByteSize.ofKiB(1024), ByteSize.ofKiB(0))
            .checkpoint(Duration.ofSeconds(10), 8);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway first = new SimulatedGateway(bucket, 1, SETTINGS);
    private final SimulatedGateway second = new SimulatedGateway(bucket, 2, SETTINGS);

    @BeforeEach
    void firstHasEverythingInTheBucketAndNothingHere() throws IOException {
        first.create(ByteSize.ofMiB(4));
        first.open();
        for (int at = 0; at < BYTES; at += BLOCK) {
            first.port().fill(at, BLOCK, 1 + (at / BLOCK) % 100);
        }
        first.drain();
        first.close();
        first.deleteCache();
        first.open();
    }

    private List<String> keys(String kind) {
        return bucket.keys().stream()
                .filter(key -> key.contains("/" + kind + "/"))
                .toList();
    }

    /** Opens the volume and overwrites it until nothing that the first knows is there any more. */
    private void secondTakesOverAndCollects() {
        List<String> known = new ArrayList<>(keys("checkpoint"));
        keys("segment").stream()
                .filter(key -> bucket.bytes(key) != null && size(key) > BLOCK)
                .forEach(known::add);
        second.open();
        for (int round = 0; round < 4; round++) {
            second.port().fill(0, BYTES, 7 + round);
            second.drain();
            second.runtime().runFor(Duration.ofMinutes(1));
        }
        known.retainAll(bucket.keys());
        assertEquals(List.of(), known, "the successor has deleted what the first refers to");
    }

    private int size(String key) {
        byte[] bytes = bucket.bytes(key);
        return bytes == null ? 0 : bytes.length;
    }

    private void expectFenced(Optional<IoFailure> failure) {
        assertEquals(IoFailure.Kind.FENCED, failure.orElseThrow().kind(), failure.toString());
        assertEquals("fenced", first.opened().volume().status().state());
        assertEquals(
                VolumeStatus.Damage.NONE,
                first.opened().volume().status().condition().damage());
    }

    private Optional<IoFailure> mapping() {
        return first.run((on, done) -> on.mapping(0, BYTES, 100, (runs, why) -> done.complete(why)));
    }

    @Test
    void aReadOfASegmentThatTheSuccessorDeletedEndsFenced() {
        assertTrue(first.port().tryRead(0, BLOCK).isEmpty(), "the page of the index is here now");
        secondTakesOverAndCollects();
        expectFenced(first.port().tryRead(BYTES - BLOCK, BLOCK));
    }

    @Test
    void soDoesOneThatNeedsAPageOfACheckpointThatTheSuccessorDeleted() {
        secondTakesOverAndCollects();
        expectFenced(first.port().tryRead(0, BLOCK));
    }

    @Test
    void soDoesTheSearchForMappedBlocks() {
        secondTakesOverAndCollects();
        expectFenced(mapping());
    }

    @Test
    void soDoesACopy() {
        secondTakesOverAndCollects();
        expectFenced(first.run((on, done) -> on.copy(0, 2L << 20, 64 << 10, false, done)));
    }

    @Test
    void soDoesAWriteOfAPartOfABlock() {
        secondTakesOverAndCollects();
        expectFenced(first.run((on, done) -> on.write(512, ByteBuffer.allocate(512), false, done)));
    }

    private void removeSegments() {
        keys("segment").forEach(bucket::remove);
    }

    private long questions() {
        return first.requests()
                .count(request -> request.operation() == ObjectOperation.LIST
                        && request.subject().contains("/manifest/"));
    }

    @Test
    void whatIsMissingInAVolumeThatIsStillOursIsDamage() {
        removeSegments();
        IoFailure failure = first.port().tryRead(BLOCK, BLOCK).orElseThrow();
        assertEquals(IoFailure.Kind.UNREADABLE, failure.kind());
        assertEquals(BLOCK, failure.offsetBytes());
        assertEquals("open", first.opened().volume().status().state());
    }

    @Test
    void manyReadsOfWhatIsMissingAskAtABoundedRate() {
        assertTrue(first.port().tryRead(0, BLOCK).isEmpty());
        removeSegments();
        first.requests().forget();
        long beganNanos = first.runtime().clock().monotonicNanos();
        for (int round = 0; round < 5; round++) {
            List<CompletableFuture<Optional<IoFailure>>> reads = new ArrayList<>();
            for (int at = BYTES / 2; at < BYTES; at += BLOCK) {
                long offset = at;
                reads.add(first.begin((on, done) -> on.read(offset, ByteBuffer.allocate(BLOCK), done)));
            }
            for (CompletableFuture<Optional<IoFailure>> read : reads) {
                assertEquals(
                        IoFailure.Kind.UNREADABLE,
                        first.runtime().await(read).orElseThrow().kind());
            }
        }
        Duration took = Duration.ofNanos(first.runtime().clock().monotonicNanos() - beganNanos);
        long allowed = 1 + took.toMillis() / OwnershipCheck.PAUSE.toMillis();
        assertTrue(questions() > 0, "it has asked");
        assertTrue(questions() <= allowed, questions() + " questions in " + took);
        assertTrue(took.compareTo(Duration.ofSeconds(5)) < 0, took.toString());
    }

    @Test
    void aReadThatFindsWhatItNeedsDoesNotAskWhoOwnsTheVolume() {
        first.requests().forget();
        assertTrue(first.port().tryRead(0, BYTES).isEmpty());
        assertFalse(first.requests().requests().isEmpty(), "it was only in the bucket");
        assertEquals(0, questions());
    }

    /** Whose the volume is cannot be known: the medium is not to blame, and no damage is told. */
    @Test
    void whenTheBucketDoesNotSayWhoOwnsTheVolumeTheReadIsTriedAgainAndEndsBusy() {
        removeSegments();
        first.beforeRequest(
                request -> request.operation() == ObjectOperation.LIST
                        && request.subject().contains("/manifest/"),
                () -> first.faults().setOutage(true));
        IoFailure failure = first.port().tryRead(0, BLOCK).orElseThrow();
        assertEquals(IoFailure.Kind.BUSY, failure.kind(), failure.message());
        assertEquals(
                VolumeStatus.Damage.NONE,
                first.opened().volume().status().condition().damage());
        first.faults().setOutage(false);
        assertEquals(
                IoFailure.Kind.UNREADABLE,
                first.port().tryRead(0, BLOCK).orElseThrow().kind());
    }

    @Test
    void aCheckpointOfTheOneThatWasSupersededNamesNoDamage() {
        first.port().fill(0, BYTES, 3);
        first.drain();
        secondTakesOverAndCollects();
        first.runtime().runFor(Duration.ofMinutes(1));
        assertEquals("fenced", first.opened().volume().status().state());
        assertEquals(
                VolumeStatus.Damage.NONE,
                first.opened().volume().status().condition().damage());
        assertFalse(first.run(VolumePort::flush).isEmpty());
    }
}
