package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.LunField;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TaskAttribute;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** LUNs: addressing, REPORT LUNS, units that come and go; what the unit says about its own commands. */
class InventoryTest {
    private static final String REPORT_LUNS = "A0 00 %02x 000000 00001000 00 00";

    private final TestUnit unit = new TestUnit();
    private final CdbScript initiator = unit.initiator;

    private static LogicalUnit another(int number) {
        return new LogicalUnit(
                new RamVolume(64 << 10),
                LogicalUnitIdentity.ofVolume(new UUID(7, number), "0001"),
                LogicalUnitSettings.DEFAULT);
    }

    @Test
    void lunFieldsAreUnderstoodInPeripheralAndFlatAddressing() {
        assertEquals(5, LunField.decode(HexFormat.of().parseHex("0005000000000000")));
        assertEquals(5, LunField.decode(HexFormat.of().parseHex("4005000000000000")));
        assertEquals(16383, LunField.decode(HexFormat.of().parseHex("7fff000000000000")));
        assertEquals(-1, LunField.decode(HexFormat.of().parseHex("0105000000000000")));
        assertEquals(-1, LunField.decode(HexFormat.of().parseHex("0005000100000000")));
        assertEquals(-1, LunField.decode(HexFormat.of().parseHex("c101000000000000")));
        byte[] field = new byte[8];
        for (int lun : new int[] {0, 255, 256, 16383}) {
            LunField.encode(lun, field, 0);
            assertEquals(lun, LunField.decode(field));
        }
    }

    @Test
    void reportLunsListsUpTo255AndBeyond() {
        unit.target.addLogicalUnit(5, another(5));
        unit.target.addLogicalUnit(300, another(300));
        String list = "00000018" + "00000000" + "0000000000000000" + "0005000000000000" + "412c000000000000";
        assertEquals(list, initiator.send(REPORT_LUNS, 0).good().hex());
        assertEquals(list, initiator.send(REPORT_LUNS, 2).good().hex());
        assertEquals("0000000000000000", initiator.send(REPORT_LUNS, 1).good().hex());
        initiator.send(REPORT_LUNS, 0x10).sense(SenseCode.INVALID_FIELD_IN_CDB);
        assertEquals(
                list.substring(0, 40),
                initiator.send("A0 00 00 000000 00000014 00 00").good().hex());
        assertEquals(list, initiator.lun(99).send(REPORT_LUNS, 0).good().hex());
        initiator.lun(300).ready().send("28 00 00000000 00 0001 00").good();
    }

    @Test
    void manyUnitsAreServed() {
        for (int lun = 1; lun < 1024; lun++) {
            unit.target.addLogicalUnit(lun, another(lun));
        }
        byte[] list = initiator
                .send(CdbScript.cdb("A0 00 00 000000 00010000 00 00"), new byte[0], 1 << 16)
                .good()
                .data();
        assertEquals(8 * 1025, list.length);
        initiator.lun(1023).ready().send("28 00 00000000 00 0001 00").good();
    }

    @Test
    void absentUnitAnswersInquiryAndRefusesTheRest() {
        initiator.lun(9);
        assertEquals(0x7F, initiator.send("12 00 00 0024 00").good().data()[0]);
        assertEquals("7f830000", initiator.send("12 01 83 0024 00").good().hex());
        initiator.send("12 00 83 0024 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("00 00000000 00").sense(SenseCode.LOGICAL_UNIT_NOT_SUPPORTED);
        CdbScript.Answer write = initiator.write(new byte[512], "2A 00 00000000 00 0001 00");
        write.sense(SenseCode.LOGICAL_UNIT_NOT_SUPPORTED);
        assertEquals(0, write.wantedOut());
        assertEquals(0x25, initiator.send("03 00 0000 FF 00").good().data()[12]);
    }

    @Test
    void targetWithoutLunZeroIsFoundByHosts() {
        TargetDevice empty = new TargetDevice("iqn.2026-11.io.sluice:empty", List.of(1));
        empty.addLogicalUnit(3, another(3));
        CdbScript script = new CdbScript(empty, "one");
        byte[] inquiry = script.send("12 00 00 0024 00").good().data();
        assertEquals(0x3F, inquiry[0]);
        assertEquals(6, inquiry[2]);
        assertEquals(
                "00000008000000000003000000000000",
                script.send(REPORT_LUNS, 0).good().hex());
    }

    @Test
    void addedAndRemovedUnitsAreToldByUnitAttentionWhichReportLunsClears() {
        CdbScript second = unit.second();
        unit.target.addLogicalUnit(5, another(5));
        initiator.send("00 00000000 00").sense(SenseCode.REPORTED_LUNS_DATA_HAS_CHANGED);
        initiator.send("00 00000000 00").good();
        second.send(REPORT_LUNS, 0).good();
        second.send("00 00000000 00").good();
        initiator.lun(5).ready();
        unit.target.removeLogicalUnit(5).join();
        initiator.pump();
        initiator.send("00 00000000 00").sense(SenseCode.LOGICAL_UNIT_NOT_SUPPORTED);
        initiator.lun(0).send("00 00000000 00").sense(SenseCode.REPORTED_LUNS_DATA_HAS_CHANGED);
    }

    @Test
    void removalCompletesWhenTheUnitsTasksAreQuiet() {
        unit.volume.hold();
        CdbScript.Answer write =
                initiator.start(CdbScript.cdb("2A 00 00000000 00 0001 00"), new byte[512], 0, TaskAttribute.SIMPLE);
        CompletableFuture<Void> removed = unit.target.removeLogicalUnit(0);
        initiator.pump();
        assertFalse(removed.isDone());
        unit.volume.release();
        assertTrue(removed.isDone());
        write.status(ScsiStatus.TASK_ABORTED);
    }

    @Test
    void supportedCommandsAgreeWithTheTable() {
        byte[] all = initiator.send("A3 0C 80 00 0000 00010000 00 00").good().data();
        assertEquals(all.length - 4, CdbField.u32(all, 0));
        int count = 0;
        for (int at = 4; at < all.length; at += 20) {
            boolean action = (all[at + 5] & 1) != 0;
            int opcode = CdbField.u8(all, at);
            byte[] one = initiator
                    .send("A3 0C 0%d %02x %04x 00000100 00 00", action ? 2 : 1, opcode, CdbField.u16(all, at + 2))
                    .good()
                    .data();
            assertEquals(3, one[1]);
            assertEquals(CdbField.u16(all, at + 6), CdbField.u16(one, 2));
            assertEquals(one.length - 4, CdbField.u16(one, 2));
            assertEquals(opcode, CdbField.u8(one, 4));
            count++;
        }
        assertEquals(unit.unit.commands().all().size(), count);
    }

    @Test
    void usageDataHasTheRightCdbLengthForItsGroup() {
        for (CommandDescriptor row : unit.unit.commands().all()) {
            int expected = new int[] {6, 10, 10, 0, 16, 12, 0, 0}[row.opcode() >>> 5];
            assertEquals(expected, row.cdbBytes(), row.name());
            assertEquals(0x04, row.usage()[expected - 1], row.name() + " ends with CONTROL, NACA looked at");
        }
    }

    @Test
    void usageDataClaimsDpoAndFuaAsModeSenseDoes() {
        for (String opcode : List.of("28", "A8", "88", "2A", "AA", "8A")) {
            byte[] one = initiator
                    .send("A3 0C 01 %s 0000 00000100 00 00", opcode)
                    .good()
                    .data();
            assertEquals(0x18, one[5] & 0x18, opcode);
        }
    }

    @Test
    void wrongReportingOptionsAreRefusedAndUnknownCommandsAreToldSo() {
        initiator.send("A3 0C 01 A3 000C 00000100 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("A3 0C 02 28 0000 00000100 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        initiator.send("A3 0C 04 28 0000 00000100 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        assertEquals(1, initiator.send("A3 0C 01 A2 0000 00000100 00 00").good().data()[1]);
        assertEquals(1, initiator.send("A3 0C 02 9E 001F 00000100 00 00").good().data()[1]);
        assertEquals(3, initiator.send("A3 0C 03 28 0000 00000100 00 00").good().data()[1]);
        assertEquals(
                0x83, initiator.send("A3 0C 83 9E 0010 00000100 00 00").good().data()[1] & 0xFF);
        initiator.send("A3 1F 00 00 0000 00000100 00 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
        assertEquals(
                "d8000000",
                initiator.send("A3 0D 00 00 0000 00000100 00 00").good().hex());
        assertEquals(
                16, initiator.send("A3 0D 80 00 0000 00000100 00 00").good().data().length);
    }

    @Test
    void targetPortGroupsAreTheSameOnEveryPath() {
        TargetDevice target = new TargetDevice("iqn.2026-11.io.sluice:ports", List.of(1, 7));
        target.addLogicalUnit(0, another(1));
        CdbScript script = new CdbScript(target, "one").ready();
        String groups = "0003000100000001" + "00000001" + "0003000700000001" + "00000007";
        assertEquals(
                "00000018" + groups,
                script.send("A3 0A 00000000 00000100 00 00").good().hex());
        assertEquals(
                "0000001c10000000" + groups,
                script.send("A3 2A 00000000 00000100 00 00").good().hex());
        assertEquals(0x10, script.send("12 00 00 0060 00").good().data()[6], "MULTIP");
    }

    @Test
    void reserveShutsOutOthersUntilReleased() {
        CdbScript second = unit.second();
        initiator.send("56 00 00 00 00000000 00 00").good();
        initiator.send("28 00 00000000 00 0001 00").good();
        second.send("16 00 000000 00").status(ScsiStatus.RESERVATION_CONFLICT);
        second.send("28 00 00000000 00 0001 00").status(ScsiStatus.RESERVATION_CONFLICT);
        second.send("1A 00 3F 00 FF 00").status(ScsiStatus.RESERVATION_CONFLICT);
        second.send("00 00000000 00").status(ScsiStatus.RESERVATION_CONFLICT);
        second.send("12 00 00 0060 00").good();
        second.send("03 00 0000 FF 00").good();
        second.send(REPORT_LUNS, 0).good();
        second.send("17 00 000000 00").good();
        second.send("00 00000000 00").status(ScsiStatus.RESERVATION_CONFLICT);
        initiator.send("17 00 000000 00").good();
        second.send("00 00000000 00").good();
        assertArrayEquals(new byte[0], second.send("17 00 000000 00").good().data());
    }
}
