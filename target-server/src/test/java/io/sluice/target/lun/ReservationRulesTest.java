package io.sluice.target.lun;

import static io.sluice.target.lun.ReservationScript.ALL_TG_PT;
import static io.sluice.target.lun.ReservationScript.APTPL;
import static io.sluice.target.lun.ReservationScript.CLEAR;
import static io.sluice.target.lun.ReservationScript.PREEMPT;
import static io.sluice.target.lun.ReservationScript.PREEMPT_AND_ABORT;
import static io.sluice.target.lun.ReservationScript.REGISTER;
import static io.sluice.target.lun.ReservationScript.REGISTER_AND_IGNORE;
import static io.sluice.target.lun.ReservationScript.RELEASE;
import static io.sluice.target.lun.ReservationScript.RESERVE;
import static io.sluice.target.lun.ReservationScript.SPEC_I_PT;
import static io.sluice.target.lun.ReservationScript.generation;
import static io.sluice.target.lun.ReservationScript.in;
import static io.sluice.target.lun.ReservationScript.move;
import static io.sluice.target.lun.ReservationScript.out;
import static io.sluice.target.lun.ReservationScript.outWithPorts;
import static io.sluice.target.lun.ReservationScript.read;
import static io.sluice.target.lun.ReservationScript.target;
import static io.sluice.target.lun.ReservationScript.transportId;
import static io.sluice.target.lun.ReservationScript.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TaskManagementFunction;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The corners of SPC-4 sections 5.13 and 6.16, clause by clause. */
class ReservationRulesTest {
    private static final long KEY_A = 0xA1;
    private static final long KEY_B = 0xB2;
    private static final long KEY_C = 0xC3;
    private static final String NO_KEYS = "00000000";

    private final RamVolume volume = new RamVolume(1 << 20);
    private final ReservationScript.MemoryStore store = new ReservationScript.MemoryStore();
    private final TargetDevice target = target(volume, store);
    private final CdbScript a = new CdbScript(target, "one").ready();
    private final CdbScript b = new CdbScript(target, "two").ready();
    private final CdbScript c = new CdbScript(target, "three").ready();

    ReservationRulesTest() {
        CdbScript.together(a, b, c);
    }

    private void registerAll() {
        out(a, REGISTER, 0, 0, KEY_A).good();
        out(b, REGISTER, 0, 0, KEY_B).good();
        out(c, REGISTER, 0, 0, KEY_C).good();
    }

    private CdbScript port(String initiator, long isid, int portalGroup) {
        return new CdbScript(
                        target, new NexusIdentity("iqn.2026-11.test:" + initiator, isid, target.name(), portalGroup))
                .ready();
    }

    // ---------------------------------------------------------------- registering (5.13.7)

    @Test
    void unregisteringWhoIsNotRegisteredDoesNothing() {
        out(a, REGISTER, 0, 0, 0).good();
        out(a, REGISTER_AND_IGNORE, 0, 77, 0).good();
        assertEquals(0, generation(a));
    }

    @Test
    void registrationIgnoresScopeAndType() {
        out(a, REGISTER, 0xFF, 0, KEY_A).good();
        out(a, REGISTER_AND_IGNORE, 0x12, 0, KEY_B).good();
        out(a, CLEAR, 0xFF, KEY_B, 0).good();
    }

    @Test
    void generationCountsRegistrationsAndPreemptionsOnly() {
        registerAll();
        assertEquals(3, generation(a));
        out(a, RESERVE, 5, KEY_A, 0).good();
        out(a, RELEASE, 5, KEY_A, 0).good();
        out(a, RESERVE, 5, 99, 0).status(ScsiStatus.RESERVATION_CONFLICT);
        out(a, PREEMPT, 5, KEY_A, 99).status(ScsiStatus.RESERVATION_CONFLICT);
        out(a, REGISTER, 0, 99, KEY_C).status(ScsiStatus.RESERVATION_CONFLICT);
        assertEquals(3, generation(a));
        out(a, PREEMPT, 5, KEY_A, KEY_B).good();
        assertEquals(4, generation(a));
        out(a, PREEMPT_AND_ABORT, 5, KEY_A, KEY_C).good();
        assertEquals(5, generation(a));
        out(a, CLEAR, 0, KEY_A, 0).good();
        assertEquals(6, generation(a));
    }

    @Test
    void allTargetPortsIsLikeTheCommandThroughEachPort() {
        CdbScript second = port("one", 0x80_0000_000001L, 2);
        out(a, REGISTER, 0, 0, KEY_A, ALL_TG_PT).good();
        out(second, RESERVE, 1, KEY_A, 0).good();
        out(second, RELEASE, 1, KEY_A, 0).good();
        out(second, REGISTER, 0, KEY_A, KEY_B).good();
        out(a, REGISTER, 0, KEY_A, KEY_C, ALL_TG_PT).status(ScsiStatus.RESERVATION_CONFLICT);
        out(a, REGISTER, 0, KEY_A, 0, ALL_TG_PT).status(ScsiStatus.RESERVATION_CONFLICT);
        out(a, REGISTER_AND_IGNORE, 0, 0, KEY_C, ALL_TG_PT).good();
        assertTrue(in(a, 0).endsWith("00000010" + "00000000000000c3".repeat(2)), in(a, 0));
        out(a, REGISTER, 0, KEY_C, 0, ALL_TG_PT).good();
        assertTrue(in(a, 0).endsWith(NO_KEYS), in(a, 0));
    }

    @Test
    void whoLeavesThroughAllPortsIsNotToldOfItsOwnRelease() {
        CdbScript second = port("one", 0x80_0000_000001L, 2);
        out(a, REGISTER, 0, 0, KEY_A, ALL_TG_PT).good();
        out(b, REGISTER, 0, 0, KEY_B).good();
        out(a, RESERVE, 5, KEY_A, 0).good();
        out(a, REGISTER, 0, KEY_A, 0, ALL_TG_PT).good();
        read(second).good();
        read(b).sense(SenseCode.RESERVATIONS_RELEASED);
    }

    @Test
    void severalSpecifiedPortsAreRegisteredThroughAllTargetPorts() {
        byte[] two = transportId("two");
        byte[] ids = java.util.Arrays.copyOf(two, two.length + transportId("three").length);
        System.arraycopy(transportId("three"), 0, ids, two.length, transportId("three").length);
        outWithPorts(a, REGISTER, 0, KEY_A, ALL_TG_PT, ids).good();
        assertEquals("00000001" + "00000030" + "00000000000000a1".repeat(6), in(a, 0));
        out(c, RESERVE, 3, KEY_A, 0).good();
        read(b).status(ScsiStatus.RESERVATION_CONFLICT);
    }

    @Test
    void specifiedPortsMustNotBeRegisteredNorTheOneThatNamesThem() {
        out(b, REGISTER, 0, 0, KEY_B).good();
        outWithPorts(a, REGISTER, 0, KEY_A, 0, transportId("two")).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        outWithPorts(b, REGISTER, KEY_B, KEY_A, 0, transportId("three"))
                .sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        outWithPorts(b, REGISTER, KEY_B, 0, 0, transportId("three")).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        outWithPorts(b, REGISTER, 99, KEY_A, 0, transportId("three")).status(ScsiStatus.RESERVATION_CONFLICT);
        assertEquals("00000001" + "00000008" + "00000000000000b2", in(a, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT, REGISTER_AND_IGNORE})
    void specifiedPortsBelongToRegisterAlone(int action) {
        out(a, REGISTER, 0, 0, KEY_A).good();
        out(a, action, 1, KEY_A, KEY_A, SPEC_I_PT).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
    }

    @Test
    void malformedTransportIdsAreRefused() {
        for (byte[] id : new byte[][] {
            transportId(0x05, "iqn.2026-11.test:two"),
            transportId(0x46, "iqn.2026-11.test:two,i,0x800000000001"),
            transportId(0x45, "iqn.2026-11.test:two"),
            transportId(0x45, "iqn.2026-11.test:two,i,0x-1"),
            transportId(0x45, "iqn.2026-11.test:two,i,0x8000000000010"),
            transportId(0x45, ",i,0x800000000001"),
            transportId(0x45, "iqn." + "x".repeat(240) + ",i,0x800000000001")
        }) {
            outWithPorts(a, REGISTER, 0, KEY_A, 0, id).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        }
        byte[] tooShort = new byte[12];
        tooShort[0] = 0x45;
        tooShort[3] = 8;
        outWithPorts(a, REGISTER, 0, KEY_A, 0, tooShort).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        byte[] lying = transportId("two");
        lying[3] = 0x7C;
        outWithPorts(a, REGISTER, 0, KEY_A, 0, lying).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        assertEquals(0, generation(a));
    }

    @Test
    void listsOfWrongLengthAreRefusedForEveryServiceAction() {
        out(a, REGISTER, 0, 0, KEY_A).good();
        for (int action = 0; action <= 6; action++) {
            byte[] list = CdbScript.cdb("%016x%016x 00000000 00 000000 00000000", KEY_A, KEY_A);
            a.write(list, "5F %02x 01 0000 0000001C 00", action).sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
            a.write(list, "5F %02x 01 0000 00000010 00", action).sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
            a.write(list, "5F %02x 01 0000 00000000 00", action).sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
            a.write(list, "5F %02x 01 0000 7FFFFFFF 00", action).sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
        }
        byte[] list = CdbScript.cdb("%016x%016x 00000000 08 000000 00000040", 0, KEY_A);
        b.write(list, "5F 00 00 0000 0000001C 00").sense(SenseCode.PARAMETER_LIST_LENGTH_ERROR);
    }

    @Test
    void thereIsRoomForManyRegistrantsAndAClearErrorForMore() {
        for (int i = 0; i < 2048; i++) {
            out(port("host", i + 1, 1), REGISTER, 0, 0, i + 1).good();
        }
        out(a, REGISTER, 0, 0, KEY_A).sense(SenseCode.INSUFFICIENT_REGISTRATION_RESOURCES);
        out(a, REGISTER, 0, 0, KEY_A, ALL_TG_PT).sense(SenseCode.INSUFFICIENT_REGISTRATION_RESOURCES);
        assertEquals(2048, generation(a));
        byte[] keys = a.send("5E 00 0000000000 2008 00").good().data();
        assertEquals(8200, keys.length);
        assertEquals(2048 * 8, CdbField.u32(keys, 4));
        CdbScript first = port("host", 1, 1);
        out(first, REGISTER, 0, 1, KEY_B).good();
        out(first, REGISTER, 0, KEY_B, 0).good();
        out(a, REGISTER, 0, 0, KEY_A).good();
    }

    @Test
    void longNamesMeanFewerRegistrantsForTheyMustFitIntoTheirStore() {
        String name = "x".repeat(200);
        ScsiStatus status = ScsiStatus.GOOD;
        int registered = 0;
        while (status == ScsiStatus.GOOD && registered < 2048) {
            CdbScript.Answer answer = out(port(name, registered + 1, 1), REGISTER, 0, 0, KEY_A, APTPL);
            status = answer.status();
            registered++;
            if (status != ScsiStatus.GOOD) {
                answer.sense(SenseCode.INSUFFICIENT_REGISTRATION_RESOURCES);
            }
        }
        assertTrue(registered > 900 && registered < 1100, registered + " registrants");
    }

    // ---------------------------------------------------------------- reserving and releasing (5.13.8, 5.13.11.2)

    @Test
    void scopeMustBeTheLogicalUnit() {
        registerAll();
        out(a, RESERVE, 0x15, KEY_A, 0).sense(SenseCode.INVALID_FIELD_IN_CDB);
        out(a, RELEASE, 0x15, KEY_A, 0).good();
        out(a, RESERVE, 5, KEY_A, 0).good();
        out(a, RELEASE, 0x15, KEY_A, 0).sense(SenseCode.INVALID_RELEASE_OF_PERSISTENT_RESERVATION);
        out(b, PREEMPT, 0x15, KEY_B, KEY_A).sense(SenseCode.INVALID_FIELD_IN_CDB);
        out(b, PREEMPT, 0xFF, KEY_B, KEY_C).good();
        out(a, RELEASE, 5, KEY_A, 0).good();
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8})
    void everyRegistrantHoldsAndMayReserveAgainAndRelease(int type) {
        registerAll();
        out(a, RESERVE, type, KEY_A, 0).good();
        out(b, RESERVE, type, KEY_B, 0).good();
        out(b, RESERVE, type == 7 ? 8 : 7, KEY_B, 0).status(ScsiStatus.RESERVATION_CONFLICT);
        out(b, RELEASE, type, KEY_B, 0).good();
        read(a).sense(SenseCode.RESERVATIONS_RELEASED);
        read(c).sense(SenseCode.RESERVATIONS_RELEASED);
        read(b).good();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void releaseOfAnExclusiveTypeTellsNobody(int type) {
        registerAll();
        out(a, RESERVE, type, KEY_A, 0).good();
        out(a, RELEASE, type, KEY_A, 0).good();
        read(b).good();
        read(c).good();
    }

    // ---------------------------------------------------------------- preempting (5.13.11.2)

    @Test
    void holderPreemptsItselfToChangeTheType() {
        registerAll();
        out(a, RESERVE, 1, KEY_A, 0).good();
        out(a, PREEMPT, 6, KEY_A, KEY_A).good();
        assertTrue(in(a, 1).endsWith("00000000000000a1" + "00000000" + "0006" + "0000"), in(a, 1));
        read(a).good();
        read(b).sense(SenseCode.RESERVATIONS_RELEASED);
        assertTrue(in(a, 0).startsWith("00000004" + "00000018"), in(a, 0));
    }

    @Test
    void preemptingTheOwnKeyWithoutReservationUnregisters() {
        registerAll();
        out(b, REGISTER, 0, KEY_B, KEY_A).good();
        out(a, PREEMPT, 0, KEY_A, KEY_A).good();
        assertTrue(in(c, 0).endsWith("00000008" + "00000000000000c3"), in(c, 0));
        read(a).good();
        read(b).sense(SenseCode.REGISTRATIONS_PREEMPTED);
    }

    @Test
    void sameTypeTakenFromTheHolderTellsOnlyTheLoser() {
        registerAll();
        out(a, RESERVE, 5, KEY_A, 0).good();
        out(b, PREEMPT, 5, KEY_B, KEY_A).good();
        read(c).good();
        read(a).sense(SenseCode.REGISTRATIONS_PREEMPTED);
    }

    @Test
    void keyOfAnAllRegistrantsReservationNamesRegistrantsOnly() {
        registerAll();
        out(a, RESERVE, 8, KEY_A, 0).good();
        out(b, PREEMPT, 1, KEY_B, KEY_A).good();
        assertTrue(in(b, 1).endsWith("0000000000000000" + "00000000" + "0008" + "0000"), in(b, 1));
        read(a).sense(SenseCode.REGISTRATIONS_PREEMPTED);
        read(a).status(ScsiStatus.RESERVATION_CONFLICT);
        read(c).good();
        out(b, PREEMPT, 1, KEY_B, KEY_C).good();
        out(b, PREEMPT, 1, KEY_B, KEY_B).good();
        assertTrue(in(b, 1).endsWith(NO_KEYS), in(b, 1));
        read(a).good();
    }

    @Test
    void keyZeroMeansNothingWithoutAnAllRegistrantsReservation() {
        registerAll();
        out(a, PREEMPT, 1, KEY_A, 0).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        out(b, RESERVE, 5, KEY_B, 0).good();
        out(a, PREEMPT, 1, KEY_A, 0).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        assertEquals(3, generation(a));
    }

    // ---------------------------------------------------------------- register and move (5.13.9)

    @Test
    void moveNeedsAReservationThatOneNexusHolds() {
        move(a, 0, KEY_B, 0, 1, transportId("two")).status(ScsiStatus.RESERVATION_CONFLICT);
        registerAll();
        move(a, 99, KEY_B, 0, 1, transportId("two")).status(ScsiStatus.RESERVATION_CONFLICT);
        move(a, KEY_A, KEY_B, 0, 1, transportId("two")).sense(SenseCode.INVALID_FIELD_IN_CDB);
        out(a, RESERVE, 1, KEY_A, 0).good();
        move(b, KEY_B, KEY_C, 0, 1, transportId("three")).status(ScsiStatus.RESERVATION_CONFLICT);
        move(a, KEY_A, 0, 0, 1, transportId("two")).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        move(a, KEY_A, KEY_B, 0, 9, transportId("two")).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        move(a, KEY_A, KEY_B, 0, 1, transportId("one")).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        move(a, KEY_A, KEY_B, 0, 2, transportId("one")).sense(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST);
        assertEquals(3, generation(a));
        out(a, RELEASE, 1, KEY_A, 0).good();
        out(a, RESERVE, 7, KEY_A, 0).good();
        move(a, KEY_A, KEY_B, 0, 1, transportId("two")).status(ScsiStatus.RESERVATION_CONFLICT);
    }

    @Test
    void moveKeepsOrTakesAwayTheRegistrationItCameFrom() {
        registerAll();
        out(a, RESERVE, 3, KEY_A, 0).good();
        move(a, KEY_A, 0x55, 0, 1, transportId("two")).good();
        assertTrue(in(a, 0).contains("00000000000000a1"), "stays registered");
        read(b).good();
        read(a).status(ScsiStatus.RESERVATION_CONFLICT);
        move(b, 0x55, 0x66, 2, 2, transportId("four")).good();
        assertTrue(in(a, 1).endsWith("0000000000000066" + "00000000" + "0003" + "0000"), in(a, 1));
        read(b).status(ScsiStatus.RESERVATION_CONFLICT);
        read(port("four", 0x80_0000_000001L, 2)).good();
        out(b, RESERVE, 3, 0x55, 0).status(ScsiStatus.RESERVATION_CONFLICT);
    }

    // ---------------------------------------------------------------- APTPL (5.13.5)

    @Test
    void latestRegistrationSaysWhatSurvivesAndLeavingDoesNotCount() {
        out(a, REGISTER, 0, 0, KEY_A, APTPL).good();
        out(b, REGISTER, 0, 0, KEY_B, APTPL).good();
        out(b, REGISTER, 0, KEY_B, 0).good();
        assertEquals(true, store.kept().throughPowerLoss());
        assertEquals("00081dd1ea010000", in(a, 2));
        out(b, REGISTER, 0, 0, KEY_B).good();
        assertEquals(false, store.kept().throughPowerLoss());
        assertEquals("00081dd0ea010000", in(a, 2));
        int saves = store.saves();
        out(b, RESERVE, 5, KEY_B, 0).good();
        assertEquals(saves, store.saves(), "nothing of it survives power loss");
    }

    // ---------------------------------------------------------------- leaving the ISID out

    @Test
    void withoutIsidARegistrationIsOfTheInitiator() {
        TargetDevice byName = target(new RamVolume(1 << 20), store, LogicalUnitSettings.DEFAULT.ignoringIsid(true));
        CdbScript before = new CdbScript(byName, identity(byName, "one", 7)).ready();
        out(before, REGISTER, 0, 0, KEY_A).good();
        out(before, RESERVE, 1, KEY_A, 0).good();
        before.close();
        CdbScript after = new CdbScript(byName, identity(byName, "one", 8)).ready();
        write(after).good();
        out(after, RESERVE, 1, KEY_A, 0).good();
        CdbScript other = new CdbScript(byName, identity(byName, "two", 8)).ready();
        write(other).status(ScsiStatus.RESERVATION_CONFLICT);
        byte[] status = other.send("5E 03 0000000000 1000 00").good().data();
        assertEquals(0x05, status[32]);
        assertEquals(
                "iqn.2026-11.test:one", new String(status, 36, status.length - 36, StandardCharsets.US_ASCII).trim());
        move(after, KEY_A, KEY_B, 0, 1, transportId(0x05, "iqn.2026-11.test:two"))
                .good();
        write(other).good();
        move(other, KEY_B, KEY_A, 0, 1, transportId(0x45, "iqn.2026-11.test:one,i,0x000000000009"))
                .good();
        write(after).good();
    }

    private static NexusIdentity identity(TargetDevice device, String initiator, long isid) {
        return new NexusIdentity("iqn.2026-11.test:" + initiator, isid, device.name(), 1);
    }

    @Test
    void withIsidAnotherSessionIsAStranger() {
        out(a, REGISTER, 0, 0, KEY_A).good();
        out(a, RESERVE, 1, KEY_A, 0).good();
        write(port("one", 9, 1)).status(ScsiStatus.RESERVATION_CONFLICT);
        write(port("one", 0x80_0000_000001L, 2)).status(ScsiStatus.RESERVATION_CONFLICT);
    }

    // ---------------------------------------------------------------- RESERVE and RELEASE (SPC-2, CRH)

    @ParameterizedTest
    @ValueSource(strings = {"16 00 000000 00|17 00 000000 00", "56 00 00 00 00000000 00 00|57 00 00 00 00000000 00 00"})
    void reserveShutsOthersOutAndEndsWithReleaseResetAndLogout(String commands) {
        String reserve = commands.split("\\|", -1)[0];
        String release = commands.split("\\|", -1)[1];
        a.send(reserve).good();
        a.send(reserve).good();
        b.send(reserve).status(ScsiStatus.RESERVATION_CONFLICT);
        b.send(release).good();
        read(b).status(ScsiStatus.RESERVATION_CONFLICT);
        a.send(release).good();
        read(b).good();
        a.send(reserve).good();
        b.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, null);
        b.ready();
        read(b).good();
        a.ready();
        a.send(reserve).good();
        a.close();
        read(b).good();
    }

    @Test
    void persistentCommandsConflictWithReserveEvenOfTheHolder() {
        a.send("16 00 000000 00").good();
        for (CdbScript each : new CdbScript[] {a, b}) {
            each.send("5E 00 0000000000 1000 00").status(ScsiStatus.RESERVATION_CONFLICT);
            out(each, REGISTER, 0, 0, KEY_A).status(ScsiStatus.RESERVATION_CONFLICT);
            out(each, REGISTER_AND_IGNORE, 0, 0, KEY_A).status(ScsiStatus.RESERVATION_CONFLICT);
        }
        a.send("17 00 000000 00").good();
        out(a, REGISTER, 0, 0, KEY_A).good();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 5, 6, 7, 8})
    void reserveAndReleaseAreCompatibleForWhoMayUseTheUnitAnyway(int type) {
        out(a, REGISTER, 0, 0, KEY_A).good();
        out(b, REGISTER, 0, 0, KEY_B).good();
        if (type != 0) {
            out(a, RESERVE, type, KEY_A, 0).good();
        }
        for (String command : new String[] {
            "16 00 000000 00", "17 00 000000 00", "56 00 00 00 00000000 00 00", "57 00 00 00 00000000 00 00"
        }) {
            a.send(command).status(type != 0 ? ScsiStatus.GOOD : ScsiStatus.RESERVATION_CONFLICT);
            b.send(command).status(type >= 5 ? ScsiStatus.GOOD : ScsiStatus.RESERVATION_CONFLICT);
            c.send(command).status(ScsiStatus.RESERVATION_CONFLICT);
        }
        assertTrue(in(a, 0).startsWith("00000002" + "00000010"), "nothing has changed");
        out(a, CLEAR, 0, KEY_A, 0).good();
        c.send("16 00 000000 00").good();
    }
}
