package io.sluice.target.scsi;

import java.util.function.Consumer;

/**
 * The device server as an initiator (SPC-4 section 5.16, copy manager): sends commands of its own to logical units of the
 * same target, in the name of an I_T nexus. They enter the task set of their unit at once, ask its reservations, hold its
 * ranges and are aborted with everything else of the nexus there: who quiesces the unit waits for them too.
 */
@FunctionalInterface
public interface InternalInitiator {
    /**
     * Sends a command; only on the nexus's loop. {@code then} runs on the loop after it has ended, never inside this call.
     *
     * @param row its reservation class and handler
     * @return false: the target has no such unit any more, or the nexus is closed; {@code then} will not run
     */
    boolean send(DeviceServer to, CommandDescriptor row, Consumer<InternalTask> then);
}
