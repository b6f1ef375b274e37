package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.object.MemoryObjectStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A power loss takes the header of a journal file that had not been synced, and leaves those of the files behind it. When the
 * file that the log should begin with has come to serve again, nothing local says any more that something is missing.
 */
final class JournalHoleTest {
    private static final int FILE = 128 << 10;
    /** With its header longer than half of a journal file: each is in a file of its own. */
    private static final int PIECE = 64 << 10;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(
            bucket,
            9,
            SimulatedSettings.plain()
                    .flush(new VolumeSettings.Flush(
                            Duration.ofSeconds(2),
                            ByteSize.ofMiB(64),
                            new ByteSize(PIECE),
                            1,
                            Duration.ofSeconds(60))));
    private long firstFile;

    /** Four pieces in four files; the first is in the bucket, and its file serves again. */
    @BeforeEach
    void piecesInFilesOfTheirOwn() throws IOException {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        firstFile = files().get(0);
        gateway.faults().setOutage(true);
        for (int piece = 1; piece <= 3; piece++) {
            fill(piece);
        }
        gateway.beforeRequest(
                request -> request.isPut() && dirtyBytes() == 2 * PIECE,
                () -> gateway.faults().setOutage(true));
        gateway.faults().setOutage(false);
        gateway.runtime().runFor(Duration.ofMinutes(2));
        assertEquals(2 * PIECE, dirtyBytes(), "one piece is in the bucket");
        fill(4);
        gateway.runtime().runFor(Duration.ofSeconds(1));
        assertFalse(files().contains(firstFile), "the first file serves again");
    }

    private long dirtyBytes() {
        return gateway.opened().volume().status().dirtyBytes();
    }

    private SimulatedDisk journal() throws IOException {
        return (SimulatedDisk) gateway.disk().directory(VolumeDirectories.JOURNAL);
    }

    /** Numbers of the journal's files. */
    private List<Long> files() throws IOException {
        return journal().list().stream()
                .map(name -> Long.parseLong(name.substring(name.indexOf('-') + 1)))
                .sorted()
                .toList();
    }

    private void fill(int piece) {
        gateway.port().fill((long) piece * FILE, PIECE, piece);
    }

    private boolean holds(int piece, int value) {
        return gateway.port().holds((long) piece * FILE, PIECE, value);
    }

    private void loseHeader(long number) throws IOException {
        journal().corrupt("journal-" + number, 100);
    }

    @Test
    void nothingBehindALostHeaderComesBackWithoutWhatWasInItsFile() throws IOException {
        gateway.crashProcess();
        loseHeader(firstFile + 1);
        gateway.open();
        assertTrue(holds(1, 1), "it is in the bucket");
        for (int piece = 2; piece <= 4; piece++) {
            assertTrue(holds(piece, 0), "piece " + piece + " was not flushed, and one before it is lost");
        }
        assertTrue(
                gateway.opened().report().notes().stream().anyMatch(note -> note.contains("is lost")),
                () -> gateway.opened().report().notes().toString());
    }

    @Test
    void whatWasCutDoesNotComeBackAndTheLogGoesOn() throws IOException {
        gateway.crashProcess();
        loseHeader(firstFile + 1);
        gateway.open();
        gateway.faults().setOutage(true);
        fill(5);
        gateway.crashProcess();
        gateway.open();
        assertTrue(holds(5, 5), "acknowledged before the process died");
        assertTrue(holds(3, 0));
        gateway.drain();
        gateway.loseDisk();
        gateway.open();
        assertTrue(holds(1, 1) && holds(2, 0) && holds(3, 0) && holds(4, 0) && holds(5, 5));
    }

    @Test
    void aFileThatServesAgainIsNoHole() throws IOException {
        gateway.crashProcess();
        gateway.open();
        for (int piece = 1; piece <= 4; piece++) {
            assertTrue(holds(piece, piece), "piece " + piece);
        }
    }

    /** The disk breaks its word: what had been synced is gone. The rest is kept for whoever wants to look at it. */
    @Test
    void whatStandsBehindALostHeaderThatHadBeenSyncedIsKeptAside() throws IOException {
        gateway.faults().setOutage(true);
        assertTrue(gateway.port().flush().isEmpty());
        fill(6);
        gateway.crashProcess();
        loseHeader(firstFile + 1);
        gateway.open();
        assertTrue(holds(1, 1));
        assertTrue(holds(3, 0), "newer than what is lost");
        assertTrue(
                gateway.opened().report().notes().stream().anyMatch(note -> note.contains("kept in superseded-epoch-")),
                () -> gateway.opened().report().notes().toString());
    }
}
