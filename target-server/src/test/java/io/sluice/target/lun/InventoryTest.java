package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.scsi.AccessState;
import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.LunField;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TargetPortGroups;
import io.sluice.target.scsi.TaskAttribute;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
        CompletableFuture<Void> removed = unit.target.removeLogicalUnit(5);
        initiator.pump();
        second.pump();
        assertTrue(removed.isDone());
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
        initiator.pump();
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
        CdbScript other = new CdbScript(
                        target, new NexusIdentity("iqn.2026-11.test:two", 0x80_0000_000001L, target.name(), 7))
                .ready();
        String groups = "0003000100000001" + "00000001" + "0003000700000001" + "00000007";
        for (CdbScript path : List.of(script, other)) {
            assertEquals(
                    "00000018" + groups,
                    path.send("A3 0A 00000000 00000100 00 00").good().hex());
            assertEquals(
                    "0000001c10000000" + groups,
                    path.send("A3 2A 00000000 00000100 00 00").good().hex());
            byte[] inquiry = path.send("12 00 00 0060 00").good().data();
            assertEquals(0x10, inquiry[5] & 0x30, "TPGS: implicit");
            assertEquals(0x10, inquiry[6], "MULTIP");
        }
        script.write(new byte[8], "A4 0A 00000000 00000008 00 00").sense(SenseCode.INVALID_COMMAND_OPERATION_CODE);
    }

    @Test
    void changedAccessStatesAreToldAndReportedOnEveryPath() {
        TargetDevice target = new TargetDevice(
                "iqn.2026-11.io.sluice:ports",
                new TargetPortGroups(
                        Map.of(1, AccessState.ACTIVE_OPTIMIZED, 7, AccessState.ACTIVE_NON_OPTIMIZED), false));
        target.addLogicalUnit(0, another(1));
        CdbScript one = new CdbScript(target, "one").ready();
        CdbScript two = new CdbScript(
                        target, new NexusIdentity("iqn.2026-11.test:two", 0x80_0000_000001L, target.name(), 7))
                .ready();
        String before = "00000018" + "0003000100000001" + "00000001" + "0103000700000001" + "00000007";
        assertEquals(before, two.send("A3 0A 00000000 00000100 00 00").good().hex());
        two.send("28 00 00000000 00 0001 00").good();
        target.accessStates(Map.of(1, AccessState.ACTIVE_OPTIMIZED, 7, AccessState.ACTIVE_NON_OPTIMIZED));
        one.send("00 00000000 00").good();
        target.accessStates(Map.of(1, AccessState.ACTIVE_NON_OPTIMIZED, 7, AccessState.ACTIVE_OPTIMIZED));
        String after = "00000018" + "0103000100020001" + "00000001" + "0003000700020001" + "00000007";
        for (CdbScript path : List.of(one, two)) {
            path.send("00 00000000 00").sense(SenseCode.ASYMMETRIC_ACCESS_STATE_CHANGED);
            assertEquals(
                    after, path.send("A3 0A 00000000 00000100 00 00").good().hex());
        }
        assertThrows(
                RuntimeException.class, () -> target.accessStates(Map.of(1, AccessState.ACTIVE_OPTIMIZED)), "group 7");
    }

    @Test
    void portsPageNamesEveryTargetPort() {
        TargetDevice target = new TargetDevice("iqn.2026-11.io.sluice:ports", List.of(1, 0x2345));
        target.addLogicalUnit(0, another(1));
        byte[] page = new CdbScript(target, "one")
                .ready()
                .send("12 01 88 0100 00")
                .good()
                .data();
        assertEquals(page.length - 4, CdbField.u16(page, 2));
        int at = 4;
        for (int tag : List.of(1, 0x2345)) {
            assertEquals(tag, CdbField.u16(page, at + 2));
            assertEquals(0, CdbField.u16(page, at + 6), "no initiator port");
            int descriptorBytes = CdbField.u16(page, at + 10);
            assertEquals(0x98, CdbField.u8(page, at + 13), "SCSI name of the port");
            String name = new String(page, at + 16, descriptorBytes - 4, StandardCharsets.UTF_8);
            assertEquals(String.format("iqn.2026-11.io.sluice:ports,t,0x%04X", tag), name.replace("\0", ""));
            at += 12 + descriptorBytes;
        }
        assertEquals(page.length, at);
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
