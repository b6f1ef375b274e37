package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.runtime.SimulatedRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A journal that was closed empty is not read at the next opening; the mark that says so is never believed too long. */
final class CloseMarkTest {
    private static final String GOLDEN = "journal-closed-v1.bin";

    private final SimulatedDisk disk = SimulatedDisk.create();
    private final SimulatedRuntime runtime = new SimulatedRuntime(1);

    private LocalJournal open(long epoch) throws IOException {
        LocalJournal journal = JournalRig.open(disk, epoch, null, JournalRig.settings(4, 8), runtime);
        runtime.runReady();
        return journal;
    }

    private void append(LocalJournal journal, int blocks) throws IOException {
        JournalAppender appender = journal.openAppender();
        for (int i = 0; i < blocks; i++) {
            appender.addBlock(i, JournalRig.block(i, 1), 0);
            assertEquals(JournalAppender.Outcome.DONE, appender.submit(new IndexNotes(), () -> {}));
            runtime.runReady();
        }
    }

    private RecoveredLog scan() throws IOException {
        return JournalRecovery.scan(disk, JournalRig.VOLUME, null, 0);
    }

    /** Fills some files, releases everything, closes; where the log ended. */
    private long closeEmpty() throws IOException {
        LocalJournal journal = open(1);
        append(journal, 9);
        long end = journal.appliedEnd();
        journal.release(end);
        runtime.runReady();
        journal.close();
        assertTrue(disk.exists(CloseMark.NAME));
        return end;
    }

    @Test
    void whatWasClosedEmptyIsNotRead() throws IOException {
        long end = closeEmpty();
        disk.forgetReads();
        RecoveredLog log = scan();
        assertTrue(log.isEmpty());
        assertEquals(end, log.endAddress());
        assertEquals(Map.of(CloseMark.NAME, 48L), disk.bytesRead());
        LocalJournal again =
                LocalJournal.open(disk, JournalRig.VOLUME, 2, null, JournalRig.settings(4, 8), runtime, log);
        assertFalse(disk.exists(CloseMark.NAME), "it is in use again");
        assertTrue(again.appliedEnd() > end, "no address is used twice");
        append(again, 2);
        runtime.crash();
        assertEquals(4 * 4096, scan().bytes(), "two batches of a header and a block");
    }

    @Test
    void aJournalWithSomethingInItHasNoMark() throws IOException {
        LocalJournal journal = open(1);
        append(journal, 2);
        journal.close();
        assertFalse(disk.exists(CloseMark.NAME));
        assertEquals(4 * 4096, scan().bytes());
    }

    /** A Sluice from before the mark opens the journal, writes, and dies: the mark is still there. */
    @Test
    void aMarkFromBeforeTheLastOpeningIsNotBelieved() throws IOException {
        closeEmpty();
        byte[] mark = JournalRig.content(disk, CloseMark.NAME);
        append(open(2), 3);
        write(mark);
        RecoveredLog log = scan();
        assertEquals(6 * 4096, log.bytes());
        assertEquals(2, log.epoch());
    }

    @Test
    void aDamagedMarkIsNotBelieved() throws IOException {
        closeEmpty();
        byte[] mark = JournalRig.content(disk, CloseMark.NAME);
        for (int i = 0; i < mark.length; i++) {
            byte[] damaged = mark.clone();
            damaged[i] ^= 1;
            write(damaged);
            disk.forgetReads();
            assertFalse(scan().isEmpty(), "what was released last is found, for the volume to skip");
            assertTrue(disk.bytesRead().keySet().stream().anyMatch(name -> name.startsWith("journal-")), "byte " + i);
        }
        write(new byte[7]);
        assertFalse(scan().isEmpty());
    }

    @Test
    void whoChecksThatItBelongsToTheVolumeReadsTheMarkAlone() throws IOException {
        closeEmpty();
        disk.forgetReads();
        JournalRecovery.requireBelongs(disk, JournalRig.VOLUME, null);
        assertEquals(Map.of(CloseMark.NAME, 48L), disk.bytesRead());
    }

    @Test
    void anotherVolumesMarkIsRefusedAsAnotherVolumesFileIs() throws IOException {
        closeEmpty();
        UUID other = new UUID(7, 7);
        for (String file : disk.list()) {
            if (JournalFormat.numberOf(file).isPresent()) {
                disk.delete(file);
            }
        }
        for (Executable opening : List.<Executable>of(
                () -> JournalRecovery.requireBelongs(disk, other, null),
                () -> JournalRecovery.scan(disk, other, null, 0))) {
            DamagedObjectException refused = assertThrows(DamagedObjectException.class, opening);
            assertTrue(String.valueOf(refused.getMessage()).contains("belongs to volume " + JournalRig.VOLUME));
        }
    }

    /** Files that came later are looked at, whatever the mark says. */
    @Test
    void anotherVolumesFileBehindTheMarkIsRefused() throws IOException {
        closeEmpty();
        byte[] mark = JournalRig.content(disk, CloseMark.NAME);
        open(2).close();
        CloseMark own = CloseMark.decode(ByteBuffer.wrap(mark));
        UUID other = new UUID(7, 7);
        byte[] bytes = new byte[48];
        new CloseMark(other, own.lastNumber(), own.endAddress()).encode().get(bytes);
        write(bytes);
        assertThrows(DamagedObjectException.class, () -> JournalRecovery.requireBelongs(disk, other, null));
    }

    private void write(byte[] bytes) throws IOException {
        try (DiskFile file = disk.create(CloseMark.NAME)) {
            file.write(ByteBuffer.wrap(bytes), 0);
        }
    }

    @Test
    void readsAndWritesTheGoldenFile() throws IOException {
        CloseMark mark = new CloseMark(JournalRig.VOLUME, 77, JournalFormat.address(76, 12));
        byte[] written = new byte[48];
        mark.encode().get(written);
        String directory = System.getProperty("sluice.golden.write", "");
        if (!directory.isEmpty()) {
            Files.write(Path.of(directory).resolve(GOLDEN), written);
        }
        try (InputStream in = CloseMarkTest.class.getResourceAsStream(GOLDEN)) {
            assertNotNull(in, GOLDEN);
            byte[] golden = in.readAllBytes();
            assertArrayEquals(golden, written);
            assertEquals(mark, CloseMark.decode(ByteBuffer.wrap(golden)));
        } catch (DamagedObjectException | io.sluice.storage.format.UnsupportedFormatException unreadable) {
            throw new AssertionError(unreadable);
        }
    }
}
