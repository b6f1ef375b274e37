package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.DiskFullException;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.disk.SimulatedDisk.Operation;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LocalJournalTest {
    private static final int FILES = 4;
    private static final int FILE_UNITS = 16;

    private final SimulatedRuntime runtime = new SimulatedRuntime(1);
    private final @Nullable KeyDerivation keys = JournalRig.keys("secret");
    private final IndexNotes notes = new IndexNotes();
    private SimulatedDisk disk = SimulatedDisk.create();
    private int acknowledged;

    private LocalJournal open(long epoch) throws IOException {
        return JournalRig.open(disk, epoch, keys, JournalRig.settings(FILES, FILE_UNITS), runtime);
    }

    private LocalJournal reopenAfterProcessDeath(long epoch) throws IOException {
        runtime.crash();
        disk.crashProcess();
        disk = disk.reopen();
        return open(epoch);
    }

    private JournalAppender.Outcome append(JournalAppender appender, long lba) throws IOException {
        assertEquals(JournalAppender.Outcome.DONE, appender.addBlock(lba, JournalRig.block(lba, 1), 0));
        return appender.submit(notes, () -> acknowledged++);
    }

    private int fill(JournalAppender appender) throws IOException {
        int count = 0;
        while (append(appender, count) == JournalAppender.Outcome.DONE) {
            count++;
            runtime.runReady();
        }
        return count;
    }

    private static void assertHolds(LocalJournal journal, long address, long lba) throws IOException {
        ByteBuffer destination = ByteBuffer.allocate(4096);
        assertTrue(journal.read(address, destination));
        assertEquals(JournalRig.block(lba, 1), destination.flip());
    }

    private static IndexNotes replay(LocalJournal journal) throws IOException {
        IndexNotes found = new IndexNotes();
        JournalReader reader = journal.openReader(journal.tail());
        while (reader.next(journal.appliedEnd(), found)) {
            assertTrue(reader.batchTimeMillis() > 0);
        }
        return found;
    }

    @Test
    void givesBackTheBlocksOfABatch() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        appender.addBlock(5, JournalRig.block(5, 1), 0);
        appender.addBlock(6, JournalRig.block(6, 1), 0);
        appender.addZero(100, 50);
        appender.addZero(150, 5);
        assertEquals(3, appender.pending(), "as many as the applier is given");
        assertEquals(JournalAppender.Outcome.DONE, appender.submit(notes, () -> acknowledged++));
        assertEquals(0, appender.pending());
        assertEquals(1, acknowledged);
        assertEquals(List.of("block 5", "block 6", "zero 100+55"), notes.entries);
        assertHolds(journal, notes.addresses.get(1), 6);
        assertEquals(notes.entries, replay(journal).entries);
        assertEquals(notes.addresses, replay(journal).addresses);
        journal.close();
    }

    @Test
    void readsAnyPartOfABlock() throws IOException {
        LocalJournal journal = open(1);
        append(journal.openAppender(), 5);
        ByteBuffer whole = JournalRig.block(5, 1);
        for (int[] part : new int[][] {{0, 4096}, {512, 512}, {1000, 100}, {4095, 1}, {17, 3000}}) {
            ByteBuffer destination = ByteBuffer.allocateDirect(part[1] + 7).limit(part[1]);
            assertTrue(journal.readPart(notes.addresses.get(0), part[0], destination));
            assertEquals(whole.slice(part[0], part[1]), destination.flip());
        }
    }

    @Test
    void readsNeighboursTogether() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        ByteBuffer expected = ByteBuffer.allocate(5 * 4096);
        for (int i = 0; i < 5; i++) {
            appender.addBlock(i, JournalRig.block(i, 1), 0);
            expected.put(JournalRig.block(i, 1));
        }
        assertEquals(JournalAppender.Outcome.DONE, appender.submit(notes, () -> acknowledged++));
        for (int[] part : new int[][] {{0, 5 * 4096}, {4095, 2}, {17, 3}, {1000, 9000}, {5, 4 * 4096}}) {
            ByteBuffer destination = ByteBuffer.allocateDirect(part[1]);
            assertTrue(journal.readPart(notes.addresses.get(0), part[0], destination));
            assertEquals(expected.slice(part[0], part[1]), destination.flip());
        }
        try (DiskFile file = disk.open("journal-1")) {
            file.write(ByteBuffer.allocate(1), ((notes.addresses.get(3) & 0xff_ffff) << 12) + 9);
        }
        assertTrue(journal.readPart(notes.addresses.get(0), 0, ByteBuffer.allocate(3 * 4096)));
        assertThrows(
                IOException.class,
                () -> journal.readPart(notes.addresses.get(0), 0, ByteBuffer.allocate(3 * 4096 + 1)));
    }

    /** Over batches, gaps and files: every third block of the log, then all of them. */
    @Test
    void readsManyBlocksAtOnce() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        for (int batch = 0; batch < 8; batch++) {
            for (int i = 0; i < 5; i++) {
                appender.addBlock(batch * 5 + i, JournalRig.block(batch * 5 + i, 1), 0);
            }
            assertEquals(JournalAppender.Outcome.DONE, appender.submit(notes, () -> acknowledged++));
            runtime.runReady();
        }
        assertEquals(40, notes.addresses.size());
        for (int step : new int[] {1, 3, 39}) {
            long[] addresses = IntStream.range(0, 40)
                    .filter(i -> i % step == 0)
                    .mapToLong(notes.addresses::get)
                    .toArray();
            List<ByteBuffer> read = new ArrayList<>();
            assertTrue(journal.readAll(addresses, (index, block) -> {
                assertEquals(read.size(), index);
                read.add(ByteBuffer.allocate(4096).put(block).flip());
            }));
            assertEquals(addresses.length, read.size());
            for (int i = 0; i < read.size(); i++) {
                assertEquals(JournalRig.block((long) i * step, 1), read.get(i), "block " + i);
            }
        }
    }

    @Test
    void readingManyTellsWhatIsReleasedAndWhatIsDamaged() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        for (int i = 0; i < 3; i++) {
            append(appender, i);
            runtime.runReady();
        }
        long[] addresses = notes.addresses.stream().mapToLong(a -> a).toArray();
        try (DiskFile file = disk.open("journal-1")) {
            file.write(ByteBuffer.allocate(1), ((addresses[1] & 0xff_ffff) << 12) + 77);
        }
        IOException damaged = assertThrows(
                IOException.class, () -> journal.readAll(addresses, (index, block) -> assertEquals(0, index)));
        assertTrue(damaged.toString().contains(addresses[1] + " (journal-1) is damaged"), damaged.toString());
        journal.release(addresses[1] + 1);
        assertFalse(journal.readAll(addresses, (index, block) -> {}));
        assertTrue(journal.readAll(new long[] {addresses[2]}, (index, block) -> {}));
        assertTrue(journal.readAll(new long[0], (index, block) -> {}));
    }

    @Test
    void aZeroRecordAfterABlockOfItsRangeNeedsTheNextBatch() throws IOException {
        JournalAppender appender = open(1).openAppender();
        appender.addBlock(5, JournalRig.block(5, 1), 0);
        assertEquals(JournalAppender.Outcome.BATCH_FULL, appender.addZero(0, 10));
        assertEquals(JournalAppender.Outcome.DONE, appender.addZero(6, 10));
        assertEquals(JournalAppender.Outcome.DONE, appender.addBlock(6, JournalRig.block(6, 2), 0));
        appender.submit(notes, () -> {});
        assertTrue(notes.addresses.get(1) < notes.addresses.get(2), "the block after the zero record is newer");
    }

    @Test
    void aBatchIsFullWhenItsHeaderIs() throws IOException {
        LocalJournal journal = JournalRig.open(disk, 1, keys, JournalRig.settings(4, 600), runtime);
        JournalAppender appender = journal.openAppender();
        int scattered = 0;
        while (appender.addBlock(scattered * 2L, JournalRig.block(0, 0), 0) == JournalAppender.Outcome.DONE) {
            scattered++;
        }
        assertEquals(202, scattered);
        appender.discard();
        int inARow = 0;
        while (appender.addBlock(inARow, JournalRig.block(0, 0), 0) == JournalAppender.Outcome.DONE) {
            inARow++;
        }
        assertEquals(256, inARow);
        appender.submit(notes, () -> {});
        int zeros = 0;
        while (appender.addZero(zeros * 2L, 1) == JournalAppender.Outcome.DONE) {
            zeros++;
        }
        assertEquals(253, zeros);
        appender.submit(notes, () -> {});
        assertEquals(notes.entries, replay(journal).entries);
    }

    @Test
    void anEmptyBatchIsAcknowledgedAndWritesNothing() throws IOException {
        LocalJournal journal = open(1);
        long end = journal.appliedEnd();
        assertEquals(JournalAppender.Outcome.DONE, journal.openAppender().submit(notes, () -> acknowledged++));
        assertEquals(1, acknowledged);
        assertEquals(end, journal.appliedEnd());
    }

    @Test
    void saysFullAtItsCapacityAndGoesOnAfterARelease() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        int count = fill(appender);
        assertTrue(count >= (FILES - 1) * (FILE_UNITS - 1) / 2, "written: " + count);
        assertTrue(journal.usedBytes() <= journal.capacityBytes());
        assertEquals(1, appender.pending(), "the batch that met FULL is kept");
        List<String> told = new ArrayList<>();
        journal.whenSpace(() -> told.add("space"));
        runtime.runReady();
        assertEquals(List.of(), told);
        journal.release(notes.addresses.get(count / 2) - 1);
        assertEquals(List.of("space"), told);
        runtime.runReady();
        assertEquals(JournalAppender.Outcome.DONE, appender.submit(notes, () -> acknowledged++));
        assertEquals(count + 1, acknowledged);
    }

    @Test
    void aFileServesAgainOnlyWhenTheBucketCanSayThatAllOfItIsOver() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        fill(appender);
        appender.discard();
        List<String> before = disk.list();
        long begin = notes.addresses.get(0) - 1;
        journal.release(journal.appliedEnd(), begin);
        appendTwoFiles(appender);
        assertTrue(disk.list().containsAll(before), "files were used again: " + before);
        journal.release(journal.appliedEnd());
        appendTwoFiles(appender);
        assertFalse(disk.list().containsAll(before), "now they serve again");
    }

    private void appendTwoFiles(JournalAppender appender) {
        for (int i = 0; i < 2 * FILE_UNITS; i++) {
            appendUnchecked(appender, 1000 + i);
            runtime.runReady();
        }
    }

    @Test
    void whoAsksAfterTheReleaseIsToldToo() throws IOException {
        LocalJournal journal = open(1);
        fill(journal.openAppender());
        journal.release(journal.appliedEnd());
        List<String> told = new ArrayList<>();
        journal.whenSpace(() -> told.add("space"));
        runtime.runReady();
        assertEquals(List.of("space"), told);
    }

    @Test
    void aReleasedAddressIsToldAndNeverRead() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        fill(appender);
        journal.release(journal.appliedEnd());
        ByteBuffer destination = ByteBuffer.allocate(4096);
        for (long address : notes.addresses) {
            assertFalse(journal.read(address, destination));
            assertEquals(0, destination.position());
        }
        assertEquals(0, journal.usedBytes());
        assertThrows(
                IOException.class,
                () -> journal.openReader(notes.addresses.get(0) - 1).next(journal.appliedEnd(), notes));
    }

    @Test
    void aReadThatRacesWithTheNextUseOfItsFileIsToldSo() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        fill(appender);
        appender.discard();
        long address = notes.addresses.get(0);
        disk.beforeNext(Operation.READ, () -> {
            journal.release(journal.appliedEnd());
            runtime.runReady();
            for (int i = 0; i < 2 * FILE_UNITS; i++) {
                appendUnchecked(appender, 1000 + i);
                runtime.runReady();
            }
        });
        ByteBuffer destination = ByteBuffer.allocate(4096);
        assertFalse(journal.read(address, destination));
        assertEquals(0, destination.position());
        assertFalse(disk.exists("journal-1"), "the file serves again");
    }

    @Test
    void damageOfABlockIsFoundWhenItIsRead() throws IOException {
        LocalJournal journal = open(1);
        append(journal.openAppender(), 5);
        long address = notes.addresses.get(0);
        disk.corrupt("journal-1", (address & 0xffffff) * 4096 + 77);
        IOException damaged = assertThrows(IOException.class, () -> journal.read(address, ByteBuffer.allocate(4096)));
        assertTrue(damaged.toString().contains("checksum"), damaged::toString);
    }

    @Test
    void syncsThatMeetShareOneFdatasync() throws IOException {
        LocalJournal journal = open(1);
        runtime.runReady();
        append(journal.openAppender(), 5);
        long before = disk.count(Operation.SYNC);
        List<@Nullable IoFailure> results = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            journal.sync(results::add);
        }
        runtime.runReady();
        assertEquals(10, results.size());
        assertTrue(results.stream().allMatch(Objects::isNull));
        assertEquals(1, disk.count(Operation.SYNC) - before);
        assertEquals(journal.appliedEnd(), journal.syncedEnd());
        journal.sync(results::add);
        assertEquals(11, results.size(), "nothing new: done at once");
        assertEquals(1, disk.count(Operation.SYNC) - before);
    }

    @Test
    void aFailedSyncIsNeverForgotten() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        append(appender, 5);
        List<IOException> told = new ArrayList<>();
        journal.whenFailed(told::add);
        runtime.runReady();
        disk.failOnce(Operation.SYNC, 1);
        List<@Nullable IoFailure> results = new ArrayList<>();
        journal.sync(results::add);
        runtime.runReady();
        journal.sync(results::add);
        runtime.runReady();
        assertEquals(2, results.size());
        assertTrue(results.stream().allMatch(Objects::nonNull));
        assertEquals(1, told.size());
        assertThrows(IOException.class, () -> append(appender, 6));
        assertHolds(journal, notes.addresses.get(0), 5);
        journal.close();
    }

    @Test
    void aFailedWriteLeavesAVoidRangeThatTheLogStepsOver() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        append(appender, 1);
        runtime.runReady();
        disk.failOnce(Operation.WRITE, 1);
        assertThrows(IOException.class, () -> append(appender, 2));
        assertEquals(0, appender.pending(), "the batch is dropped");
        assertEquals(JournalAppender.Outcome.DONE, append(appender, 3));
        assertEquals(List.of("block 1", "block 3"), notes.entries);
        assertEquals(2, acknowledged);
        assertEquals(notes.entries, replay(journal).entries);
        assertEquals(notes.entries, replay(reopenAfterProcessDeath(2)).entries);
    }

    @Test
    void nothingIsAcknowledgedBehindAHoleThatCouldNotBeMadeVoid() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        append(appender, 1);
        runtime.runReady();
        disk.failTimes(Operation.WRITE, 2);
        assertThrows(IOException.class, () -> append(appender, 2));
        assertThrows(IOException.class, () -> append(appender, 3));
        List<IOException> told = new ArrayList<>();
        journal.whenFailed(told::add);
        assertEquals(1, told.size());
        assertEquals(1, acknowledged);
        assertEquals(List.of("block 1"), replay(reopenAfterProcessDeath(2)).entries);
    }

    @Test
    void aBatchBehindOneThatIsStillBeingWrittenWaitsForIt() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender slow = journal.openAppender();
        JournalAppender fast = journal.openAppender();
        runtime.runReady();
        long before = journal.appliedEnd();
        disk.beforeNext(Operation.WRITE, () -> {
            appendUnchecked(fast, 2);
            assertEquals(0, acknowledged, "nothing is acknowledged above a hole");
            assertEquals(before, journal.appliedEnd());
        });
        append(slow, 1);
        assertEquals(2, acknowledged);
        assertEquals(List.of("block 2", "block 1"), notes.entries);
        assertEquals(List.of("block 1", "block 2"), replay(journal).entries);
    }

    @Test
    void aBatchAboveAHoleIsNeverPartOfTheLog() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender slow = journal.openAppender();
        JournalAppender fast = journal.openAppender();
        append(slow, 1);
        runtime.runReady();
        disk.beforeNext(Operation.WRITE, () -> {
            appendUnchecked(fast, 3);
            disk.crashProcess();
        });
        assertThrows(IOException.class, () -> append(slow, 2));
        assertEquals(1, acknowledged);
        assertEquals(List.of("block 1"), replay(reopenAfterProcessDeath(2)).entries);
    }

    private void appendUnchecked(JournalAppender appender, long lba) {
        try {
            append(appender, lba);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSyncCoversWhatWasAppliedWhenItBeganAndNotMore() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        append(appender, 1);
        runtime.runReady();
        long covered = journal.appliedEnd();
        journal.sync(failure -> assertEquals(covered, journal.syncedEnd()));
        disk.beforeNext(Operation.SYNC, () -> appendUnchecked(appender, 2));
        runtime.runReady();
        assertEquals(covered, journal.syncedEnd());
        assertTrue(journal.appliedEnd() > covered);
    }

    @Test
    void anIndexThatThrowsStopsTheJournal() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        append(appender, 1);
        appender.addBlock(2, JournalRig.block(2, 1), 0);
        JournalAppender.Applier broken = new JournalAppender.Applier() {
            @Override
            public void block(long lba, long address) {
                throw new IllegalStateException("broken index");
            }

            @Override
            public void zero(long lba, long count, long address) {}

            @Override
            public void pattern(long lba, long count, long address) {
                throw new AssertionError("nobody wrote a pattern");
            }

            @Override
            public void references(long lba, ReferenceRuns runs, long address) {
                throw new AssertionError("nobody wrote references");
            }
        };
        assertThrows(IllegalStateException.class, () -> appender.submit(broken, () -> acknowledged++));
        assertThrows(IOException.class, () -> append(appender, 3));
        assertEquals(1, acknowledged);
        journal.close();
    }

    @Test
    void aFileWhoseHeaderCannotBeWrittenStopsTheJournal() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        while (notes.entries.size() < (FILE_UNITS - 1) / 2) {
            append(appender, notes.entries.size());
        }
        runtime.runReady();
        disk.failOnce(Operation.WRITE, 1);
        assertThrows(IOException.class, () -> append(appender, 100));
        IOException sticky = assertThrows(IOException.class, () -> append(appender, 101));
        assertTrue(sticky.toString().contains("header"), sticky::toString);
        assertEquals(notes.entries, replay(reopenAfterProcessDeath(2)).entries);
    }

    @Test
    void aFullDiskMeansFullUntilSomethingIsReleased() throws IOException {
        LocalJournal journal = open(1);
        runtime.runReady();
        disk.limitBytes(2L * FILE_UNITS * 4096);
        JournalAppender appender = journal.openAppender();
        int count = fill(appender);
        assertTrue(count < 2 * FILE_UNITS, "two files are all there is: " + count);
        List<String> told = new ArrayList<>();
        journal.whenSpace(() -> told.add("space"));
        runtime.runReady();
        assertEquals(List.of(), told, "asking again would not help yet");
        journal.release(journal.appliedEnd());
        runtime.runReady();
        assertEquals(List.of("space"), told);
        assertEquals(JournalAppender.Outcome.DONE, appender.submit(notes, () -> acknowledged++));
    }

    private LocalJournal openLong(long epoch) throws IOException {
        return JournalRig.open(disk, epoch, keys, JournalRig.settings(16, FILE_UNITS), runtime);
    }

    @Test
    void severalFilesArePreparedUnderOneSyncOfTheDirectory() throws IOException {
        LocalJournal journal = openLong(1);
        long syncs = disk.count(Operation.SYNC_DIRECTORY);
        runtime.runReady();
        assertEquals(1, disk.count(Operation.SYNC_DIRECTORY) - syncs);
        assertEquals(1 + 4, disk.list().size(), "a quarter of 16 files ahead");
        JournalAppender appender = journal.openAppender();
        long allocations = disk.count(Operation.ALLOCATE);
        for (int i = 0; i < 4 * (FILE_UNITS / 2); i++) {
            assertEquals(JournalAppender.Outcome.DONE, append(appender, i));
        }
        assertEquals(allocations, disk.count(Operation.ALLOCATE), "whoever appends makes no file");
        runtime.runReady();
        assertEquals(notes.entries, replay(journal).entries);
        assertEquals(notes.entries, replay(reopenAfterProcessDeath(2)).entries);
    }

    @Test
    void filesWhoseNamesCouldNotBeMadeDurableServeLater() throws IOException {
        LocalJournal journal = openLong(1);
        disk.failOnce(Operation.SYNC_DIRECTORY, 1);
        runtime.runReady();
        int made = disk.list().size();
        assertEquals(1 + 4, made);
        JournalAppender appender = journal.openAppender();
        for (int i = 0; i < FILE_UNITS / 2 + 1; i++) {
            assertEquals(JournalAppender.Outcome.DONE, append(appender, i));
        }
        runtime.runReady();
        assertEquals(notes.entries, replay(journal).entries);
        assertTrue(disk.list().size() <= made + 1, "no file was forgotten: " + disk.list());
        assertEquals(notes.entries, replay(reopenAfterProcessDeath(2)).entries);
    }

    @Test
    void whatWasPreparedBeforeTheDiskWasFullServes() throws IOException {
        LocalJournal journal = openLong(1);
        disk.limitBytes(3L * FILE_UNITS * 4096);
        runtime.runReady();
        assertEquals(3, disk.list().size());
        int count = fill(journal.openAppender());
        assertTrue(
                count > 2 * (FILE_UNITS / 2) && count <= 3 * (FILE_UNITS / 2),
                "three files are all there is: " + count);
        assertEquals(count, acknowledged);
    }

    @Test
    void aDiskTooSmallForTheFirstFileIsAnErrorThatSaysSo() {
        disk.limitBytes(1000);
        assertThrows(DiskFullException.class, () -> open(1));
    }

    @Test
    void stopsAtTheRightPlaceAtEverySectorOfATornTail() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        append(appender, 1);
        append(appender, 2);
        long lastStart = (notes.addresses.get(1) & 0xffffff) - 1;
        for (long at = lastStart * 4096; at < (lastStart + 2) * 4096; at += 512) {
            SimulatedDisk copy = JournalRig.copy(disk);
            copy.corrupt("journal-1", at + 100);
            RecoveredLog log = JournalRecovery.scan(copy, JournalRig.VOLUME, keys, 0);
            assertEquals(notes.addresses.get(0) + 1, log.endAddress(), "torn at byte " + at);
            assertTrue(log.note().isPresent());
            assertFalse(log.damaged());
        }
    }

    @Test
    void aBatchOfAnotherUseOfTheFileIsNotTakenForOneOfThis() throws IOException {
        LocalJournal journal = JournalRig.open(disk, 1, null, JournalRig.settings(FILES, FILE_UNITS), runtime);
        append(journal.openAppender(), 1);
        SimulatedDisk other = SimulatedDisk.create();
        JournalRig.open(other, 1, null, JournalRig.settings(FILES, FILE_UNITS), runtime);
        byte[] batch = Arrays.copyOfRange(JournalRig.content(disk, "journal-1"), 4096, 3 * 4096);
        try (DiskFile file = other.open("journal-1")) {
            file.write(ByteBuffer.wrap(batch), 4096);
        }
        assertTrue(JournalRecovery.scan(other, JournalRig.VOLUME, null, 0).isEmpty());
        assertEquals(
                8192, JournalRecovery.scan(disk, JournalRig.VOLUME, null, 0).bytes());
    }

    /** The newer file says where the log before it ended, whatever can be read behind that place by now. */
    @Test
    void aTornBatchThatCanBeReadAgainDoesNotCutWhatWasWrittenSince() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        append(appender, 1);
        append(appender, 2);
        long place = ((notes.addresses.get(1) & 0xffffff) * 4096) + 77;
        disk.corrupt("journal-1", place);
        journal = reopenAfterProcessDeath(2);
        append(journal.openAppender(), 3);
        disk.corrupt("journal-1", place); // the same bit: whole again
        journal = reopenAfterProcessDeath(3);
        assertEquals(List.of("block 1", "block 3"), replay(journal).entries);
    }

    @Test
    void saysWhenSyncedBatchesAreMissing() throws IOException {
        LocalJournal journal = open(1);
        JournalAppender appender = journal.openAppender();
        for (int i = 0; i < FILE_UNITS; i++) {
            append(appender, i);
            journal.sync(failure -> {});
            runtime.runReady();
        }
        disk.corrupt("journal-1", 3 * 4096 + 5);
        runtime.crash();
        disk.crashProcess();
        RecoveredLog log = JournalRecovery.scan(disk.reopen(), JournalRig.VOLUME, keys, 0);
        assertTrue(log.damaged());
        assertTrue(log.note().orElseThrow().contains("had been synced"), log.note()::toString);
    }

    @Test
    void refusesFilesOfAnotherVolumeOrKey() throws IOException {
        LocalJournal journal = open(1);
        append(journal.openAppender(), 1);
        UUID other = new UUID(1, 2);
        String message = assertThrows(IOException.class, () -> JournalRecovery.scan(disk, other, keys, 0))
                .toString();
        assertTrue(message.contains("belongs to volume " + JournalRig.VOLUME), message);
        message = assertThrows(IOException.class, () -> JournalRecovery.scan(disk, JournalRig.VOLUME, null, 0))
                .toString();
        assertTrue(message.contains("encrypted"), message);
        KeyDerivation wrong = JournalRig.keys("wrong");
        message = assertThrows(IOException.class, () -> JournalRecovery.scan(disk, JournalRig.VOLUME, wrong, 0))
                .toString();
        assertTrue(message.contains("another key"), message);
    }

    @Test
    void aJournalSetAsideIsKeptAndItsNumbersAreNotUsedAgain() throws IOException {
        LocalJournal journal = open(1);
        append(journal.openAppender(), 1);
        long end = journal.appliedEnd();
        runtime.crash();
        disk.crashProcess();
        disk = disk.reopen();
        RecoveredLog log = JournalRecovery.scan(disk, JournalRig.VOLUME, keys, 0);
        assertEquals(8192, log.bytes());
        RecoveredLog empty = log.setAside("superseded-1");
        assertTrue(empty.isEmpty());
        LocalJournal next = LocalJournal.open(
                disk, JournalRig.VOLUME, 5, keys, JournalRig.settings(FILES, FILE_UNITS), runtime, empty);
        assertTrue(next.tail() >= end);
        assertEquals(List.of(), replay(next).entries);
        RecoveredLog kept = JournalRecovery.scan(disk.directory("superseded-1"), JournalRig.VOLUME, keys, 0);
        assertEquals(8192, kept.bytes());
        assertEquals(1, kept.epoch());
    }

    @Test
    void aDiscardedJournalIsGone() throws IOException {
        LocalJournal journal = open(1);
        append(journal.openAppender(), 1);
        runtime.crash();
        disk.crashProcess();
        disk = disk.reopen();
        assertTrue(
                JournalRecovery.scan(disk, JournalRig.VOLUME, keys, 0).discard().isEmpty());
        assertTrue(JournalRecovery.scan(disk, JournalRig.VOLUME, keys, 0).isEmpty());
    }

    @Test
    void newAddressesLieBehindTheFloorOfTheCaller() throws IOException {
        long floor = JournalFormat.address(41, 7);
        RecoveredLog empty = JournalRecovery.scan(disk, JournalRig.VOLUME, keys, floor);
        assertEquals(floor, empty.endAddress());
        LocalJournal journal = LocalJournal.open(
                disk, JournalRig.VOLUME, 1, keys, JournalRig.settings(FILES, FILE_UNITS), runtime, empty);
        append(journal.openAppender(), 1);
        assertEquals(JournalFormat.address(42, 2), notes.addresses.get(0));
        assertEquals(notes.entries, replay(journal).entries);
    }

    @Test
    void oneLogGoesThroughManyEpochs() throws IOException {
        LocalJournal journal = open(1);
        for (int epoch = 2; epoch < 6; epoch++) {
            append(journal.openAppender(), epoch);
            journal = reopenAfterProcessDeath(epoch);
            assertEquals(notes.entries, replay(journal).entries);
        }
        for (int i = 0; i < 4; i++) {
            assertHolds(journal, notes.addresses.get(i), i + 2);
        }
    }

    @Test
    void opensThatWriteNothingDoNotUseUpTheDisk() throws IOException {
        LocalJournal journal = open(1);
        append(journal.openAppender(), 1);
        for (int epoch = 2; epoch < 30; epoch++) {
            journal = reopenAfterProcessDeath(epoch);
            runtime.runReady();
        }
        assertTrue(disk.list().size() <= 4, () -> "files: " + disk.describe());
        assertEquals(notes.entries, replay(journal).entries);
    }

    @Test
    void nothingOfTheDataOrItsPlaceStandsInClearOnTheDisk() throws IOException {
        LocalJournal journal = open(1);
        append(journal.openAppender(), 0x123456789abcL);
        byte[] file = JournalRig.content(disk, "journal-1");
        byte[] data = JournalRig.block(0x123456789abcL, 1).array();
        ByteBuffer place = ByteBuffer.allocate(8).putLong(0x123456789abcL);
        assertEquals(-1, indexOf(file, data, 0, 16));
        assertEquals(-1, indexOf(file, place.array(), 2, 6));
    }

    private static int indexOf(byte[] where, byte[] what, int from, int count) {
        for (int at = 0; at + count <= where.length; at++) {
            if (Arrays.equals(where, at, at + count, what, from, from + count)) {
                return at;
            }
        }
        return -1;
    }
}
