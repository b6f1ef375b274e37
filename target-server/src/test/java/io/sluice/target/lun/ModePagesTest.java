package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.target.scsi.SenseCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** MODE SENSE and MODE SELECT. */
class ModePagesTest {
    private static final String CACHING_REST = "00".repeat(17);
    private static final String CONTROL_ON_10 = "00 00 00 00 00 00 00 00";

    private final TestUnit unit = new TestUnit();
    private final CdbScript initiator = unit.initiator;

    @Test
    void senseSixAndTenGiveHeaderDescriptorAndPage() {
        assertEquals(
                "1f001008" + "0000200000000200" + "081204" + CACHING_REST,
                initiator.send("1A 00 08 00 FF 00").good().hex());
        assertEquals(
                "0022001000000008" + "0000200000000200" + "081204" + CACHING_REST,
                initiator.send("5A 00 08 00 000000 00FF 00").good().hex());
        assertEquals(
                "002a001001000010" + "00000000000020000000000000000200" + "081204" + CACHING_REST,
                initiator.send("5A 10 08 00 000000 00FF 00").good().hex());
        assertEquals(
                "17001000" + "081204" + CACHING_REST,
                initiator.send("1A 08 08 00 FF 00").good().hex());
    }

    @Test
    void changeableAndDefaultValuesAreTold() {
        assertEquals(
                "081204" + CACHING_REST,
                initiator.send("1A 08 48 00 FF 00").good().hex().substring(8));
        assertEquals(
                "0a0a04000840000000000000",
                initiator.send("1A 08 4A 00 FF 00").good().hex().substring(8));
        assertEquals(
                "0a0a02100000" + "0000ffff0000",
                initiator.send("1A 08 8A 00 FF 00").good().hex().substring(8));
        initiator.send("1A 08 C8 00 FF 00").sense(SenseCode.SAVING_PARAMETERS_NOT_SUPPORTED);
    }

    @Test
    void allPagesComeInOrder() {
        byte[] data = initiator.send("1A 08 3F 00 FF 00").good().data();
        assertArrayEquals(data, initiator.send("1A 08 3F FF FF 00").good().data());
        assertEquals(data.length - 1, data[0] & 0xFF);
        StringBuilder codes = new StringBuilder();
        for (int at = 4; at < data.length; at += data[at + 1] + 2) {
            codes.append("%02x ".formatted(data[at]));
        }
        assertEquals("01 03 04 08 0a 1c ", codes.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1A 08 3E 00 FF 00", "1A 08 08 01 FF 00", "1A 08 3F 01 FF 00", "5A 08 02 00 000000 00FF 00"})
    void unknownPagesAndSubpagesAreRefused(String cdb) {
        initiator.send(cdb).sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void selectOfDescriptorSenseChangesTheSenseFormatAndIsToldToOthers() {
        CdbScript second = unit.second();
        initiator
                .write(CdbScript.cdb("00000000 0a0a 06100000 0000ffff0000"), "15 10 0000 10 00")
                .good();
        byte[] sense = initiator
                .send("28 00 ffffffff 00 0001 00")
                .sense(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE)
                .senseBytes();
        assertEquals(0x72, sense[0]);
        second.send("00 00000000 00").sense(SenseCode.MODE_PARAMETERS_CHANGED);
        second.send("00 00000000 00").good();
    }

    @Test
    void softwareWriteProtectRefusesWritesOnly() {
        initiator
                .write(CdbScript.cdb(CONTROL_ON_10 + "0a0a 02100800 0000ffff0000"), "55 10 0000000000 0014 00")
                .good();
        initiator
                .write(new byte[512], "2A 00 00000000 00 0001 00")
                .sense(SenseCode.LOGICAL_UNIT_SOFTWARE_WRITE_PROTECTED);
        initiator.send("28 00 00000000 00 0001 00").good();
        assertEquals(0x90, initiator.send("1A 08 08 00 FF 00").good().data()[2] & 0xFF);
        initiator
                .write(CdbScript.cdb("00000000 0a0a 02100000 0000ffff0000"), "15 10 0000 10 00")
                .good();
        initiator.write(new byte[512], "2A 00 00000000 00 0001 00").good();
    }

    @Test
    void whatCannotBeChangedIsRefusedAsAWhole() {
        String control = "0a0a 02100800 0000ffff0000";
        initiator
                .write(CdbScript.cdb("00000000" + control + "081205" + CACHING_REST), "15 10 0000 24 00")
                .sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        initiator.write(new byte[512], "2A 00 00000000 00 0001 00").good();
        initiator
                .write(CdbScript.cdb("00000000 0a08 02100000 0000ffff"), "15 10 0000 0e 00")
                .sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        initiator
                .write(CdbScript.cdb("00000000 0e02 0000"), "15 10 0000 08 00")
                .sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        initiator
                .write(CdbScript.cdb("00000008 0000000000001000"), "15 10 0000 0c 00")
                .sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
    }

    @Test
    void selectChecksItsCdbAndListLength() {
        initiator.send("15 10 0000 00 00").good();
        initiator.write(new byte[4], "15 11 0000 04 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.write(new byte[4], "15 00 0000 04 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.write(new byte[2], "15 10 0000 02 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        initiator.write(new byte[4], "15 10 0000 10 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        initiator
                .write(CdbScript.cdb("00000000 0a0a 0210"), "15 10 0000 08 00")
                .sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
    }

    @Test
    void logicalUnitResetPutsModePagesBack() {
        initiator
                .write(CdbScript.cdb("00000000 0a0a 02100800 0000ffff0000"), "15 10 0000 10 00")
                .good();
        initiator.manage(io.sluice.target.scsi.TaskManagementFunction.LOGICAL_UNIT_RESET, null);
        initiator.ready();
        initiator.write(new byte[512], "2A 00 00000000 00 0001 00").good();
    }
}
