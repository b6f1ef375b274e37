package io.sluice.target.scsi;

import io.sluice.storage.volume.VolumePort;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An I_T_L nexus (SAM-5 section 4.6.4): one initiator port's view of one logical unit. Holds its unit attentions, its
 * port into the volume and its idle commands.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The port is used on the loop only.
 *   <li>An idle command is taken only when no other command of this nexus is on the loop's stack: whoever drove a
 *       command may look at it until it returns, also when the command has ended on another thread meanwhile.
 * </ol>
 */
final class ItlNexus implements InternalInitiator {
    private static final Logger LOG = LoggerFactory.getLogger(ItlNexus.class);
    private static final int NACA = 0x04;
    private static final int IDLE_COMMANDS_MAX = 256;

    private final NexusImpl nexus;
    private final DeviceServer unit;
    private final UnitAttentionQueue attentions = new UnitAttentionQueue();
    private final VolumePort port;
    private final List<Command> idle = new ArrayList<>();
    private int depth;
    private boolean touched;

    ItlNexus(NexusImpl nexus, DeviceServer unit, Executor loop) {
        this.nexus = nexus;
        this.unit = unit;
        this.port = unit.volume().openPort(loop);
    }

    DeviceServer unit() {
        return unit;
    }

    NexusIdentity identity() {
        return nexus.identity();
    }

    TargetDevice target() {
        return nexus.target();
    }

    UnitAttentionQueue attentions() {
        return attentions;
    }

    VolumePort port() {
        return port;
    }

    boolean isOnLoop() {
        return nexus.isOnLoop();
    }

    void onLoop(Runnable work) {
        nexus.onLoop(work);
    }

    // ---------------------------------------------------------------- execution

    void execute(ScsiTask task) {
        CommandDescriptor row = unit.commands().find(task.cdb());
        Command command = take();
        command.begin(task, row);
        enter();
        try {
            admit(command, row);
        } finally {
            leave();
        }
    }

    private void admit(Command command, @Nullable CommandDescriptor row) {
        if (attentions.isPending() && (row == null || !row.allowedWithUnitAttention())) {
            SenseCode condition = attentions.next();
            if (condition != null) {
                command.fail(condition);
                return;
            }
        }
        if (row == null) {
            command.fail(
                    unit.commands().knows(command.cdb()[0] & 0xFF)
                            ? SenseCode.INVALID_FIELD_IN_CDB
                            : SenseCode.INVALID_COMMAND_OPERATION_CODE);
        } else if (CdbField.bit(command.cdb(), row.cdbBytes() - 1, NACA)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else {
            command.entered();
            if (unit.tasks().enter(command)) {
                executeEnabled(command);
            }
        }
    }

    /** The command has its turn: reservations decide, then its handler. */
    void executeEnabled(Command command) {
        CommandDescriptor row = command.descriptor();
        ScsiTask task = command.task();
        if (!unit.reservations().allow(nexus.identity(), row.reservationClass())) {
            command.end(ScsiStatus.RESERVATION_CONFLICT);
            return;
        }
        try {
            row.handler().execute(command);
        } catch (RuntimeException e) {
            LOG.error("{}: {} failed inside the device server", nexus.identity(), row.name(), e);
            if (command.executes(task)) {
                command.fail(SenseCode.INTERNAL_TARGET_FAILURE);
            }
        }
    }

    // ---------------------------------------------------------------- commands of the device server's own

    @Override
    public boolean send(DeviceServer to, CommandDescriptor row, Consumer<InternalTask> then) {
        ItlNexus there = nexus.attachedTo(to);
        if (there == null) {
            return false;
        }
        there.executeInternal(new InternalTask(this, then), row);
        return true;
    }

    private void executeInternal(InternalTask task, CommandDescriptor row) {
        Command command = take();
        command.begin(task, row);
        enter();
        try {
            command.entered();
            unit.tasks().enterAtOnce(command);
            executeEnabled(command);
        } finally {
            leave();
        }
    }

    /** Runs on the loop, and submits what that began on any unit. */
    void resumeOnLoop(Runnable work) {
        nexus.onLoop(() -> {
            enter();
            try {
                work.run();
            } finally {
                leave();
            }
            nexus.submit();
        });
    }

    void enter() {
        depth++;
    }

    void leave() {
        depth--;
    }

    private Command take() {
        if (depth == 0) {
            synchronized (idle) {
                if (!idle.isEmpty()) {
                    return idle.remove(idle.size() - 1);
                }
            }
        }
        return new Command(this);
    }

    void recycle(Command command) {
        synchronized (idle) {
            if (idle.size() < IDLE_COMMANDS_MAX) {
                idle.add(command);
            }
        }
    }

    // ---------------------------------------------------------------- the volume's port

    /** The port was given something in this turn of the loop. */
    void touched() {
        if (!touched) {
            touched = true;
            nexus.touched(this);
        }
    }

    /** From {@link NexusImpl#submit} only. */
    void submit() {
        touched = false;
        port.submit();
    }

    /** At the end of work that came through the loop's queue: nobody else submits for it. */
    void submitTouched() {
        if (touched) {
            nexus.submit();
        }
    }

    /** What was begun still completes. */
    void close() {
        touched = false;
        port.submit();
        port.close();
    }
}
