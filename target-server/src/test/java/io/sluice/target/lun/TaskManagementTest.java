package io.sluice.target.lun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.volume.IoFailure;
import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.NexusTransport;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.TaskAttribute;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Task set, task management functions, and the unit attentions they leave. */
class TaskManagementTest {
    private static final byte[] WRITE = CdbScript.cdb("2A 00 00000000 00 0001 00");
    private static final byte[] READ = CdbScript.cdb("28 00 00000000 00 0001 00");

    private final TestUnit unit = new TestUnit();
    private final CdbScript initiator = unit.initiator;

    private CdbScript.Answer startWrite(CdbScript script, TaskAttribute attribute) {
        return script.start(WRITE, TestUnit.pattern(512, 1), 0, attribute);
    }

    private static CdbScript.Answer startRead(CdbScript script, TaskAttribute attribute) {
        return script.start(READ, new byte[0], 512, attribute);
    }

    @Test
    void abortTaskAnswersOnlyWhenTheWriteUnderWayIsQuiet() {
        unit.volume.hold();
        CdbScript.Answer write = startWrite(initiator, TaskAttribute.SIMPLE);
        AtomicReference<@Nullable TaskManagementResponse> response =
                initiator.manage(TaskManagementFunction.ABORT_TASK, write);
        assertNull(response.get());
        unit.volume.release();
        initiator.pump();
        write.status(ScsiStatus.TASK_ABORTED);
        assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get());
        byte[] after = unit.volume.contents(0, 512);
        initiator.send("00 00000000 00").good();
        assertArrayEquals(after, unit.volume.contents(0, 512));
    }

    @Test
    void abortedReadModifyWriteDoesNotWriteAfterTheAnswer() {
        byte[] data = new byte[1024];
        System.arraycopy(TestUnit.pattern(512, 2), 0, data, 512, 512);
        unit.volume.hold();
        CdbScript.Answer compareAndWrite =
                initiator.start(CdbScript.cdb("89 00 0000000000000000 000000 01 00 00"), data, 0, TaskAttribute.SIMPLE);
        AtomicReference<@Nullable TaskManagementResponse> response =
                initiator.manage(TaskManagementFunction.ABORT_TASK, compareAndWrite);
        unit.volume.release();
        initiator.pump();
        compareAndWrite.status(ScsiStatus.TASK_ABORTED);
        assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get());
        assertArrayEquals(new byte[512], unit.volume.contents(0, 512));
    }

    @Test
    void abortTaskTellsWhetherTaskAndUnitExist() {
        assertEquals(
                TaskManagementResponse.TASK_DOES_NOT_EXIST,
                initiator.manage(TaskManagementFunction.ABORT_TASK, null).get());
        CdbScript.Answer ended = initiator.send("00 00000000 00").good();
        assertEquals(
                TaskManagementResponse.FUNCTION_COMPLETE,
                initiator.manage(TaskManagementFunction.ABORT_TASK, ended).get());
        initiator.lun(7);
        for (TaskManagementFunction function : new TaskManagementFunction[] {
            TaskManagementFunction.ABORT_TASK,
            TaskManagementFunction.ABORT_TASK_SET,
            TaskManagementFunction.CLEAR_TASK_SET,
            TaskManagementFunction.LOGICAL_UNIT_RESET
        }) {
            assertEquals(
                    TaskManagementResponse.LUN_DOES_NOT_EXIST,
                    initiator.manage(function, null).get());
        }
    }

    @Test
    void unsupportedFunctionsAreToldApart() {
        assertEquals(
                TaskManagementResponse.NOT_SUPPORTED,
                initiator.manage(TaskManagementFunction.CLEAR_ACA, null).get());
        assertEquals(
                TaskManagementResponse.REASSIGNMENT_NOT_SUPPORTED,
                initiator.manage(TaskManagementFunction.TASK_REASSIGN, null).get());
    }

    @Test
    void abortTaskSetTakesTheOwnTasksOnly() {
        CdbScript second = unit.second();
        unit.volume.hold();
        CdbScript.Answer own = startWrite(initiator, TaskAttribute.SIMPLE);
        CdbScript.Answer other = startRead(second, TaskAttribute.SIMPLE);
        AtomicReference<@Nullable TaskManagementResponse> response =
                initiator.manage(TaskManagementFunction.ABORT_TASK_SET, null);
        unit.volume.release();
        initiator.pump();
        own.status(ScsiStatus.TASK_ABORTED);
        other.good();
        assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get());
        second.send("00 00000000 00").good();
    }

    @Test
    void clearTaskSetTakesEverybodysTasksAndTellsThoseWhoHadSome() {
        CdbScript second = unit.second();
        CdbScript idle = new CdbScript(unit.target, "three").ready();
        unit.volume.hold();
        CdbScript.Answer own = startWrite(initiator, TaskAttribute.SIMPLE);
        CdbScript.Answer other = startRead(second, TaskAttribute.SIMPLE);
        AtomicReference<@Nullable TaskManagementResponse> response =
                initiator.manage(TaskManagementFunction.CLEAR_TASK_SET, null);
        unit.volume.release();
        initiator.pump();
        assertNull(response.get(), "nobody has looked yet for tasks of the second that are on their way");
        second.pump();
        idle.pump();
        initiator.pump();
        own.silentlyAborted();
        other.silentlyAborted();
        assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get());
        second.send("00 00000000 00").sense(SenseCode.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR);
        initiator.send("00 00000000 00").good();
        idle.send("00 00000000 00").good();
    }

    @Test
    void logicalUnitResetAbortsAllAndEndsReserveAndTellsEverybody() {
        CdbScript second = unit.second();
        initiator.send("16 00 000000 00").good();
        second.send("00 00000000 00").status(ScsiStatus.RESERVATION_CONFLICT);
        unit.volume.hold();
        CdbScript.Answer own = startWrite(initiator, TaskAttribute.SIMPLE);
        AtomicReference<@Nullable TaskManagementResponse> response =
                second.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, null);
        assertNull(response.get());
        unit.volume.release();
        initiator.pump();
        second.pump();
        own.status(ScsiStatus.TASK_ABORTED);
        assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get());
        initiator.send("00 00000000 00").sense(SenseCode.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
        second.send("00 00000000 00").sense(SenseCode.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
        second.send("00 00000000 00").good();
    }

    @Test
    void targetResetReachesEveryUnit() {
        LogicalUnit other = new LogicalUnit(
                new RamVolume(1 << 20),
                LogicalUnitIdentity.ofVolume(new java.util.UUID(1, 2), "0001"),
                LogicalUnitSettings.DEFAULT);
        unit.target.addLogicalUnit(300, other);
        initiator.ready().lun(300).ready();
        for (TaskManagementFunction function : new TaskManagementFunction[] {
            TaskManagementFunction.TARGET_WARM_RESET, TaskManagementFunction.TARGET_COLD_RESET
        }) {
            assertEquals(
                    TaskManagementResponse.FUNCTION_COMPLETE,
                    initiator.manage(function, null).get());
            initiator.lun(300).send("00 00000000 00").sense(SenseCode.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
            initiator.lun(0).send("00 00000000 00").sense(SenseCode.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
        }
    }

    @Test
    void orderedTaskWaitsForOlderOnesAndHoldsBackYoungerOnes() {
        CdbScript second = unit.second();
        unit.volume.hold();
        CdbScript.Answer older = startWrite(initiator, TaskAttribute.SIMPLE);
        CdbScript.Answer ordered = startRead(initiator, TaskAttribute.ORDERED);
        CdbScript.Answer younger = startRead(second, TaskAttribute.SIMPLE);
        assertEquals(1, unit.volume.heldOperations());
        unit.volume.releaseHeld();
        initiator.pump();
        older.good();
        assertEquals(1, unit.volume.heldOperations(), "the ordered task alone");
        unit.volume.releaseHeld();
        initiator.pump();
        ordered.good();
        assertEquals(false, younger.isEnded());
        second.pump();
        unit.volume.releaseHeld();
        younger.good();
    }

    @Test
    void headOfQueueStartsAtOnceAndHoldsBackYoungerOnes() {
        unit.volume.hold();
        CdbScript.Answer older = startWrite(initiator, TaskAttribute.SIMPLE);
        CdbScript.Answer first = startRead(initiator, TaskAttribute.HEAD_OF_QUEUE);
        CdbScript.Answer younger = startRead(initiator, TaskAttribute.SIMPLE);
        assertEquals(2, unit.volume.heldOperations());
        unit.volume.releaseHeld();
        initiator.pump();
        older.good();
        first.good();
        assertEquals(false, younger.isEnded());
        unit.volume.releaseHeld();
        younger.good();
    }

    @Test
    void dormantTaskIsAbortedAtOnceAndLetsOthersGo() {
        unit.volume.hold();
        CdbScript.Answer older = startWrite(initiator, TaskAttribute.SIMPLE);
        CdbScript.Answer ordered = startRead(initiator, TaskAttribute.ORDERED);
        CdbScript.Answer younger = startRead(initiator, TaskAttribute.SIMPLE);
        assertEquals(
                TaskManagementResponse.FUNCTION_COMPLETE,
                initiator.manage(TaskManagementFunction.ABORT_TASK, ordered).get());
        ordered.status(ScsiStatus.TASK_ABORTED);
        assertEquals(2, unit.volume.heldOperations());
        unit.volume.release();
        initiator.pump();
        older.good();
        younger.good();
    }

    @Test
    void lossOfTheNexusAbortsItsTasksAndIsToldToTheNextOne() {
        initiator.send("16 00 000000 00").good();
        unit.volume.hold();
        CdbScript.Answer write = startWrite(initiator, TaskAttribute.SIMPLE);
        initiator.close();
        assertEquals(false, write.isEnded());
        unit.volume.release();
        write.status(ScsiStatus.TASK_ABORTED);
        CdbScript second = unit.second();
        second.send("00 00000000 00").good();
        CdbScript again = new CdbScript(unit.target, "one");
        again.send("00 00000000 00").sense(SenseCode.I_T_NEXUS_LOSS_OCCURRED);
        again.send("00 00000000 00").good();
    }

    @Test
    void commandWaitingForItsRangeEndsAbortedAfterItsNexusIsGone() {
        byte[] data = new byte[1024];
        CdbScript second = unit.second();
        unit.volume.hold();
        CdbScript.Answer write = startWrite(second, TaskAttribute.SIMPLE);
        CdbScript.Answer waiting =
                initiator.start(CdbScript.cdb("89 00 0000000000000000 000000 01 00 00"), data, 0, TaskAttribute.SIMPLE);
        initiator.close();
        unit.volume.release();
        initiator.pump();
        write.good();
        waiting.status(ScsiStatus.TASK_ABORTED);
    }

    @Test
    void withTaskAbortedStatusOthersAreAnsweredInTheirTasksInsteadOfBeingTold() {
        CdbScript second = unit.second();
        initiator
                .write(HexFormat.of().parseHex("000000000a0a021000400000ffff0000"), "15 10 0000 10 00")
                .good();
        second.send("00 00000000 00").sense(SenseCode.MODE_PARAMETERS_CHANGED);
        for (TaskManagementFunction function : new TaskManagementFunction[] {
            TaskManagementFunction.CLEAR_TASK_SET, TaskManagementFunction.LOGICAL_UNIT_RESET
        }) {
            initiator
                    .write(HexFormat.of().parseHex("000000000a0a021000400000ffff0000"), "15 10 0000 10 00")
                    .good();
            second.ready();
            unit.volume.hold();
            CdbScript.Answer own = startWrite(initiator, TaskAttribute.SIMPLE);
            CdbScript.Answer other = startWrite(second, TaskAttribute.SIMPLE);
            CdbScript.Answer dormant = startRead(second, TaskAttribute.ORDERED);
            AtomicReference<@Nullable TaskManagementResponse> response = initiator.manage(function, null);
            second.pump();
            unit.volume.release();
            initiator.pump();
            assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get());
            own.silentlyAborted();
            other.status(ScsiStatus.TASK_ABORTED).answered();
            dormant.status(ScsiStatus.TASK_ABORTED).answered();
            if (function == TaskManagementFunction.CLEAR_TASK_SET) {
                second.send("00 00000000 00").good();
            } else {
                second.send("00 00000000 00").sense(SenseCode.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
                initiator.ready();
            }
        }
    }

    @Test
    void stuckReadsAndFlushesHoldNoFunctionBack() {
        for (TaskManagementFunction function : new TaskManagementFunction[] {
            TaskManagementFunction.ABORT_TASK_SET,
            TaskManagementFunction.CLEAR_TASK_SET,
            TaskManagementFunction.LOGICAL_UNIT_RESET,
            TaskManagementFunction.TARGET_WARM_RESET
        }) {
            unit.volume.hold();
            CdbScript.Answer read = startRead(initiator, TaskAttribute.SIMPLE);
            CdbScript.Answer flush =
                    initiator.start(CdbScript.cdb("35 00 00000000 00 0000 00"), new byte[0], 0, TaskAttribute.SIMPLE);
            CdbScript.Answer compareAndWrite = initiator.start(
                    CdbScript.cdb("89 00 0000000000000000 000000 01 00 00"),
                    TestUnit.pattern(1024, 3),
                    0,
                    TaskAttribute.SIMPLE);
            AtomicReference<@Nullable TaskManagementResponse> response = initiator.manage(function, null);
            assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get(), function.name());
            unit.volume.release();
            initiator.pump();
            read.silentlyAborted();
            flush.silentlyAborted();
            compareAndWrite.silentlyAborted();
            assertArrayEquals(new byte[512], unit.volume.contents(0, 512));
            initiator.ready();
        }
    }

    @Test
    void resetWaitsForTheWritesOfANexusThatIsGoneAlready() {
        CdbScript second = unit.second();
        unit.volume.hold();
        startWrite(second, TaskAttribute.SIMPLE);
        second.close();
        AtomicReference<@Nullable TaskManagementResponse> response =
                initiator.manage(TaskManagementFunction.LOGICAL_UNIT_RESET, null);
        assertNull(response.get());
        unit.volume.release();
        initiator.pump();
        assertEquals(TaskManagementResponse.FUNCTION_COMPLETE, response.get());
    }

    @Test
    void reserveOfALostNexusEndsOnlyWhenItsWritesAreQuiet() {
        CdbScript second = unit.second();
        initiator.send("16 00 000000 00").good();
        unit.volume.hold();
        startWrite(initiator, TaskAttribute.SIMPLE);
        boolean[] quiet = new boolean[1];
        initiator.close(() -> quiet[0] = true);
        second.send("16 00 000000 00").status(ScsiStatus.RESERVATION_CONFLICT);
        assertEquals(false, quiet[0]);
        unit.volume.release();
        assertEquals(true, quiet[0]);
        second.send("16 00 000000 00").good();
    }

    @Test
    void coldResetIsAPowerOnToWhoeverComesAfterIt() {
        CdbScript second = unit.second();
        initiator.manage(TaskManagementFunction.TARGET_COLD_RESET, null);
        second.close();
        initiator.close();
        CdbScript again = new CdbScript(unit.target, "one");
        again.send("00 00000000 00").sense(SenseCode.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED);
        again.send("00 00000000 00").good();
    }

    @Test
    void reportLunsClearsItsAttentionAtEveryUnit() {
        LogicalUnit other = new LogicalUnit(
                new RamVolume(1 << 20),
                LogicalUnitIdentity.ofVolume(new java.util.UUID(1, 2), "0001"),
                LogicalUnitSettings.DEFAULT);
        unit.target.addLogicalUnit(1, other);
        initiator.ready().lun(1).ready();
        unit.target.addLogicalUnit(
                2,
                new LogicalUnit(
                        new RamVolume(1 << 20),
                        LogicalUnitIdentity.ofVolume(new java.util.UUID(1, 3), "0001"),
                        LogicalUnitSettings.DEFAULT));
        initiator.lun(99).send("A0 00 00 000000 00000100 00 00").good();
        initiator.lun(0).send("00 00000000 00").good();
        initiator.lun(1).send("00 00000000 00").good();
    }

    @Test
    void changedInventoryIsReportedToEveryInitiatorAtOnce() {
        List<SenseCode> reported = new ArrayList<>();
        try (Nexus nexus = unit.target.open(
                new NexusIdentity("iqn.2026-11.test:listener", 1, unit.target.name(), 1), new NexusTransport() {
                    @Override
                    public void execute(Runnable work) {
                        work.run();
                    }

                    @Override
                    public void report(SenseCode condition) {
                        reported.add(condition);
                    }
                })) {
            assertEquals(List.of(), reported);
            assertTrue(unit.target.removeLogicalUnit(0) != null);
            assertEquals(List.of(SenseCode.REPORTED_LUNS_DATA_HAS_CHANGED), reported);
            nexus.submit();
        }
    }

    @Test
    void synchronizeCacheWithImmedIsAnsweredAtOnceAndItsFailureByADeferredError() {
        unit.volume.hold();
        initiator.send("35 02 00000000 00 0000 00").good();
        unit.volume.failNext(IoFailure.of(IoFailure.Kind.WRITE_FAILED, "expected by the test"));
        assertEquals(1, unit.volume.heldOperations(), "the flush has begun");
        unit.volume.release();
        initiator.send("12 00 00 0060 00").good();
        CdbScript.Answer next = initiator.send("00 00000000 00").sense(SenseCode.WRITE_ERROR);
        assertEquals(0x71, next.senseBytes()[0]);
        initiator.send("00 00000000 00").good();
        initiator.send("91 02 0000000000000000 00000000 00 00").good();
        initiator.send("00 00000000 00").good();
        assertEquals(1, unit.volume.flushes());
    }

    @Test
    void changedInquiryDataIsTold() {
        unit.unit.present(unit.unit.identity(), unit.unit.settings());
        initiator.send("12 00 00 0060 00").good();
        initiator.send("00 00000000 00").sense(SenseCode.INQUIRY_DATA_HAS_CHANGED);
    }

    @Test
    void unitAttentionsAreReportedOneAtATimeResetsFirst() {
        unit.unit.capacityChanged();
        unit.unit.capacityChanged();
        unit.second().manage(TaskManagementFunction.LOGICAL_UNIT_RESET, null);
        initiator.send("12 00 00 0060 00").good();
        initiator.send("A0 00 00 000000 00000100 00 00").good();
        initiator.send("28 00 00000000 00 0001 00").sense(SenseCode.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
        byte[] sense = initiator.send("03 00 0000 FF 00").good().data();
        assertEquals(0x2A, sense[12]);
        assertEquals(0x09, sense[13]);
        initiator.send("28 00 00000000 00 0001 00").good();
    }
}
