package io.sluice.target.scsi;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An I_T nexus (SAM-5 section 4.6.3): one initiator port's view of one target, with its queued unit attentions and its
 * tasks. Confined to the session's loop.
 */
public interface Nexus extends AutoCloseable {
    /**
     * Looks at CDB and LUN and says through {@link ScsiTask#wanted} how much data moves. Never ends the task: what is
     * wrong with it is told by {@link #execute}. Called when the command has arrived, before data-out is asked for.
     */
    void plan(ScsiTask task);

    /** Executes; {@link ScsiTask#end} follows, before this returns or later on any thread. */
    void execute(ScsiTask task);

    /** The end of one turn of the loop: what was gathered for the volumes goes to their journals now. */
    void submit();

    /**
     * Carries out a task management function on the device server's side: aborts executing tasks (their {@code end}
     * still comes, see {@link ScsiTask#isUnanswered}), waits until none of them can change the medium any more, resets
     * what is to be reset, queues unit attentions for others, then tells the response, on the loop. Tasks of other
     * sessions are aborted through their {@link NexusTransport}; those of this session that are not executing are the
     * transport's own affair.
     *
     * @param lun the 8-byte LUN field, ignored by functions for the whole target
     * @param task for ABORT TASK: the task, null when the transport does not know it
     */
    void manage(
            TaskManagementFunction function,
            byte[] lun,
            @Nullable ScsiTask task,
            Consumer<TaskManagementResponse> response);

    /**
     * Nexus loss (logout, connection failure, reinstatement): aborts its tasks, releases what dies with it.
     *
     * @param quiet runs when none of its tasks can change the medium any more, on any thread: until then nobody may take
     *     the place of this nexus
     */
    void close(Runnable quiet);

    @Override
    default void close() {
        close(() -> {});
    }
}
