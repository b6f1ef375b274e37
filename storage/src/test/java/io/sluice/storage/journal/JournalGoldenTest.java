package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.runtime.SimulatedRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of format versions 1 to 3 that every later version must read. To make those of a new version run with
 * -Dsluice.golden.write=DIRECTORY; files of released versions never change.
 */
final class JournalGoldenTest {
    private static final int FILE_UNITS = 8;

    private static final List<LocatorRun> RUNS = List.of(
            new LocatorRun(Locator.shared(Locator.segment(12, 4096, 512, 7)), 20, false),
            new LocatorRun(Locator.segment(0x7000_0000L, 1 << 20, 65536, 31), 4000, true));

    private static KeyDerivation keys() {
        return JournalRig.keys("golden");
    }

    private static String resource(int version, boolean encrypted) {
        return "journal-v" + version + "-" + (encrypted ? "encrypted" : "plain") + ".bin";
    }

    private static byte[] golden(int version, boolean encrypted) throws IOException {
        try (InputStream in = JournalGoldenTest.class.getResourceAsStream(resource(version, encrypted))) {
            assertNotNull(in, resource(version, encrypted));
            return in.readAllBytes();
        }
    }

    /** Two blocks and zeros in one batch, then one of a block, a pattern and a record of references. */
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
        appender.addPattern(500, 65536, JournalRig.block(500, 3), 0);
        appender.addReferences(77, new ReferenceRuns(RUNS));
        appender.submit(new IndexNotes(), () -> {});
        return JournalRig.content(disk, "journal-1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsTheGoldenFileOfVersion1(boolean encrypted) throws IOException {
        assertReads(golden(1, encrypted), encrypted, 5, "[zero 1000+24, block 10, block 11, block 10]");
    }

    @ParameterizedTest
    @CsvSource({"2,true", "2,false", "3,true", "3,false"})
    void readsTheGoldenFilesOfLaterVersions(int version, boolean encrypted) throws IOException {
        assertReads(
                golden(version, encrypted),
                encrypted,
                7,
                "[zero 1000+24, block 10, block 11, block 10, pattern 500+65536, references 77 " + RUNS + "]");
    }

    private static void assertReads(byte[] golden, boolean encrypted, int units, String entries) throws IOException {
        SimulatedDisk disk = SimulatedDisk.create();
        try (DiskFile file = disk.create("journal-1")) {
            file.write(ByteBuffer.wrap(golden), 0);
        }
        KeyDerivation keys = encrypted ? keys() : null;
        RecoveredLog log = JournalRecovery.scan(disk, JournalRig.VOLUME, keys, 0);
        assertEquals(3, log.epoch());
        assertEquals(units * 4096L, log.bytes());
        LocalJournal journal = LocalJournal.open(
                disk, JournalRig.VOLUME, 4, keys, JournalRig.settings(4, FILE_UNITS), new SimulatedRuntime(1), log);
        IndexNotes notes = new IndexNotes();
        JournalReader reader = journal.openReader(log.firstAddress());
        assertTrue(reader.next(log.endAddress(), notes));
        assertEquals(1_767_225_600_000L, reader.batchTimeMillis());
        assertTrue(reader.next(log.endAddress(), notes));
        assertEquals(entries, notes.entries.toString());
        ByteBuffer block = ByteBuffer.allocate(4096);
        assertTrue(journal.read(notes.addresses.get(2), block));
        assertEquals(JournalRig.block(11, 1), block.flip());
        assertTrue(journal.read(notes.addresses.get(3), block.clear()));
        assertEquals(JournalRig.block(10, 2), block.flip());
        assertReadsAll(journal, notes);
    }

    /** As the flusher and long reads do: neighbours together. */
    private static void assertReadsAll(LocalJournal journal, IndexNotes notes) throws IOException {
        ByteBuffer both = ByteBuffer.allocate(2 * 4096 - 20);
        assertTrue(journal.readPart(notes.addresses.get(1), 20, both));
        ByteBuffer whole =
                ByteBuffer.allocate(2 * 4096).put(JournalRig.block(10, 1)).put(JournalRig.block(11, 1));
        assertEquals(whole.flip().position(20), both.flip());
        long[] addresses =
                notes.addresses.stream().mapToLong(a -> a).skip(1).limit(3).toArray();
        List<ByteBuffer> expected = List.of(JournalRig.block(10, 1), JournalRig.block(11, 1), JournalRig.block(10, 2));
        assertTrue(journal.readAll(addresses, (index, block) -> assertEquals(expected.get(index), block)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void writesTheGoldenFile(boolean encrypted) throws IOException {
        byte[] written = write(encrypted);
        String directory = System.getProperty("sluice.golden.write", "");
        if (!directory.isEmpty()) {
            Files.write(Path.of(directory).resolve(resource(3, encrypted)), written);
        }
        assertArrayEquals(golden(3, encrypted), written);
    }
}
