package io.sluice.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.runtime.SimulatedRuntime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LocalJournalTest {
    private final SimulatedDisk disk = SimulatedDisk.create();
    private final SimulatedRuntime runtime = new SimulatedRuntime(1);
    private final @Nullable KeyDerivation keys = JournalRig.keys("secret");

    /** Notes what a batch put into the index. */
    private static final class Notes implements JournalAppender.Applier {
        private final List<String> entries = new ArrayList<>();
        private final List<Long> addresses = new ArrayList<>();

        @Override
        public void block(long lba, long address) {
            entries.add("block " + lba);
            addresses.add(address);
        }

        @Override
        public void zero(long lba, long count, long address) {
            entries.add("zero " + lba + "+" + count);
            addresses.add(address);
        }
    }

    private LocalJournal open() throws IOException {
        return JournalRig.open(disk, 1, keys, JournalRig.settings(4, 16), runtime);
    }

    @Test
    void givesBackTheBlocksOfABatch() throws IOException {
        try (LocalJournal journal = open()) {
            Notes notes = new Notes();
            JournalAppender appender = journal.openAppender();
            assertEquals(JournalAppender.Outcome.DONE, appender.addBlock(5, JournalRig.block(5, 1), 0));
            assertEquals(JournalAppender.Outcome.DONE, appender.addBlock(6, JournalRig.block(6, 1), 0));
            assertEquals(JournalAppender.Outcome.DONE, appender.addZero(100, 50));
            List<String> acknowledged = new ArrayList<>();
            assertEquals(JournalAppender.Outcome.DONE, appender.submit(notes, () -> acknowledged.add("batch")));
            assertEquals(List.of("batch"), acknowledged);
            assertEquals(List.of("block 5", "block 6", "zero 100+50"), notes.entries);
            ByteBuffer destination = ByteBuffer.allocate(4096);
            assertTrue(journal.read(notes.addresses.get(1), destination));
            assertEquals(JournalRig.block(6, 1), destination.flip());
            ByteBuffer part = ByteBuffer.allocate(100);
            assertTrue(journal.readPart(notes.addresses.get(0), 1000, part));
            assertEquals(JournalRig.block(5, 1).slice(1000, 100), part.flip());
        }
    }

    @Test
    void findsEverythingAgainAfterTheProcessDied() throws IOException {
        LocalJournal journal = open();
        JournalAppender appender = journal.openAppender();
        Notes notes = new Notes();
        for (int i = 0; i < 40; i++) {
            assertEquals(JournalAppender.Outcome.DONE, appender.addBlock(i, JournalRig.block(i, 1), 0));
            JournalAppender.Outcome outcome = appender.submit(notes, () -> {});
            if (outcome == JournalAppender.Outcome.FULL) {
                break;
            }
            runtime.runReady();
        }
        assertTrue(notes.entries.size() > 25, "written: " + notes.entries.size());
        disk.crashProcess();
        runtime.crash();
        SimulatedDisk again = disk.reopen();
        RecoveredLog recovered = JournalRecovery.scan(again, JournalRig.VOLUME, keys, 0);
        assertFalse(recovered.damaged());
        try (LocalJournal reopened =
                LocalJournal.open(again, JournalRig.VOLUME, 2, keys, JournalRig.settings(4, 16), runtime, recovered)) {
            Notes replayed = new Notes();
            JournalReader reader = reopened.openReader(recovered.firstAddress());
            while (reader.next(recovered.endAddress(), replayed)) {
                assertTrue(reader.position() <= recovered.endAddress());
            }
            assertEquals(notes.entries, replayed.entries);
            assertEquals(notes.addresses, replayed.addresses);
            for (int i = 0; i < replayed.addresses.size(); i++) {
                ByteBuffer destination = ByteBuffer.allocate(4096);
                assertTrue(reopened.read(replayed.addresses.get(i), destination));
                assertEquals(JournalRig.block(i, 1), destination.flip());
            }
        }
    }
}
