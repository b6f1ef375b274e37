package io.sluice.target.scsi;

import io.sluice.storage.volume.Volume;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The device server and task manager of one logical unit (SAM-5 section 4.5.19): task set, ranges, reservations, the
 * nexuses it is known to. What the unit can do is in the command table that the subclass gives. Thread-safe.
 */
public abstract class DeviceServer {
    private final TaskSet tasks = new TaskSet();
    private final RangeLocks ranges = new RangeLocks();
    private final Reservations reservations;
    private final List<ItlNexus> nexuses = new CopyOnWriteArrayList<>();

    /** Persistent reservations are taken from the store, and kept there when APTPL wants it. */
    protected DeviceServer(ReservationStore store, boolean ignoresIsidInRegistrations) {
        this.reservations = new Reservations(store, ignoresIsidInRegistrations);
    }

    /** The volume behind; each nexus opens a port of its own. */
    public abstract Volume volume();

    public abstract CommandTable commands();

    /** Logical block length in bytes; never changes. */
    public abstract int blockBytes();

    /** The most bytes one command moves in one direction. */
    public abstract long transferBytesMax();

    /** D_SENSE of the control mode page. */
    public abstract boolean descriptorSense();

    /** Logical unit reset: what the subclass keeps goes back to its defaults. */
    protected abstract void resetState();

    /** The nexus is gone: so is what the subclass keeps for it. */
    protected abstract void forgetNexus(NexusIdentity nexus);

    TaskSet tasks() {
        return tasks;
    }

    RangeLocks ranges() {
        return ranges;
    }

    public final Reservations reservations() {
        return reservations;
    }

    void attach(ItlNexus nexus) {
        nexuses.add(nexus);
    }

    void detach(ItlNexus nexus) {
        nexuses.remove(nexus);
    }

    /** Queues a unit attention for every nexus. */
    public final void raise(SenseCode condition) {
        raiseExcept(condition, null);
    }

    final void raiseExcept(SenseCode condition, @Nullable ItlNexus except) {
        for (ItlNexus nexus : nexuses) {
            if (nexus != except) {
                nexus.attentions().add(condition);
            }
        }
    }

    /** Queues a unit attention for the nexuses of certain initiator ports. */
    public final void raise(SenseCode condition, Predicate<NexusIdentity> whom) {
        for (ItlNexus nexus : nexuses) {
            if (whom.test(nexus.identity())) {
                nexus.attentions().add(condition);
            }
        }
    }

    /** The nexus is gone, its RESERVE ends; registrations stay. */
    final void nexusLost(NexusIdentity nexus) {
        reservations.nexusLost(nexus);
        forgetNexus(nexus);
    }

    /** Aborts the tasks of one nexus; the latch is released when they are quiet. */
    final void abortAllOf(ItlNexus nexus, QuietLatch latch) {
        tasks.abort(command -> command.belongsTo(nexus), latch);
        latch.release();
    }

    /**
     * Aborts the tasks of certain initiator ports, except {@code command} itself; {@code then} runs when they are quiet
     * (PREEMPT AND ABORT).
     */
    public final void abortTasks(Predicate<NexusIdentity> whose, Command except, Runnable then) {
        QuietLatch latch = new QuietLatch(then);
        tasks.abort(command -> command != except && whose.test(command.initiator()), latch);
        latch.release();
    }

    /** CLEAR TASK SET: everybody's tasks; the others get a unit attention, if they had a task. */
    final void clearTasks(ItlNexus from, QuietLatch latch) {
        for (ItlNexus nexus : nexuses) {
            int aborted = tasks.abort(command -> command.belongsTo(nexus), latch);
            if (aborted > 0 && nexus != from) {
                nexus.attentions().add(SenseCode.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR);
            }
        }
        latch.release();
    }

    /** LOGICAL UNIT RESET (SAM-5 section 6.3.3); {@code from} gets its unit attention too. */
    final void reset(QuietLatch latch) {
        tasks.abort(command -> true, latch);
        reservations.reset();
        resetState();
        raise(SenseCode.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
        latch.release();
    }

    /** The unit leaves the target: its tasks are aborted; {@code then} runs when they are quiet. */
    final void removed(Runnable then) {
        QuietLatch latch = new QuietLatch(then);
        tasks.abort(command -> true, latch);
        latch.release();
    }
}
