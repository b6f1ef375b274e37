package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.scsi.SenseCode;
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

    @Test
    void lbaStatusIsMappedWhenTheVolumeDoesNotTell() {
        assertEquals(
                "00000014" + "00000000" + "0000000000000064" + "00001f9c" + "00000000",
                initiator.send("9E 12 0000000000000064 00000018 00 00").good().hex());
        initiator.send("9E 12 0000000000002000 00000018 00 00").sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
    }

    @Test
    void lbaStatusTellsTheRunsOfAVolumeThatKnows() {
        TestUnit mapped = new TestUnit(new MappedRamVolume(TestUnit.BYTES), LogicalUnitSettings.DEFAULT);
        assertEquals(
                "00000024" + "00000000" + "0000000000000004" + "00000004" + "00000000" + "0000000000000008" + "00001ff8"
                        + "01000000",
                mapped.initiator
                        .send("9E 12 0000000000000004 00000400 00 00")
                        .good()
                        .hex());
        assertEquals(
                24,
                mapped.initiator
                        .send("9E 12 0000000000000004 00000018 00 00")
                        .good()
                        .data()
                        .length);
        assertEquals(
                "0c00000c" + "00020308" + "00000008" + "01000000",
                mapped.initiator.send("4D 00 4C 00 00 0000 00FF 00").good().hex());
    }

    @Test
    void logSenseKnowsItsPages() {
        assertEquals(
                "00000002000c",
                initiator.send("4D 00 40 00 00 0000 00FF 00").good().hex());
        assertEquals(
                "0c000000", initiator.send("4D 00 4C 00 00 0000 00FF 00").good().hex());
        initiator.send("4D 00 4D 00 00 0000 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("4D 01 4C 00 00 0000 00FF 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
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
