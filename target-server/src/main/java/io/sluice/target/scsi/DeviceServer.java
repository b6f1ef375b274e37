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

    /** TAS of the control mode page: tasks aborted by somebody else are answered with TASK ABORTED. */
    public abstract boolean taskAbortedStatus();

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

    /** Aborts the tasks of one nexus by its own wish; the latch is held for those that are not quiet. */
    final void abortAllOf(ItlNexus nexus, QuietLatch latch) {
        tasks.abort(command -> command.belongsTo(nexus), false, latch);
    }

    /**
     * Aborts the tasks of certain initiator ports, except {@code command} itself; {@code then} runs when they are quiet
     * (PREEMPT AND ABORT). Whoever is not answered learns it by REGISTRATIONS PREEMPTED (SPC-4 section 5.13.11.2.6).
     */
    public final void abortTasks(Predicate<NexusIdentity> whose, Command except, Runnable then) {
        QuietLatch latch = new QuietLatch(then);
        for (ItlNexus nexus : nexuses) {
            if (!whose.test(nexus.identity())) {
                continue;
            }
            if (except.belongsTo(nexus)) {
                tasks.abort(command -> command != except && command.belongsTo(nexus), false, latch);
            } else {
                abortForOther(nexus, taskAbortedStatus(), false, latch);
            }
        }
        awaitDetached(except, latch);
        latch.release();
    }

    /** CLEAR TASK SET: everybody's tasks; the others get a unit attention, if they had a task. */
    final void clearTasks(ItlNexus from, QuietLatch latch) {
        abortAllOf(from, latch);
        abortForOthers(from, taskAbortedStatus(), true, latch);
    }

    /**
     * LOGICAL UNIT RESET (SAM-5 section 6.3.3), also by a target reset; {@code from} gets its unit attention too. RESERVE
     * ends only when everything is quiet: a task made under it must not write when somebody else holds it.
     *
     * @param from whose task management function it is, null when its nexus does not know the unit
     */
    final void reset(@Nullable ItlNexus from, Runnable then) {
        boolean answered = taskAbortedStatus();
        raise(SenseCode.BUS_DEVICE_RESET_FUNCTION_OCCURRED);
        QuietLatch latch = new QuietLatch(() -> {
            reservations.reset();
            then.run();
        });
        if (from != null) {
            abortAllOf(from, latch);
        }
        abortForOthers(from, answered, false, latch);
        resetState();
        latch.release();
    }

    /** The unit leaves the target: its tasks end with TASK ABORTED; {@code then} runs when they are quiet. */
    final void removed(Runnable then) {
        QuietLatch latch = new QuietLatch(then);
        abortForOthers(null, true, false, latch);
        latch.release();
    }

    private void abortForOthers(@Nullable ItlNexus from, boolean answered, boolean tells, QuietLatch latch) {
        for (ItlNexus nexus : nexuses) {
            if (nexus != from) {
                abortForOther(nexus, answered, tells, latch);
            }
        }
        awaitDetached(null, latch);
    }

    /**
     * Aborts the tasks of a nexus that did not ask for it. What is in the task set stops at once. Tasks that still wait for
     * their data, or are just on their way into the task set, are only known on the loop of that nexus: the latch is held
     * until it has looked.
     */
    private void abortForOther(ItlNexus nexus, boolean answered, boolean tells, QuietLatch latch) {
        int stopped = tasks.abort(command -> command.belongsTo(nexus), answered, latch);
        latch.retain();
        nexus.onLoop(() -> {
            int more =
                    nexus.abortCollecting(answered) + tasks.abort(command -> command.belongsTo(nexus), answered, latch);
            if (tells && !answered && stopped + more > 0) {
                nexus.attentions().add(SenseCode.COMMANDS_CLEARED_BY_ANOTHER_INITIATOR);
            }
            latch.release();
        });
    }

    /** Tasks of nexuses that are gone have been aborted already, but may not be quiet yet. */
    private void awaitDetached(@Nullable Command except, QuietLatch latch) {
        tasks.abort(command -> command != except && !command.isOfOneOf(nexuses), false, latch);
    }
}
