package io.sluice.target.scsi;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Carries out task management functions (SAM-5 section 7) for one nexus, on its loop. */
final class TaskManager {
    private final NexusImpl nexus;

    TaskManager(NexusImpl nexus) {
        this.nexus = nexus;
    }

    void carryOut(
            TaskManagementFunction function,
            int lun,
            @Nullable ScsiTask task,
            Consumer<TaskManagementResponse> response) {
        switch (function) {
            case ABORT_TASK -> abortTask(lun, task, response);
            case ABORT_TASK_SET, CLEAR_TASK_SET, LOGICAL_UNIT_RESET -> manageUnit(function, lun, response);
            case TARGET_WARM_RESET -> resetTarget(response);
            case TARGET_COLD_RESET -> {
                nexus.target().hardReset();
                resetTarget(response);
            }
            case CLEAR_ACA -> response.accept(TaskManagementResponse.NOT_SUPPORTED);
            case TASK_REASSIGN -> response.accept(TaskManagementResponse.REASSIGNMENT_NOT_SUPPORTED);
        }
    }

    private void abortTask(int lun, @Nullable ScsiTask task, Consumer<TaskManagementResponse> response) {
        ItlNexus slot = nexus.attached(lun);
        if (slot == null) {
            response.accept(TaskManagementResponse.LUN_DOES_NOT_EXIST);
            return;
        }
        if (task == null) {
            response.accept(TaskManagementResponse.TASK_DOES_NOT_EXIST);
            return;
        }
        // A task that is not in the set has not reached execution yet or has just ended: either way it is quiet.
        QuietLatch latch = new QuietLatch(() -> response.accept(TaskManagementResponse.FUNCTION_COMPLETE));
        slot.unit().tasks().abort(command -> command.executes(task), false, latch);
        latch.release();
    }

    private void manageUnit(TaskManagementFunction function, int lun, Consumer<TaskManagementResponse> response) {
        ItlNexus slot = nexus.attached(lun);
        if (slot == null) {
            response.accept(TaskManagementResponse.LUN_DOES_NOT_EXIST);
            return;
        }
        Runnable complete = () -> response.accept(TaskManagementResponse.FUNCTION_COMPLETE);
        if (function == TaskManagementFunction.LOGICAL_UNIT_RESET) {
            slot.unit().reset(slot, complete);
            return;
        }
        QuietLatch latch = new QuietLatch(complete);
        if (function == TaskManagementFunction.ABORT_TASK_SET) {
            slot.unit().abortAllOf(slot, latch);
        } else {
            slot.unit().clearTasks(slot, latch);
        }
        latch.release();
    }

    private void resetTarget(Consumer<TaskManagementResponse> response) {
        QuietLatch all = new QuietLatch(() -> response.accept(TaskManagementResponse.FUNCTION_COMPLETE));
        for (int lun : nexus.target().luns()) {
            DeviceServer unit = nexus.target().unit(lun);
            if (unit != null) {
                all.retain();
                unit.reset(nexus.known(lun), all::release);
            }
        }
        all.release();
    }
}
