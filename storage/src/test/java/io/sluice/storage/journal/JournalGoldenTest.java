package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.runtime.SimulatedRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of format version 1 that every later version must read. To make those of a new version run with
 * -Dsluice.golden.write=DIRECTORY; files of released versions never change.
 */
final class JournalGoldenTest {
    private static final int FILE_UNITS = 8;

    private static KeyDerivation keys() {
        return JournalRig.keys("golden");
    }

    private static String resource(boolean encrypted) {
        return "journal-v1-" + (encrypted ? "encrypted" : "plain") + ".bin";
    }

    private static byte[] golden(boolean encrypted) throws IOException {
        try (InputStream in = JournalGoldenTest.class.getResourceAsStream(resource(encrypted))) {
            assertNotNull(in, resource(encrypted));
            return in.readAllBytes();
        }
    }

    /** Two blocks and zeros in one batch, then a batch of one block. */
    private static byte[] write(boolean encrypted) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create();
        SimulatedRuntime runtime = new SimulatedRuntime(42);
        LocalJournal journal =
                JournalRig.open(disk, 3, encrypted ? keys() : null, JournalRig.settings(4, FILE_UNITS), runtime);
        JournalAppender appender = journal.openAppender();
        appender.addZero(1000, 24);
        appender.addBlock(10, JournalRig.block(10, 1), 0);
        appender.addBlock(11, JournalRig.block(11, 1), 0);
        appender.submit(new IndexNotes(), () -> {});
        appender.addBlock(10, JournalRig.block(10, 2), 0);
        appender.submit(new IndexNotes(), () -> {});
        return JournalRig.content(disk, "journal-1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsTheGoldenFile(boolean encrypted) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create();
        try (DiskFile file = disk.create("journal-1")) {
            file.write(ByteBuffer.wrap(golden(encrypted)), 0);
        }
        KeyDerivation keys = encrypted ? keys() : null;
        RecoveredLog log = JournalRecovery.scan(disk, JournalRig.VOLUME, keys, 0);
        assertEquals(3, log.epoch());
        assertEquals(5 * 4096, log.bytes());
        LocalJournal journal = LocalJournal.open(
                disk, JournalRig.VOLUME, 4, keys, JournalRig.settings(4, FILE_UNITS), new SimulatedRuntime(1), log);
        IndexNotes notes = new IndexNotes();
        JournalReader reader = journal.openReader(log.firstAddress());
        assertTrue(reader.next(log.endAddress(), notes));
        assertEquals(1_767_225_600_000L, reader.batchTimeMillis());
        assertTrue(reader.next(log.endAddress(), notes));
        assertEquals("[zero 1000+24, block 10, block 11, block 10]", notes.entries.toString());
        ByteBuffer block = ByteBuffer.allocate(4096);
        assertTrue(journal.read(notes.addresses.get(2), block));
        assertEquals(JournalRig.block(11, 1), block.flip());
        assertTrue(journal.read(notes.addresses.get(3), block.clear()));
        assertEquals(JournalRig.block(10, 2), block.flip());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void writesTheGoldenFile(boolean encrypted) throws IOException {
        byte[] written = write(encrypted);
        String directory = System.getProperty("sluice.golden.write", "");
        if (!directory.isEmpty()) {
            Files.write(Path.of(directory).resolve(resource(encrypted)), written);
        }
        assertArrayEquals(golden(encrypted), written);
    }
}
