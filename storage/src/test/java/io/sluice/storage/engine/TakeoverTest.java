package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.recovery.OperatorWord;
import io.sluice.storage.recovery.OperatorWord.Kind;
import io.sluice.storage.recovery.TakeoverRefusedException;
import io.sluice.storage.recovery.TakeoverReport;
import io.sluice.storage.recovery.WrongCacheDirectoryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A volume that its last gateway did not close is taken over with an operator's word only. */
final class TakeoverTest {
    private static final int BLOCK = 4096;
    private static final SimulatedSettings SETTINGS =
            SimulatedSettings.plain().maxAge(Duration.ofHours(1)).takeover(VolumeSettings.Takeover.ASK);

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

    /** The second is refused, and has changed nothing in the bucket. */
    private TakeoverRefusedException refusal() {
        List<String> before = bucket.keys();
        TakeoverRefusedException refused = assertInstanceOf(TakeoverRefusedException.class, second.openingFailure());
        assertEquals(before, bucket.keys());
        assertEquals(0, second.requests().count(request -> request.operation().isMutating()));
        reopen(second);
        return refused;
    }

    private static void reopen(SimulatedGateway gateway) {
        try {
            gateway.reopenDisk();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static String notes(SimulatedGateway gateway) {
        return gateway.opened().report().notes().toString();
    }

    @Test
    void theRefusalSaysWhoHadItWhatMayBeLostAndWhatToType() {
        TakeoverRefusedException refused = refusal();
        TakeoverReport report = refused.report();
        assertEquals(1, report.epoch());
        assertEquals("simulated-host:cache", report.gateway());
        assertTrue(report.openedMillis() > 0, report.toString());
        assertTrue(report.bucketTimeMillis() > 0, report.toString());
        assertEquals(first.opened().volume().status().lastCommittedSequence(), report.bucketSequence());
        String text = String.valueOf(refused.getMessage());
        assertTrue(text.contains("epoch 1"), text);
        assertTrue(text.contains("simulated-host:cache"), text);
        assertTrue(text.contains("sluice volume take-over sim"), text);
        assertEquals("open", first.opened().volume().status().state());
        first.port().fill(BLOCK, BLOCK, 1);
        first.drain();
    }

    @Test
    void withTheWordItIsTakenOnceAndReported() {
        refusal();
        second.allow(Kind.TAKE_OVER);
        second.open();
        assertTrue(second.port().holds(0, BLOCK, 1));
        assertEquals(1, second.opened().report().takeover().orElseThrow().epoch());
        assertTrue(notes(second).contains("by an operator's word"), notes(second));
        second.loseDisk();
        assertInstanceOf(TakeoverRefusedException.class, second.openingFailure());
    }

    @Test
    void theWordIsGoodAlthoughTheLastOwnerStillMakesManifests() {
        second.allow(Kind.TAKE_OVER);
        first.port().fill(BLOCK, BLOCK, 1);
        first.drain();
        first.runtime().runFor(Duration.ofMinutes(1));
        second.open();
        assertTrue(second.port().holds(BLOCK, BLOCK, 1));
    }

    @Test
    void aWordForAnotherEpochIsNotUsedAndIsRemoved() throws IOException {
        second.allow(Kind.TAKE_OVER);
        first.crashProcess();
        first.open();
        first.port().fill(BLOCK, BLOCK, 2);
        assertEquals(2, refusal().report().epoch());
        assertFalse(second.disk().exists("word.take-over"));
        assertEquals(2, refusal().report().epoch());
    }

    @Test
    void aWordThatIsNotNeededIsRemoved() throws IOException {
        second.allow(Kind.TAKE_OVER);
        first.close();
        second.open();
        assertEquals(
                "", second.opened().report().takeover().map(Object::toString).orElse(""));
        assertFalse(second.disk().exists("word.take-over"));
    }

    @Test
    void aDamagedWordIsNoWord() throws IOException {
        second.allow(Kind.TAKE_OVER);
        try (var file = second.disk().open("word.take-over")) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 50);
        }
        refusal();
        assertFalse(second.disk().exists("word.take-over"));
    }

    @Test
    void itsOwnCacheDirectoryNeedsNoWord() throws IOException {
        first.port().fill(BLOCK, BLOCK, 1);
        first.crashProcess();
        first.open();
        assertTrue(first.port().holds(BLOCK, BLOCK, 1));
    }

    @Test
    void aDeletedCacheDirectoryIsTheSameCase() {
        first.loseDisk();
        assertInstanceOf(TakeoverRefusedException.class, first.openingFailure());
        reopen(first);
        first.allow(Kind.TAKE_OVER);
        first.open();
        assertTrue(first.port().holds(0, BLOCK, 1));
    }

    @Test
    void aVolumeThatWasClosedNeedsNoWord() {
        first.port().fill(BLOCK, BLOCK, 1);
        assertTrue(first.close().clean());
        second.open();
        assertTrue(second.port().holds(BLOCK, BLOCK, 1));
    }

    /** Both write one block and close; then the first directory is opened again. */
    private void thereAndBackWithCleanCloses() {
        first.port().fill(BLOCK, BLOCK, 1);
        first.close();
        second.open();
        second.port().fill(BLOCK, BLOCK, 2);
        second.close();
        reopen(first);
    }

    private void nothingWasKeptAside() throws IOException {
        assertFalse(notes(first).contains("superseded"), notes(first));
        assertEquals(
                List.of(),
                first.disk()
                        .directory("journal")
                        .directory("superseded-epoch-1")
                        .list());
        assertTrue(first.port().holds(BLOCK, BLOCK, 2));
    }

    @Test
    void thereAndBackWithCleanClosesTheJournalIsEmptyAndThereIsNothingToSay() throws IOException {
        thereAndBackWithCleanCloses();
        first.open();
        assertFalse(notes(first).contains("discarded"), notes(first));
        nothingWasKeptAside();
    }

    @Test
    void aJournalWithoutTheMarkOfACleanCloseIsDiscardedForItIsInTheBucket() throws IOException {
        thereAndBackWithCleanCloses();
        first.disk().directory("journal").delete("journal.closed");
        first.open();
        assertTrue(notes(first).contains("was discarded"), notes(first));
        nothingWasKeptAside();
    }

    @Test
    void aJournalOfWhichTheEndIsNotInTheBucketIsKeptAside() throws IOException {
        first.port().fill(BLOCK, BLOCK, 1);
        second.allow(Kind.TAKE_OVER);
        second.open();
        second.close();
        first.crashProcess();
        first.open();
        assertTrue(notes(first).contains("superseded-epoch-1"), notes(first));
        assertFalse(first.disk()
                .directory("journal")
                .directory("superseded-epoch-1")
                .list()
                .isEmpty());
    }

    private static void copyFiles(LocalDisk from, LocalDisk to) throws IOException {
        for (String name : from.list()) {
            try (DiskFile source = from.open(name);
                    DiskFile target = to.create(name)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) source.size());
                source.read(bytes, 0);
                target.write(bytes.flip(), 0);
            }
        }
    }

    @Test
    void aCopyOfACacheDirectoryIsNotItsOwner() throws IOException {
        first.port().fill(BLOCK, BLOCK, 1);
        first.crashProcess();
        SimulatedDisk copy = SimulatedDisk.create();
        copyFiles(first.disk(), copy);
        copyFiles(first.disk().directory("journal"), copy.directory("journal"));
        first.open();
        first.port().fill(2 * BLOCK, BLOCK, 1);
        first.drain();
        second.useDisk(copy);
        assertInstanceOf(TakeoverRefusedException.class, second.openingFailure());
        reopen(second);
        second.allow(Kind.TAKE_OVER);
        second.open();
        assertTrue(notes(second).contains("superseded-epoch-1"), notes(second));
        assertTrue(second.port().holds(2 * BLOCK, BLOCK, 1));
    }

    @Test
    void theCacheDirectoryOfAnotherVolumeIsNoticedBeforeAnythingIsChanged() throws IOException {
        first.close();
        SimulatedSettings others = SETTINGS.named("other");
        SimulatedGateway other = new SimulatedGateway(bucket, 3, others);
        other.create(ByteSize.ofMiB(4));
        List<String> before = bucket.keys();
        reopen(first);
        for (String file : first.disk().directory("journal").list()) {
            first.disk().directory("journal").delete(file);
        }
        first.settings(others);
        WrongCacheDirectoryException refused =
                assertInstanceOf(WrongCacheDirectoryException.class, first.openingFailure());
        assertTrue(String.valueOf(refused.getMessage()).contains("another cache-directory"), refused.getMessage());
        assertEquals(before, bucket.keys());
        assertEquals(0, first.requests().count(request -> request.operation().isMutating()));
    }

    @Test
    void alsoWhenOnlyItsJournalTells() throws IOException {
        first.crashProcess();
        first.disk().delete("state");
        SimulatedSettings others = SETTINGS.named("other");
        new SimulatedGateway(bucket, 3, others).create(ByteSize.ofMiB(4));
        List<String> before = bucket.keys();
        first.settings(others);
        assertInstanceOf(WrongCacheDirectoryException.class, first.openingFailure());
        assertEquals(before, bucket.keys());
    }

    @Test
    void whoLooksChangesNothing() throws IOException {
        List<String> before = bucket.keys();
        assertEquals(1, second.obstacles().takeover().orElseThrow().epoch());
        first.crashProcess();
        assertTrue(first.obstacles().takeover().isEmpty());
        assertEquals(before, bucket.keys());
    }

    @Test
    void anOperatorsWordIsExact() {
        OperatorWord word = OperatorWord.of(Kind.TAKE_OVER, second.obstacles().newest());
        second.allow(new OperatorWord(
                word.kind(), word.volume(), word.manifestNumber(), word.manifestTag(), word.epoch() + 1, word.owner()));
        refusal();
        second.allow(new OperatorWord(
                word.kind(),
                word.volume(),
                word.manifestNumber(),
                word.manifestTag(),
                word.epoch(),
                new java.util.UUID(1, 2)));
        refusal();
    }

    @Test
    void aCloseWithoutTheBucketSaysThatItIsNotClean() {
        first.port().fill(BLOCK, BLOCK, 1);
        first.drain();
        first.beforeRequest(request -> request.isPut(), () -> first.faults().setOutage(true));
        var report = first.close();
        assertTrue(report.drained());
        assertFalse(report.clean(), "the manifest could not be written");
    }
}
