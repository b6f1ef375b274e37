package io.sluice.target.scsi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final NexusTransport transport;
    private final SenseCode firstAttention;
    private final AbsentUnit absentUnit;
    private final TaskManager taskManager;
    private final List<ItlNexus> touched = new ArrayList<>();
    private @Nullable ItlNexus[] byLun = new @Nullable ItlNexus[1];
    private @Nullable Thread loopThread;
    private boolean closed;
    private volatile boolean hardReset;

    NexusImpl(TargetDevice target, NexusIdentity identity, NexusTransport transport, SenseCode firstAttention) {
        this.target = target;
        this.identity = identity;
        this.transport = transport;
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

    NexusTransport transport() {
        return transport;
    }

    @Override
    public void plan(ScsiTask task) {
        loopThread = Thread.currentThread();
        int lun = LunField.decode(task.lun());
        // Attached before its data comes: resets by others must find tasks that still collect it.
        ItlNexus itl = closed ? null : attached(lun);
        DeviceServer unit = itl == null ? null : itl.unit();
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
            if (AbsentUnit.tellsInventory(task)) {
                forgetInventoryChange();
            }
        } else {
            itl.execute(task);
        }
    }

    /** The slot for a LUN, attached when needed; null when the target has no such logical unit. */
    @Nullable
    ItlNexus attached(int lun) {
        DeviceServer unit = target.unit(lun);
        ItlNexus slot = known(lun);
        if (slot != null && slot.unit() == unit) {
            return slot;
        }
        if (slot != null) {
            detach(lun, slot, new QuietLatch(() -> {}));
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

    /** The slot for a LUN if it is attached. */
    @Nullable
    ItlNexus known(int lun) {
        return lun >= 0 && lun < byLun.length ? byLun[lun] : null;
    }

    private ItlNexus attach(int lun, DeviceServer unit) {
        if (lun >= byLun.length) {
            byLun = Arrays.copyOf(byLun, Math.max(lun + 1, byLun.length * 2));
        }
        ItlNexus itl = new ItlNexus(this, lun, unit);
        itl.attentions().add(firstAttention);
        byLun[lun] = itl;
        unit.attach(itl);
        return itl;
    }

    private void detach(int lun, ItlNexus slot, QuietLatch quiet) {
        byLun[lun] = null;
        touched.remove(slot);
        // Nothing may begin on the port any more; what is under way completes.
        slot.unit().abortAllOf(slot, quiet);
        slot.unit().detach(slot);
        slot.close();
        quiet.release();
    }

    /** Lets go of logical units that the target no longer has. */
    void dropRemovedUnits() {
        loopThread = Thread.currentThread();
        for (int lun = 0; lun < byLun.length; lun++) {
            ItlNexus slot = byLun[lun];
            if (slot != null && slot.unit() != target.unit(lun)) {
                detach(lun, slot, new QuietLatch(() -> {}));
            }
        }
    }

    /** REPORT LUNS clears its unit attention at every logical unit (SPC-4 section 6.33). */
    void forgetInventoryChange() {
        for (ItlNexus slot : slots()) {
            slot.attentions().remove(SenseCode.REPORTED_LUNS_DATA_HAS_CHANGED);
        }
    }

    /** The sessions end because of a TARGET COLD RESET: to the next ones it is as if the power had come on. */
    void hardReset() {
        hardReset = true;
    }

    boolean isHardReset() {
        return hardReset;
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
            transport.execute(() -> response.accept(answer));
        }
    }

    boolean isOnLoop() {
        return Thread.currentThread() == loopThread;
    }

    void onLoop(Runnable work) {
        transport.execute(work);
    }

    /** Tells the initiator now, whatever it does. */
    void report(SenseCode condition) {
        transport.execute(() -> transport.report(condition));
    }

    /** The attached slots. */
    private List<ItlNexus> slots() {
        List<ItlNexus> slots = new ArrayList<>();
        for (ItlNexus slot : byLun) {
            if (slot != null) {
                slots.add(slot);
            }
        }
        return slots;
    }

    /** The reservation of a logical unit ends only when the tasks there are quiet: they were made under it. */
    @Override
    public void close(Runnable quiet) {
        if (closed) {
            quiet.run();
            return;
        }
        loopThread = Thread.currentThread();
        closed = true;
        submit();
        target.closed(this);
        QuietLatch all = new QuietLatch(quiet);
        for (int lun = 0; lun < byLun.length; lun++) {
            ItlNexus slot = byLun[lun];
            if (slot != null) {
                all.retain();
                detach(lun, slot, new QuietLatch(() -> {
                    slot.unit().nexusLost(identity);
                    all.release();
                }));
            }
        }
        all.release();
    }
}
