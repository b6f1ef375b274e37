package io.sluice.target.lun;

import static io.sluice.target.lun.ReservationScript.CLEAR;
import static io.sluice.target.lun.ReservationScript.PREEMPT;
import static io.sluice.target.lun.ReservationScript.PREEMPT_AND_ABORT;
import static io.sluice.target.lun.ReservationScript.REGISTER;
import static io.sluice.target.lun.ReservationScript.REGISTER_AND_IGNORE;
import static io.sluice.target.lun.ReservationScript.REGISTER_AND_MOVE;
import static io.sluice.target.lun.ReservationScript.RELEASE;
import static io.sluice.target.lun.ReservationScript.RESERVE;
import static io.sluice.target.lun.ReservationScript.in;
import static io.sluice.target.lun.ReservationScript.out;
import static io.sluice.target.lun.ReservationScript.read;
import static io.sluice.target.lun.ReservationScript.start;
import static io.sluice.target.lun.ReservationScript.target;
import static io.sluice.target.lun.ReservationScript.transportId;
import static io.sluice.target.lun.ReservationScript.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.ReservationState;
import io.sluice.target.scsi.ReservationStore;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TaskAttribute;
import io.sluice.target.scsi.TaskManagementFunction;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PERSISTENT RESERVE IN and OUT with three initiators. */
class PersistentReservationTest {
    private static final long KEY_A = 0xA1;
    private static final long KEY_B = 0xB2;
    private static final long KEY_C = 0xC3;

    private final ReservationScript.MemoryStore store = new ReservationScript.MemoryStore();
    private final RamVolume volume = new RamVolume(1 << 20);
    private final TargetDevice target = target(volume, store);
    private final CdbScript a = new CdbScript(target, "one").ready();
    private final CdbScript b = new CdbScript(target, "two").ready();
    private final CdbScript c = new CdbScript(target, "three").ready();

    private void registerAll() {
        out(a, REGISTER, 0, 0, KEY_A).good();
        out(b, REGISTER, 0, 0, KEY_B).good();
    }

    private static CdbScript.Answer read(CdbScript from) {
        return from.send("28 00 00000000 00 0001 00");
    }

    private static CdbScript.Answer write(CdbScript from) {
        return from.write(new byte[512], "2A 00 00000000 00 0001 00");
    }

    @Test
    void registrationsAreListedAndCounted() {
        assertEquals("0000000000000000", in(a, 0));
        registerAll();
        assertEquals("00000002" + "00000010" + "00000000000000a1" + "00000000000000b2", in(c, 0));
        out(a, REGISTER, 0, KEY_A, KEY_C).good();
        assertEquals("00000003" + "00000010" + "00000000000000c3" + "00000000000000b2", in(c, 0));
        out(a, REGISTER, 0, KEY_C, 0).good();
        assertEquals("00000004" + "00000008" + "00000000000000b2", in(c, 0));
        assertEquals(
                "0000000400000008", c.send("5E 00 0000000000 0008 00").good().hex());
        c.send("5E 04 0000000000 0008 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void wrongKeysConflictWithoutSense() {
        out(a, REGISTER, 0, 1, KEY_A).status(ScsiStatus.RESERVATION_CONFLICT);
        registerAll();
        out(a, REGISTER, 0, KEY_B, KEY_C).status(ScsiStatus.RESERVATION_CONFLICT);
        for (int action : new int[] {RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT, REGISTER_AND_MOVE}) {
            CdbScript.Answer answer = out(c, action, 1, 0, KEY_A);
            if (action != REGISTER_AND_MOVE) {
                answer.status(ScsiStatus.RESERVATION_CONFLICT);
                out(a, action, 1, KEY_B, KEY_A).status(ScsiStatus.RESERVATION_CONFLICT);
            }
        }
        out(a, REGISTER_AND_IGNORE, 0, 0x77, KEY_C).good();
        assertEquals("00000003" + "00000010" + "00000000000000c3" + "00000000000000b2", in(c, 0));
    }

    @Test
    void capabilitiesNameAllTypesAndPowerLoss() {
        assertEquals("00081dd0ea010000", in(a, 2));
        out(a, REGISTER, 0, 0, KEY_A, 1).good();
        assertEquals("00081dd1ea010000", in(a, 2));
        TargetDevice forgetful = target(new RamVolume(1 << 20), ReservationStore.NOWHERE);
        CdbScript script = new CdbScript(forgetful, "one").ready();
        assertEquals("00081cd0ea010000", in(script, 2));
        out(script, REGISTER, 0, 0, KEY_A, 1).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
    }

    @ParameterizedTest
    @CsvSource({
        // type, registrant reads, registrant writes, stranger reads, stranger writes
        "1, true, false, true, false",
        "3, false, false, false, false",
        "5, true, true, true, false",
        "6, true, true, false, false",
        "7, true, true, true, false",
        "8, true, true, false, false"
    })
    void typesShutOutWhomTheyShould(
            int type,
            boolean registrantReads,
            boolean registrantWrites,
            boolean strangerReads,
            boolean strangerWrites) {
        registerAll();
        out(a, RESERVE, type, KEY_A, 0).good();
        boolean all = type >= 7;
        assertEquals(
                "00000002" + "00000010" + (all ? "0000000000000000" : "00000000000000a1") + "00000000" + "000" + type
                        + "0000",
                in(c, 1));
        read(a).good();
        write(a).good();
        assertEquals(registrantReads, read(b).status() == ScsiStatus.GOOD);
        assertEquals(registrantWrites, write(b).status() == ScsiStatus.GOOD);
        assertEquals(strangerReads, read(c).status() == ScsiStatus.GOOD);
        assertEquals(strangerWrites, write(c).status() == ScsiStatus.GOOD);
        for (String always : new String[] {
            "00 00000000 00",
            "12 00 00 0060 00",
            "03 00 0000 FF 00",
            "A0 00 00 000000 00000100 00 00",
            "25 00000000000000000000",
            "A3 0A 00000000 00000100 00 00",
            "A3 0C 00 00 0000 00001000 00 00",
            "5E 00 0000000000 1000 00"
        }) {
            c.send(always).good();
        }
        c.send("35 00 00000000 00 0000 00").status(ScsiStatus.RESERVATION_CONFLICT);
        c.write(new byte[1024], "89 00 0000000000000000 000000 01 00 00").status(ScsiStatus.RESERVATION_CONFLICT);
        c.write(new byte[512], "41 08 00000000 00 0001 00").status(ScsiStatus.RESERVATION_CONFLICT);
        c.write(new byte[24], "42 00 00000000 00 0018 00").status(ScsiStatus.RESERVATION_CONFLICT);
        c.send("15 10 0000 00 00").status(ScsiStatus.RESERVATION_CONFLICT);
        assertEquals(strangerReads, c.send("1A 00 3F 00 FF 00").status() == ScsiStatus.GOOD);
    }

    @Test
    void secondReservationConflictsAndTheSameOneAgainIsGood() {
        registerAll();
        out(a, RESERVE, 1, KEY_A, 0).good();
        out(a, RESERVE, 1, KEY_A, 0).good();
        out(a, RESERVE, 3, KEY_A, 0).status(ScsiStatus.RESERVATION_CONFLICT);
        out(b, RESERVE, 1, KEY_B, 0).status(ScsiStatus.RESERVATION_CONFLICT);
        out(a, RESERVE, 2, KEY_A, 0).sense(SenseCode.INVALID_FIELD_IN_CDB);
        out(a, RESERVE, 0x11, KEY_A, 0).sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void releaseNeedsTheHolderAndTheType() {
        registerAll();
        out(a, RELEASE, 5, KEY_A, 0).good();
        out(a, RESERVE, 5, KEY_A, 0).good();
        out(b, RELEASE, 5, KEY_B, 0).good();
        write(c).status(ScsiStatus.RESERVATION_CONFLICT);
        out(a, RELEASE, 1, KEY_A, 0).sense(SenseCode.INVALID_RELEASE_OF_PERSISTENT_RESERVATION);
        out(a, RELEASE, 5, KEY_A, 0).good();
        write(c).good();
        read(b).sense(SenseCode.RESERVATIONS_RELEASED);
        read(a).good();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 5, 6})
    void unregisteringHolderReleases(int type) {
        registerAll();
        out(a, RESERVE, type, KEY_A, 0).good();
        out(a, REGISTER, 0, KEY_A, 0).good();
        write(c).good();
        if (type >= 5) {
            read(b).sense(SenseCode.RESERVATIONS_RELEASED);
        }
        read(b).good();
        read(a).good();
    }

    @Test
    void allRegistrantsReservationEndsWithTheLastRegistrant() {
        registerAll();
        out(a, RESERVE, 8, KEY_A, 0).good();
        out(a, REGISTER, 0, KEY_A, 0).good();
        read(a).status(ScsiStatus.RESERVATION_CONFLICT);
        read(b).good();
        out(b, REGISTER, 0, KEY_B, 0).good();
        read(a).good();
        assertEquals("00000004" + "00000000", in(a, 1));
    }

    @Test
    void clearTakesEverythingAndTellsTheOthers() {
        registerAll();
        out(a, RESERVE, 6, KEY_A, 0).good();
        out(b, CLEAR, 0, KEY_B, 0).good();
        assertEquals("00000003" + "00000000", in(c, 0));
        write(c).good();
        write(a).sense(SenseCode.RESERVATIONS_PREEMPTED);
        write(b).good();
    }

    @Test
    void preemptTakesTheReservationAndTheLosersRegistration() {
        registerAll();
        out(c, REGISTER, 0, 0, KEY_C).good();
        out(a, RESERVE, 5, KEY_A, 0).good();
        out(b, PREEMPT, 1, KEY_B, KEY_A).good();
        assertEquals("00000004" + "00000010" + "00000000000000b2" + "00000000" + "0001" + "0000", in(b, 1));
        write(a).sense(SenseCode.REGISTRATIONS_PREEMPTED);
        write(a).status(ScsiStatus.RESERVATION_CONFLICT);
        write(c).sense(SenseCode.RESERVATIONS_RELEASED);
        write(b).good();
    }

    @Test
    void preemptOfAnotherKeyRemovesRegistrationsOnly() {
        registerAll();
        out(c, REGISTER, 0, 0, KEY_C).good();
        out(a, RESERVE, 5, KEY_A, 0).good();
        out(b, PREEMPT, 1, KEY_B, KEY_C).good();
        write(a).good();
        write(c).sense(SenseCode.REGISTRATIONS_PREEMPTED);
        write(c).status(ScsiStatus.RESERVATION_CONFLICT);
        out(b, PREEMPT, 1, KEY_B, 0x99).status(ScsiStatus.RESERVATION_CONFLICT);
        out(b, PREEMPT, 1, KEY_B, 0).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
    }

    @Test
    void preemptWithKeyZeroTakesAnAllRegistrantsReservationFromAll() {
        registerAll();
        out(c, REGISTER, 0, 0, KEY_C).good();
        out(a, RESERVE, 7, KEY_A, 0).good();
        out(b, PREEMPT, 3, KEY_B, 0).good();
        assertEquals("00000004" + "00000008" + "00000000000000b2", in(b, 0));
        read(a).sense(SenseCode.REGISTRATIONS_PREEMPTED);
        read(c).sense(SenseCode.REGISTRATIONS_PREEMPTED);
        read(a).status(ScsiStatus.RESERVATION_CONFLICT);
        read(b).good();
    }

    @Test
    void preemptAndAbortAnswersOnlyWhenTheVictimsWritesAreQuiet() {
        registerAll();
        out(a, RESERVE, 5, KEY_A, 0).good();
        volume.hold();
        CdbScript.Answer victim =
                a.start(CdbScript.cdb("2A 00 00000000 00 0001 00"), TestUnit.pattern(512, 1), 0, TaskAttribute.SIMPLE);
        byte[] list = CdbScript.cdb("%016x%016x 00000000 00 000000", KEY_B, KEY_A);
        CdbScript.Answer preempt = b.start(CdbScript.cdb("5F 05 05 0000 00000018 00"), list, 0, TaskAttribute.SIMPLE);
        assertEquals(false, preempt.isEnded());
        volume.release();
        b.pump();
        assertEquals(false, preempt.isEnded(), "tasks of the victim may be on their way");
        a.pump();
        preempt.good();
        victim.status(ScsiStatus.TASK_ABORTED);
        byte[] after = volume.contents(0, 512);
        write(a).sense(SenseCode.REGISTRATIONS_PREEMPTED);
        write(a).status(ScsiStatus.RESERVATION_CONFLICT);
        assertArrayEquals(after, volume.contents(0, 512));
    }

    @Test
    void registrationsOutliveLossOfNexusAndResets() {
        registerAll();
        out(a, RESERVE, 1, KEY_A, 0).good();
        a.close();
        b.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, null);
        b.ready();
        write(b).status(ScsiStatus.RESERVATION_CONFLICT);
        CdbScript again = new CdbScript(target, "one").ready();
        write(again).good();
    }

    @Test
    void powerLossIsSurvivedOnlyWithAptplAndGoodComesAfterTheSave() {
        out(a, REGISTER, 0, 0, KEY_A).good();
        assertEquals(ReservationState.NONE, store.kept());
        store.slow(true);
        CdbScript.Answer register = start(b, REGISTER_AND_IGNORE, 0, 0, KEY_B, 1);
        assertEquals(false, register.isEnded());
        store.end(null);
        register.good();
        store.slow(false);
        out(b, RESERVE, 5, KEY_B, 0).good();
        TargetDevice restarted = target(volume, store);
        CdbScript stranger = new CdbScript(restarted, "three").ready();
        write(stranger).status(ScsiStatus.RESERVATION_CONFLICT);
        assertEquals(in(a, 0), in(stranger, 0));
        write(new CdbScript(restarted, "two").ready()).good();
    }

    @Test
    void fullStatusNamesInitiatorPorts() {
        registerAll();
        out(b, RESERVE, 6, KEY_B, 0).good();
        byte[] data = a.send("5E 03 0000000000 1000 00").good().data();
        assertEquals(data.length - 8, CdbField.u32(data, 4));
        assertEquals(KEY_A, CdbField.u64(data, 8));
        assertEquals(0, data[20]);
        assertEquals(1, CdbField.u16(data, 8 + 18));
        int idBytes = (int) CdbField.u32(data, 8 + 20);
        assertEquals(0x45, data[8 + 24]);
        assertEquals(idBytes - 4, CdbField.u16(data, 8 + 26));
        assertEquals(
                "iqn.2026-11.test:one,i,0x800000000001",
                new String(data, 8 + 28, idBytes - 4, StandardCharsets.US_ASCII).trim());
        int next = 8 + 24 + idBytes;
        assertEquals(KEY_B, CdbField.u64(data, next));
        assertEquals(1, data[next + 12]);
        assertEquals(6, data[next + 13]);
    }

    @Test
    void allTargetPortsRegistersOnEachOfThem() {
        out(a, REGISTER, 0, 0, KEY_A, 4).good();
        assertEquals("00000001" + "00000010" + "00000000000000a1".repeat(2), in(b, 0));
    }

    @Test
    void specifiedInitiatorPortsAreRegisteredToo() {
        byte[] id = transportId("two");
        byte[] list = java.util.Arrays.copyOf(
                CdbScript.cdb("%016x%016x 00000000 08 000000 %08x", 0, KEY_A, id.length), 28 + id.length);
        System.arraycopy(id, 0, list, 28, id.length);
        a.write(list, "5F 00 00 0000 %08x 00", list.length).good();
        out(a, RESERVE, 6, KEY_A, 0).good();
        read(b).good();
        read(c).status(ScsiStatus.RESERVATION_CONFLICT);
        list[28] = 0;
        c.write(list, "5F 00 00 0000 %08x 00", list.length).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        c.write(list, "5F 06 00 0000 %08x 00", list.length).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
    }

    @Test
    void registerAndMovePassesTheReservationOn() {
        registerAll();
        out(a, RESERVE, 1, KEY_A, 0).good();
        byte[] id = transportId("three");
        byte[] list = java.util.Arrays.copyOf(
                CdbScript.cdb("%016x%016x 00 02 0001 %08x", KEY_A, KEY_C, id.length), 24 + id.length);
        System.arraycopy(id, 0, list, 24, id.length);
        a.write(list, "5F 07 00 0000 %08x 00", list.length).good();
        write(c).good();
        write(a).status(ScsiStatus.RESERVATION_CONFLICT);
        assertEquals("00000003" + "00000010" + "00000000000000b2" + "00000000000000c3", in(a, 0));
    }

    @Test
    void parameterListsOfWrongLengthAreRefused() {
        a.write(new byte[23], "5F 00 00 0000 00000017 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        a.write(new byte[20], "5F 00 00 0000 00000018 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        a.write(new byte[25], "5F 00 00 0000 00000019 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        a.write(new byte[24], "5F 08 00 0000 00000018 00").sense(SenseCode.INVALID_FIELD_IN_CDB);
    }

    @Test
    void reserveOfSpc2ConflictsWithRegistrations() {
        registerAll();
        c.send("16 00 000000 00").status(ScsiStatus.RESERVATION_CONFLICT);
        out(a, CLEAR, 0, KEY_A, 0).good();
        c.send("16 00 000000 00").good();
        out(a, REGISTER, 0, 0, KEY_A).status(ScsiStatus.RESERVATION_CONFLICT);
        assertNotNull(c.send("17 00 000000 00").good());
    }
}
