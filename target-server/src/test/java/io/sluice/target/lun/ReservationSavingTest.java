package io.sluice.target.lun;

import static io.sluice.target.lun.ReservationScript.APTPL;
import static io.sluice.target.lun.ReservationScript.CLEAR;
import static io.sluice.target.lun.ReservationScript.PREEMPT;
import static io.sluice.target.lun.ReservationScript.PREEMPT_AND_ABORT;
import static io.sluice.target.lun.ReservationScript.REGISTER;
import static io.sluice.target.lun.ReservationScript.REGISTER_AND_IGNORE;
import static io.sluice.target.lun.ReservationScript.RESERVE;
import static io.sluice.target.lun.ReservationScript.generation;
import static io.sluice.target.lun.ReservationScript.in;
import static io.sluice.target.lun.ReservationScript.out;
import static io.sluice.target.lun.ReservationScript.read;
import static io.sluice.target.lun.ReservationScript.start;
import static io.sluice.target.lun.ReservationScript.target;
import static io.sluice.target.lun.ReservationScript.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.volume.IoFailure;
import io.sluice.target.scsi.ReservationState;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TargetDevice;
import io.sluice.target.scsi.TaskAttribute;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a state comes into force, what fails with a save, and what PERSISTENT RESERVE commands do not wait for. */
class ReservationSavingTest {
    private static final long KEY_A = 0xA1;
    private static final long KEY_B = 0xB2;
    private static final IoFailure BUSY = IoFailure.of(IoFailure.Kind.BUSY, "bucket away");

    private final RamVolume volume = new RamVolume(1 << 20);
    private final ReservationScript.MemoryStore store = new ReservationScript.MemoryStore();
    private final TargetDevice target = target(volume, store);
    private final CdbScript a = new CdbScript(target, "one").ready();
    private final CdbScript b = new CdbScript(target, "two").ready();

    private void bothRegisteredAndBHolds() {
        out(a, REGISTER, 0, 0, KEY_A, APTPL).good();
        out(b, REGISTER, 0, 0, KEY_B, APTPL).good();
        out(b, RESERVE, 5, KEY_B, 0).good();
        store.slow(true);
    }

    @Test
    void aFailedSaveEndsInBusyAndChangesNothing() {
        bothRegisteredAndBHolds();
        String before = in(a, 3);
        CdbScript.Answer preempt = start(a, PREEMPT, 1, KEY_A, KEY_B, 0);
        assertFalse(preempt.isEnded());
        store.end(BUSY);
        preempt.status(ScsiStatus.BUSY);
        assertEquals(before, in(a, 3));
        write(b).good();
        CdbScript.Answer again = start(a, PREEMPT, 1, KEY_A, KEY_B, 0);
        store.end(null);
        again.good();
        write(b).sense(SenseCode.REGISTRATIONS_PREEMPTED);
        write(b).status(ScsiStatus.RESERVATION_CONFLICT);
    }

    @Test
    void aStateComesIntoForceWhenItIsSaved() {
        bothRegisteredAndBHolds();
        CdbScript.Answer clear = start(b, CLEAR, 0, KEY_B, 0, 0);
        CdbScript stranger = new CdbScript(target, "three").ready();
        write(stranger).status(ScsiStatus.RESERVATION_CONFLICT);
        assertEquals(2, generation(stranger));
        store.end(null);
        clear.good();
        write(stranger).good();
        assertEquals(3, generation(stranger));
        assertEquals(3, store.kept().generation());
    }

    @Test
    void aVerdictWaitsForTheStepThatItRestsOn() {
        bothRegisteredAndBHolds();
        CdbScript.Answer preempt = start(a, PREEMPT, 5, KEY_A, KEY_B, 0);
        CdbScript.Answer late = start(b, RESERVE, 5, KEY_B, 0, 0);
        assertFalse(late.isEnded(), "whether it conflicts is not certain yet");
        store.end(BUSY);
        preempt.status(ScsiStatus.BUSY);
        late.status(ScsiStatus.BUSY);
        out(b, RESERVE, 5, KEY_B, 0).good();
        CdbScript.Answer second = start(a, PREEMPT, 5, KEY_A, KEY_B, 0);
        CdbScript.Answer loser = start(b, RESERVE, 5, KEY_B, 0, 0);
        store.end(null);
        second.good();
        loser.status(ScsiStatus.RESERVATION_CONFLICT);
    }

    @Test
    void aCrowdThatRegistersAtOnceCostsTwoSaves() {
        store.slow(true);
        List<CdbScript.Answer> answers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            CdbScript host = new CdbScript(target, "host" + i).ready();
            answers.add(start(host, REGISTER_AND_IGNORE, 0, 0, i + 1, APTPL));
        }
        assertEquals(1, store.saves());
        store.end(null);
        answers.get(0).good();
        assertFalse(answers.get(1).isEnded());
        store.end(null);
        answers.forEach(CdbScript.Answer::good);
        assertEquals(2, store.saves());
        assertEquals(64, store.kept().keys().size());
        assertEquals(64, generation(a));
    }

    @Test
    void whatDoesNotChangeAnythingIsNotSaved() {
        bothRegisteredAndBHolds();
        int saves = store.saves();
        out(b, RESERVE, 5, KEY_B, 0).good();
        out(a, RESERVE, 5, KEY_A, 0).status(ScsiStatus.RESERVATION_CONFLICT);
        assertEquals(saves, store.saves());
    }

    @Test
    void aFencedGatewaySaysThatThisPathIsGone() {
        bothRegisteredAndBHolds();
        CdbScript.Answer clear = start(a, CLEAR, 0, KEY_A, 0, 0);
        store.end(IoFailure.of(IoFailure.Kind.FENCED, "another gateway"));
        clear.sense(SenseCode.LOGICAL_UNIT_NOT_ACCESSIBLE_TARGET_PORT_IN_UNAVAILABLE_STATE);
    }

    @Test
    void reserveConflictsWithARegistrationThatIsBeingSaved() {
        store.slow(true);
        CdbScript.Answer register = start(a, REGISTER, 0, 0, KEY_A, APTPL);
        b.send("16 00 000000 00").status(ScsiStatus.RESERVATION_CONFLICT);
        store.end(BUSY);
        register.status(ScsiStatus.BUSY);
        b.send("16 00 000000 00").good();
    }

    @Test
    void thousandsOfDataCommandsDoNotHoldUpPersistentReservations() {
        bothRegisteredAndBHolds();
        store.slow(false);
        volume.hold();
        byte[] block = new byte[512];
        List<CdbScript.Answer> data = new ArrayList<>();
        CdbScript[] hosts = {a, b};
        for (int i = 0; i < 4000; i++) {
            TaskAttribute attribute =
                    i == 3000 ? TaskAttribute.ORDERED : i == 3500 ? TaskAttribute.HEAD_OF_QUEUE : TaskAttribute.SIMPLE;
            byte[] cdb = CdbScript.cdb("2A 00 %08x 00 0001 00", i % 2000);
            data.add(hosts[i % 2].start(cdb, block, 0, attribute));
        }
        assertTrue(data.stream().noneMatch(CdbScript.Answer::isEnded));
        for (CdbScript host : hosts) {
            assertEquals("00000002", in(host, 1).substring(0, 8));
            assertEquals("00000002", in(host, 3).substring(0, 8));
        }
        out(a, REGISTER, 0, KEY_A, 0x77, APTPL).good();
        byte[] list = CdbScript.cdb("%016x%016x 00000000 01 000000", 0x77, KEY_A);
        a.start(CdbScript.cdb("5F 00 00 0000 00000018 00"), list, 0, TaskAttribute.ORDERED)
                .good();
        CdbScript.Answer fence = start(a, PREEMPT_AND_ABORT, 5, KEY_A, KEY_B, 0);
        assertFalse(fence.isEnded(), "the victim's writes are not quiet");
        assertEquals(1, store.kept().keys().size(), "but it is shut out already");
        write(b).sense(SenseCode.REGISTRATIONS_PREEMPTED);
        volume.release();
        for (int i = 0; i < 3 && !fence.isEnded(); i++) {
            b.pump();
            a.pump();
        }
        fence.good();
    }

    @Test
    void persistentReservationsNeedNoneOfTheMemoryForData() {
        bothRegisteredAndBHolds();
        a.outOfMemory(true);
        read(a).status(ScsiStatus.TASK_SET_FULL);
        assertEquals("00000002", in(a, 0).substring(0, 8));
        assertEquals("00000002", in(a, 3).substring(0, 8));
    }

    @Test
    void anOrderedCommandDoesNotWaitForASave() {
        bothRegisteredAndBHolds();
        CdbScript.Answer register = start(a, REGISTER, 0, KEY_A, KEY_B, APTPL);
        b.start(CdbScript.cdb("2A 00 00000000 00 0001 00"), new byte[512], 0, TaskAttribute.ORDERED)
                .good();
        assertFalse(register.isEnded());
        store.end(null);
        register.good();
    }

    // ---------------------------------------------------------------- with the volume

    private static TargetDevice restarted(RamVolume volume) throws IOException {
        return target(volume, VolumeReservations.of(volume));
    }

    @Test
    void theVolumeBringsThemBackWithAptplAndForgetsThemWithout() throws IOException {
        TargetDevice first = restarted(volume);
        CdbScript host = new CdbScript(first, "one").ready();
        out(host, REGISTER, 0, 0, KEY_A, APTPL).good();
        out(host, RESERVE, 3, KEY_A, 0).good();
        String before = in(host, 3);
        CdbScript again = new CdbScript(restarted(volume), "one").ready();
        assertEquals(before, in(again, 3));
        read(again).good();
        read(new CdbScript(restarted(volume), "two").ready()).status(ScsiStatus.RESERVATION_CONFLICT);
        out(again, REGISTER, 0, KEY_A, KEY_A).good();
        assertEquals(0, volume.reservations().remaining());
        CdbScript stranger = new CdbScript(restarted(volume), "two").ready();
        read(stranger).good();
        assertEquals("0000000000000000", in(stranger, 0));
    }

    @Test
    void aDamagedRecordIsNoEmptyRecord() throws IOException {
        TargetDevice first = restarted(volume);
        out(new CdbScript(first, "one").ready(), REGISTER, 0, 0, KEY_A, APTPL).good();
        byte[] record = new byte[volume.reservations().remaining()];
        volume.reservations().get(record);
        record[record.length / 2] ^= 1;
        volume.storeReservations(ByteBuffer.wrap(record), failure -> {});
        assertThrows(IOException.class, () -> VolumeReservations.of(volume));
        volume.storeReservations(ByteBuffer.wrap(new byte[3]), failure -> {});
        assertThrows(IOException.class, () -> VolumeReservations.of(volume));
        volume.storeReservations(ByteBuffer.allocate(0), failure -> {});
        assertEquals(ReservationState.NONE, VolumeReservations.of(volume).load());
    }
}
