package io.sluice.target.scsi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An I_T nexus of a {@link TargetDevice}.
 *
 * <p>States: open, closed. Invariants:
 *
 * <ol>
 *   <li>All fields belong to the loop, but for what is final.
 *   <li>A logical unit is attached when its first command arrives; its power-on unit attention then stands for
 *       everything that happened before.
 *   <li>A slot whose logical unit is no longer the target's is closed before it is used.
 * </ol>
 */
final class NexusImpl implements Nexus {
    private final TargetDevice target;
    private final NexusIdentity identity;
    private final Executor loop;
    private final SenseCode firstAttention;
    private final AbsentUnit absentUnit;
    private final TaskManager taskManager;
    private final List<ItlNexus> touched = new ArrayList<>();
    private @Nullable ItlNexus[] byLun = new @Nullable ItlNexus[1];
    private @Nullable Thread loopThread;
    private boolean closed;

    NexusImpl(TargetDevice target, NexusIdentity identity, Executor loop, SenseCode firstAttention) {
        this.target = target;
        this.identity = identity;
        this.loop = loop;
        this.firstAttention = firstAttention;
        this.absentUnit = new AbsentUnit(target);
        this.taskManager = new TaskManager(this);
    }

    TargetDevice target() {
        return target;
    }

    NexusIdentity identity() {
        return identity;
    }

    @Override
    public void plan(ScsiTask task) {
        DeviceServer unit = target.unit(LunField.decode(task.lun()));
        CommandDescriptor row = unit == null ? null : unit.commands().find(task.cdb());
        if (unit == null || row == null) {
            task.wanted(0, 0);
            return;
        }
        int blockBytes = unit.blockBytes();
        long out = row.dataOut().bytes(task.cdb(), blockBytes);
        long in = row.dataIn().bytes(task.cdb(), blockBytes);
        // More than the transfer limit is refused by execute: nothing of it needs to travel.
        task.wanted(out > unit.transferBytesMax() + blockBytes ? 0 : out, Math.min(in, unit.transferBytesMax()));
    }

    @Override
    public void execute(ScsiTask task) {
        loopThread = Thread.currentThread();
        int lun = LunField.decode(task.lun());
        ItlNexus itl = closed ? null : attached(lun);
        if (itl == null) {
            absentUnit.execute(task, lun);
        } else {
            itl.execute(task);
        }
    }

    /** The slot for a LUN, attached when needed; null when the target has no such logical unit. */
    @Nullable
    ItlNexus attached(int lun) {
        DeviceServer unit = target.unit(lun);
        ItlNexus slot = lun >= 0 && lun < byLun.length ? byLun[lun] : null;
        if (slot != null && slot.unit() == unit) {
            return slot;
        }
        if (slot != null) {
            detach(lun, slot);
        }
        return unit == null ? null : attach(lun, unit);
    }

    /** The slot of a logical unit of the target; null when the target no longer has it, or this nexus is closed. */
    @Nullable
    ItlNexus attachedTo(DeviceServer unit) {
        if (closed) {
            return null;
        }
        for (int lun : target.luns()) {
            if (target.unit(lun) == unit) {
                return attached(lun);
            }
        }
        return null;
    }

    private ItlNexus attach(int lun, DeviceServer unit) {
        if (lun >= byLun.length) {
            byLun = Arrays.copyOf(byLun, Math.max(lun + 1, byLun.length * 2));
        }
        ItlNexus itl = new ItlNexus(this, unit, loop);
        itl.attentions().add(firstAttention);
        byLun[lun] = itl;
        unit.attach(itl);
        return itl;
    }

    private void detach(int lun, ItlNexus slot) {
        byLun[lun] = null;
        touched.remove(slot);
        // Nothing may begin on the port any more; what is under way completes.
        slot.unit().abortAllOf(slot, new QuietLatch(() -> {}));
        slot.unit().detach(slot);
        slot.close();
    }

    /** Lets go of logical units that the target no longer has. */
    void dropRemovedUnits() {
        loopThread = Thread.currentThread();
        for (int lun = 0; lun < byLun.length; lun++) {
            ItlNexus slot = byLun[lun];
            if (slot != null && slot.unit() != target.unit(lun)) {
                detach(lun, slot);
            }
        }
    }

    @Override
    public void submit() {
        loopThread = Thread.currentThread();
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).submit();
        }
        touched.clear();
    }

    void touched(ItlNexus itl) {
        touched.add(itl);
    }

    @Override
    public void manage(
            TaskManagementFunction function,
            byte[] lun,
            @Nullable ScsiTask task,
            Consumer<TaskManagementResponse> response) {
        loopThread = Thread.currentThread();
        // What was begun before the function must be under way, or it would never become quiet.
        submit();
        taskManager.carryOut(function, LunField.decode(lun), task, answer -> answer(answer, response));
    }

    private void answer(TaskManagementResponse answer, Consumer<TaskManagementResponse> response) {
        if (isOnLoop()) {
            response.accept(answer);
        } else {
            loop.execute(() -> response.accept(answer));
        }
    }

    boolean isOnLoop() {
        return Thread.currentThread() == loopThread;
    }

    void onLoop(Runnable work) {
        loop.execute(work);
    }

    /** The attached slots. */
    List<ItlNexus> slots() {
        List<ItlNexus> slots = new ArrayList<>();
        for (ItlNexus slot : byLun) {
            if (slot != null) {
                slots.add(slot);
            }
        }
        return slots;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        loopThread = Thread.currentThread();
        closed = true;
        submit();
        target.closed(this);
        for (int lun = 0; lun < byLun.length; lun++) {
            ItlNexus slot = byLun[lun];
            if (slot != null) {
                detach(lun, slot);
                slot.unit().nexusLost(identity);
            }
        }
    }
}
