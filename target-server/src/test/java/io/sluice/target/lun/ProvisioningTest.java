package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UNMAP, WRITE SAME, GET LBA STATUS, LOG SENSE, SYNCHRONIZE CACHE. */
class ProvisioningTest {
    private final TestUnit unit = new TestUnit();
    private final CdbScript initiator = unit.initiator;

    private void fill() {
        byte[] block = TestUnit.pattern(512, 1);
        initiator.write(block, "41 00 00000000 00 0400 00").good();
    }

    private static byte[] unmapList(long... addressesAndBlocks) {
        StringBuilder list = new StringBuilder();
        int bytes = addressesAndBlocks.length * 8;
        list.append("%04x%04x00000000".formatted(bytes + 6, bytes));
        for (int i = 0; i < addressesAndBlocks.length; i += 2) {
            list.append("%016x%08x00000000".formatted(addressesAndBlocks[i], addressesAndBlocks[i + 1]));
        }
        return CdbScript.cdb(list.toString());
    }

    private CdbScript.Answer unmap(byte[] list) {
        return initiator.write(list, "42 00 00000000 00 %04x 00", list.length);
    }

    @Test
    void unmapMakesZerosOfAllItsRanges() {
        fill();
        unmap(unmapList(0, 8, 100, 1, 50, 0, 1000, 24)).good();
        assertArrayEquals(new byte[8 * 512], unit.volume.contents(0, 8 * 512));
        assertArrayEquals(new byte[512], unit.volume.contents(100 * 512, 512));
        assertArrayEquals(new byte[24 * 512], unit.volume.contents(1000 * 512, 24 * 512));
        byte[] block = TestUnit.pattern(512, 1);
        assertArrayEquals(block, unit.volume.contents(8 * 512, 512));
        assertArrayEquals(block, unit.volume.contents(50 * 512, 512));
        assertArrayEquals(block, unit.volume.contents(101 * 512, 512));
    }

    @Test
    void unmapOfNothingIsGood() {
        initiator.send("42 00 00000000 00 0000 00").good();
        unmap(unmapList()).good();
        unmap(unmapList(0x2000, 0)).good();
        unmap(unmapList(0x1FFF, 0)).good();
    }

    @Test
    void wrongUnmapListsChangeNothing() {
        fill();
        unmap(unmapList(0, 8, 0x2000, 1)).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        unmap(unmapList(0, 8, 0x2001, 0)).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        unmap(unmapList(0, 8, -1, 1)).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        initiator.write(new byte[7], "42 00 00000000 00 0007 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        byte[] list = unmapList(0, 8);
        initiator.write(list, "42 00 00000000 00 0020 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        initiator.write(list, "42 00 00000000 00 000c 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        initiator.write(list, "42 01 00000000 00 0018 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        unmap(unmapList(new long[2 * 257])).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        unmap(unmapList(new long[2 * 256])).good();
        assertArrayEquals(TestUnit.pattern(512, 1), unit.volume.contents(0, 512));
    }

    @ParameterizedTest
    @ValueSource(strings = {"41 %02x 00000003 00 0300 00", "93 %02x 0000000000000003 00000300 00 00"})
    void writeSameRepeatsTheBlock(String cdb) {
        byte[] block = TestUnit.pattern(512, 7);
        assertEquals(512, initiator.write(block, cdb, 0).good().wantedOut());
        for (int i : new int[] {3, 4, 514, 515, 0x302}) {
            assertArrayEquals(block, unit.volume.contents(i * 512, 512));
        }
        assertArrayEquals(new byte[3 * 512], unit.volume.contents(0, 3 * 512));
        assertArrayEquals(new byte[512], unit.volume.contents(0x303 * 512, 512));
        int before = unit.volume.operations();
        initiator.write(new byte[512], cdb, 0x08).good();
        assertEquals(before + 1, unit.volume.operations(), "one unmap whatever the size");
        assertArrayEquals(new byte[0x300 * 512], unit.volume.contents(3 * 512, 0x300 * 512));
        initiator.write(block, cdb, 0x08).good();
        assertArrayEquals(block, unit.volume.contents(3 * 512, 512), "UNMAP with a pattern keeps the pattern");
    }

    @ParameterizedTest
    @ValueSource(strings = {"41 %02x 00000000 00 0002 00", "93 %02x 0000000000000000 00000002 00 00"})
    void writeSameChecksItsCdbAndDataOut(String cdb) {
        initiator.write(new byte[256], cdb, 0x08).sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.write(new byte[1024], cdb, 0x08).sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send(cdb, 0).sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.write(new byte[512], cdb, 0x10).sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.write(new byte[512], cdb, 0x18).sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void writeSameOfNoBlocksIsRefusedAndNdobNeedsNoData() {
        fill();
        initiator.write(new byte[512], "41 00 00000000 00 0000 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.write(new byte[512], "93 00 0000000000000000 00000000 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        assertEquals(
                0,
                initiator.send("93 01 0000000000000000 00000010 00 00").good().wantedOut());
        assertArrayEquals(new byte[16 * 512], unit.volume.contents(0, 16 * 512));
    }

    private static String extent(long block, long blocks, int status) {
        return "%016x%08x%02x000000".formatted(block, blocks, status);
    }

    private static String extents(String... descriptors) {
        String all = String.join("", descriptors);
        return "%08x00000000%s".formatted((all.length() / 2) + 4, all);
    }

    @Test
    void lbaStatusOfANewVolumeIsOneDeallocatedExtentFromTheBlockAskedFor() {
        assertEquals(
                extents(extent(0x64, 0x1F9C, 1)),
                initiator.send("9E 12 0000000000000064 00000018 00 00").good().hex());
        initiator.send("9E 12 0000000000002000 00000018 00 00").sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        initiator.send("9E 12 FFFFFFFFFFFFFFFF 00000018 00 00").sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
    }

    @Test
    void lbaStatusTellsWhatIsMapped() {
        initiator.write(TestUnit.pattern(512, 3), "2A 00 00000009 00 0001 00").good();
        assertEquals(
                extents(extent(0, 8, 1), extent(8, 8, 0), extent(16, 0x1FF0, 1)),
                initiator.send("9E 12 0000000000000000 00000400 00 00").good().hex());
        assertEquals(
                extents(extent(12, 4, 0), extent(16, 0x1FF0, 1)),
                initiator.send("9E 12 000000000000000C 00000400 00 00").good().hex());
        assertEquals(
                24,
                initiator.send("9E 12 0000000000000000 00000018 00 00").good().data().length);
        unmap(unmapList(8, 8)).good();
        assertEquals(
                extents(extent(0, 0x2000, 1)),
                initiator.send("9E 12 0000000000000000 00000400 00 00").good().hex());
    }

    @Test
    void aSingleUnmappedBlockOf512BytesLeavesItsPhysicalBlockMapped() {
        fill();
        for (int block = 0; block < 64; block++) {
            unmap(unmapList(block, 1)).good();
            String next = initiator
                    .send("9E 12 %016x 00000018 00 00", block + 1)
                    .good()
                    .hex();
            assertEquals("%016x".formatted(block + 1), next.substring(16, 32));
            assertEquals("00", next.substring(40, 42), "mapped");
        }
    }

    @Test
    void lbaStatusThatTheVolumeCannotTellIsAFailure() {
        unit.volume.failNext(
                io.sluice.storage.volume.IoFailure.of(io.sluice.storage.volume.IoFailure.Kind.UNREADABLE, "index"));
        initiator.send("9E 12 0000000000000000 00000400 00 00").sense(SenseCode.UNRECOVERED_READ_ERROR);
    }

    @Test
    void logSenseListsItsPagesAndSubpages() {
        assertEquals(
                "00000004000c0d2f",
                initiator.send("4D 00 40 00 00 0000 00FF 00").good().hex());
        assertEquals(
                "40ff000a" + "0000" + "00ff" + "0c00" + "0d00" + "2f00",
                initiator.send("4D 00 40 FF 00 0000 00FF 00").good().hex());
        for (int page : new int[] {0x0C, 0x0D, 0x2F}) {
            byte[] data = initiator
                    .send("4D 00 %02x 00 00 0000 00FF 00", 0x40 | page)
                    .good()
                    .data();
            assertEquals(page, data[0]);
            assertEquals(data.length - 4, data[3]);
        }
    }

    @Test
    void logSenseTellsUsedAndAvailableBlocks() {
        initiator.write(TestUnit.pattern(4096, 3), "2A 00 00000000 00 0008 00").good();
        String available = "0001" + "0308" + "00001ff8" + "02000000";
        String used = "0002" + "0308" + "00000008" + "01000000";
        assertEquals(
                "0c000018" + available + used,
                initiator.send("4D 00 4C 00 00 0000 00FF 00").good().hex());
        assertEquals(
                "0c00000c" + used,
                initiator.send("4D 00 4C 00 00 0002 00FF 00").good().hex());
    }

    @Test
    void logSenseRefusesWhatItDoesNotHave() {
        initiator.send("4D 00 4E 00 00 0000 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("4D 01 4C 00 00 0000 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("4D 00 4C 01 00 0000 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("4D 00 4C 00 00 0003 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("4D 00 40 00 00 0001 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"34 %02x 00000010 00 2000 00", "90 %02x 0000000000000010 00002000 00 00"})
    void prefetchChecksItsRange(String cdb) {
        initiator.send(cdb, 0).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        initiator.send(cdb, 2).sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
        assertEquals(0, unit.volume.operations());
    }

    @ParameterizedTest
    @ValueSource(strings = {"34 %02x 00000010 00 %04x 00", "90 %02x 0000000000000010 0000%04x 00 00"})
    void prefetchReadsItsRange(String cdb) {
        int piece = PrefetchCommand.PIECE_BYTES / 512;
        initiator.send(cdb, 0, piece + 1).good();
        assertEquals(2, unit.volume.operations());
        initiator.send(cdb, 0, 0).good();
        assertEquals(2 + 16, unit.volume.operations(), "up to the last block");
    }

    @Test
    void prefetchThatCannotReadTellsSo() {
        unit.volume.failNext(
                io.sluice.storage.volume.IoFailure.of(io.sluice.storage.volume.IoFailure.Kind.UNREADABLE, "frame"));
        initiator.send("34 00 00000000 00 0001 00").sense(SenseCode.UNRECOVERED_READ_ERROR);
    }

    @Test
    void immediatePrefetchReadsBehindItsStatusOneAtATime() {
        unit.volume.hold();
        initiator.send("34 02 00000000 00 0800 00").good();
        initiator.send("34 02 00001000 00 0800 00").good();
        assertEquals(1, unit.volume.heldOperations());
        for (int i = 0; i < 4; i++) {
            unit.volume.releaseHeld();
            initiator.pump();
        }
        assertEquals(4, unit.volume.operations(), "1 MiB in four pieces, and nothing of the second");
        initiator.send("34 02 00001000 00 0001 00").good();
        assertEquals(1, unit.volume.heldOperations(), "the next one has its turn");
        unit.volume.release();
        initiator.pump();
        assertEquals(5, unit.volume.operations());
    }

    @Test
    void resetEndsAnImmediatePrefetch() {
        unit.volume.hold();
        initiator.send("34 02 00000000 00 0800 00").good();
        var reset = initiator.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, null);
        assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, reset.get(), "reads are not waited for");
        unit.volume.releaseHeld();
        initiator.pump();
        assertEquals(0, unit.volume.heldOperations(), "no further read is begun");
    }

    @Test
    void synchronizeCacheFlushesAndTellsFailure() {
        initiator.send("35 00 00000000 00 0000 00").good();
        initiator.send("91 02 0000000000000000 00000000 00 00").good();
        assertEquals(2, unit.volume.flushes());
        unit.volume.failNext(
                io.sluice.storage.volume.IoFailure.of(io.sluice.storage.volume.IoFailure.Kind.WRITE_FAILED, "disk"));
        initiator.send("35 00 00000000 00 0000 00").sense(SenseCode.WRITE_ERROR);
    }

    @Test
    void unitCommandsOfAFixedDiskAreGood() {
        initiator.send("1B 00 0000 00 00").good();
        initiator.send("1B 00 0000 01 00").good();
        initiator.send("1B 00 0000 02 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("1B 00 0000 10 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("1D 04 00 0000 00").good();
        initiator.send("1D 24 00 0000 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("34 00 00000000 00 0000 00").good();
        initiator.send("90 02 0000000000000000 00002000 00 00").good();
        initiator.send("A2 00 0000 00000000 00000000").sense(SenseCode.INVALID_COMMAND_OPERATION_CODE);
        initiator.send("85" + "00".repeat(15)).sense(SenseCode.INVALID_COMMAND_OPERATION_CODE);
        assertEquals(
                "70" + "00".repeat(6) + "0a" + "00".repeat(10),
                initiator.send("03 00 0000 FF 00").good().hex());
        assertEquals(
                "72" + "00".repeat(7), initiator.send("03 01 0000 FF 00").good().hex());
        assertArrayEquals(
                new byte[0],
                Arrays.copyOf(initiator.send("03 00 0000 00 00").good().data(), 0));
    }
}
