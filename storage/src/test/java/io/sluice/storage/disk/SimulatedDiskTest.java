package io.sluice.storage.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class SimulatedDiskTest extends LocalDiskContract {
    private static final int PIECES = 64;

    private SimulatedDisk last = SimulatedDisk.create();

    @Override
    LocalDisk openEmpty() {
        last = SimulatedDisk.create();
        return last;
    }

    @Override
    LocalDisk openAgain() throws IOException {
        return last.reopen();
    }

    private static ByteBuffer filled(int value) {
        byte[] bytes = new byte[PIECES * SimulatedFile.PIECE_BYTES];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    private static SimulatedDisk withOldAndNew() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create();
        DiskFile file = disk.create("file");
        file.write(filled(1), 0);
        file.sync();
        disk.syncDirectory();
        file.write(filled(2), 0);
        return disk;
    }

    private static byte[] content(SimulatedDisk disk) throws IOException {
        try (DiskFile file = disk.open("file")) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            return bytes.array();
        }
    }

    @Test
    void processDeathKeepsEverythingWritten() throws IOException {
        SimulatedDisk disk = withOldAndNew();
        disk.crashProcess();
        assertArrayEquals(filled(2).array(), content(disk.reopen()));
    }

    @Test
    void powerLossKeepsSomeOfTheUnsyncedPiecesInAnyOrder() throws IOException {
        Set<String> patterns = new TreeSet<>();
        for (long seed = 0; seed < 20; seed++) {
            SimulatedDisk disk = withOldAndNew();
            disk.crashMachine(seed);
            byte[] content = content(disk.reopen());
            BitSet fresh = new BitSet();
            for (int i = 0; i < content.length; i++) {
                assertEquals(content[i / 512 * 512], content[i], "a piece is whole");
                fresh.set(i / 512, content[i] == 2);
            }
            assertTrue(fresh.cardinality() > 5 && fresh.cardinality() < PIECES - 5, () -> "kept: " + fresh);
            patterns.add(fresh.toString());
        }
        assertEquals(20, patterns.size(), "every seed tears in another way");
    }

    @Test
    void powerLossIsTheSameForTheSameSeed() throws IOException {
        SimulatedDisk one = withOldAndNew();
        SimulatedDisk other = withOldAndNew();
        one.crashMachine(5);
        other.crashMachine(5);
        assertArrayEquals(content(one.reopen()), content(other.reopen()));
    }

    @Test
    void syncedBytesAndNamesSurviveEveryPowerLoss() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            SimulatedDisk disk = withOldAndNew();
            try (DiskFile file = disk.open("file")) {
                file.sync();
            }
            disk.crashMachine(seed);
            assertArrayEquals(filled(2).array(), content(disk.reopen()));
        }
    }

    @Test
    void unsyncedNamesMayVanishOrStay() throws IOException {
        Set<List<String>> seen = new HashSet<>();
        for (long seed = 0; seed < 50; seed++) {
            SimulatedDisk disk = SimulatedDisk.create();
            disk.create("synced").close();
            disk.syncDirectory();
            disk.create("new").close();
            disk.rename("synced", "renamed");
            disk.crashMachine(seed);
            seen.add(disk.reopen().list());
        }
        assertEquals(
                Set.of(List.of("synced"), List.of("new", "synced"), List.of("renamed"), List.of("new", "renamed")),
                seen);
    }

    @Test
    void handlesDieInACrash() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create();
        DiskFile file = disk.create("file");
        disk.crashProcess();
        assertThrows(IOException.class, () -> file.write(ByteBuffer.allocate(1), 0));
        assertThrows(IOException.class, file::sync);
        assertThrows(IOException.class, () -> disk.create("other"));
        assertEquals(List.of("file"), disk.reopen().list());
    }

    @Test
    void failsTheNthOperationOnce() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create();
        DiskFile file = disk.create("file");
        disk.failOnce(SimulatedDisk.Operation.WRITE, 2);
        file.write(filled(1), 0);
        assertThrows(IOException.class, () -> file.write(filled(2), 0));
        file.write(filled(3), 0);
    }

    @Test
    void aFailedSyncLosesWhatItShouldHaveWritten() throws IOException {
        SimulatedDisk disk = withOldAndNew();
        disk.failOnce(SimulatedDisk.Operation.SYNC, 1);
        DiskFile file = disk.open("file");
        assertThrows(IOException.class, file::sync);
        file.sync();
        disk.crashMachine(1);
        assertArrayEquals(filled(1).array(), content(disk.reopen()));
    }

    @Test
    void isFullAtItsLimit() throws IOException {
        SimulatedDisk disk = SimulatedDisk.create();
        disk.limitBytes(1000);
        DiskFile file = disk.create("file");
        file.allocate(600);
        assertEquals(400, disk.usableBytes());
        assertThrows(DiskFullException.class, () -> file.allocate(1001));
        assertThrows(DiskFullException.class, () -> file.write(ByteBuffer.allocate(401), 600));
        file.write(ByteBuffer.allocate(600), 0);
        file.write(ByteBuffer.allocate(400), 600);
    }

    private static List<List<String>> namesAfterAMove(long seed, boolean syncTarget, boolean syncSource)
            throws IOException {
        SimulatedDisk disk = SimulatedDisk.create();
        disk.create("file").close();
        disk.syncDirectory();
        LocalDisk target = disk.directory("target");
        disk.move("file", target);
        if (syncTarget) {
            target.syncDirectory();
        }
        if (syncSource) {
            disk.syncDirectory();
        }
        disk.crashMachine(seed);
        SimulatedDisk after = disk.reopen();
        return List.of(after.list(), after.directory("target").list());
    }

    @Test
    void anUnsyncedMoveHappenedToBothDirectoriesOrToNone() throws IOException {
        Set<List<List<String>>> seen = new HashSet<>();
        for (long seed = 0; seed < 30; seed++) {
            seen.add(namesAfterAMove(seed, false, false));
        }
        assertEquals(Set.of(List.of(List.of("file"), List.of()), List.of(List.of(), List.of("file"))), seen);
    }

    @Test
    void syncingEitherDirectoryMakesAMoveDurable() throws IOException {
        for (long seed = 0; seed < 30; seed++) {
            assertEquals(List.of(List.of(), List.of("file")), namesAfterAMove(seed, true, false));
            assertEquals(List.of(List.of(), List.of("file")), namesAfterAMove(seed, false, true));
        }
    }

    @Test
    void whatWasWrittenBackEarlyMayStayAsAnOlderVersion() throws IOException {
        Set<Integer> values = new TreeSet<>();
        SimulatedDisk disk = withOldAndNew();
        disk.writeBackSome(3);
        try (DiskFile file = disk.open("file")) {
            file.write(filled(3), 0);
        }
        disk.crashMachine(3);
        for (byte value : content(disk.reopen())) {
            values.add((int) value);
        }
        assertEquals(Set.of(1, 2, 3), values);
    }
}
