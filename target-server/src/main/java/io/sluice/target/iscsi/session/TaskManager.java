package io.sluice.target.iscsi.session;

import io.sluice.storage.runtime.Cancellable;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.SerialNumber;
import io.sluice.target.iscsi.pdu.TaskManagementRequest;
import io.sluice.target.iscsi.pdu.TaskManagementResponsePdu;
import io.sluice.target.net.Connection;
import io.sluice.target.scsi.LunField;
import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jscsi.parser.OperationCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Task management functions (RFC 7143 sections 4.2.3.3, 11.5, 11.6): what the transport has to do itself, the rest is
 * {@link Nexus#manage}. Aborted tasks of this session are never answered.
 *
 * <p>"Function complete" is said only when none of the aborted tasks can change the medium any more. When a volume does not
 * let go of a write in time, the answer is "function rejected": the initiator goes on to its next step, a larger reset or
 * the end of the session, and none of them can be deceived about that write.
 *
 * <p>Data-Outs that the initiator still sends for an aborted task are dropped when they come: transfer tags are not used
 * again before 2^32 others, so they cannot be taken for another task's. Waiting for them before the answer would hang on
 * initiators that stop sending when they abort, as open-iscsi does (FastAbort).
 */
final class TaskManager {
    private static final Logger log = LoggerFactory.getLogger(TaskManager.class);

    private final Connection connection;
    private final Nexus nexus;
    private final TaskService tasks;
    private final CommandWindow window;
    private final PduWriter writer;
    private final Duration quietTimeMax;
    private final Runnable onColdReset;
    private final TaskManagementRequest request = new TaskManagementRequest();
    private final TaskManagementResponsePdu response = new TaskManagementResponsePdu();
    private final Set<Integer> abortedBeforeArrival = new HashSet<>();
    private final Set<Integer> receivedByAbort = new HashSet<>();

    TaskManager(
            Connection connection,
            Nexus nexus,
            TaskService tasks,
            CommandWindow window,
            PduWriter writer,
            SessionSettings settings,
            Runnable onColdReset) {
        this.connection = connection;
        this.nexus = nexus;
        this.tasks = tasks;
        this.window = window;
        this.writer = writer;
        this.quietTimeMax = settings.abortTime();
        this.onColdReset = onColdReset;
    }

    /** True once for a command that was aborted before it came: it is to be dropped. */
    boolean wasAbortedBeforeArrival(int commandNumber) {
        return !abortedBeforeArrival.isEmpty() && abortedBeforeArrival.remove(commandNumber);
    }

    /** True once for a command that will not be missed any more: ABORT TASK has closed the gap that it left. */
    boolean standsInFor(int commandNumber) {
        return !receivedByAbort.isEmpty() && receivedByAbort.remove(commandNumber);
    }

    static boolean isAbortTask(PduFrame frame) {
        TaskManagementRequest asked = new TaskManagementRequest();
        asked.wrap(frame.buffer(), frame.header().offset());
        return asked.function() == TaskManagementFunction.ABORT_TASK.code();
    }

    /** Takes a request whose turn has come: all commands with lower numbers have arrived, except for ABORT TASK. */
    void manage(PduFrame frame) {
        request.wrap(frame.buffer(), frame.header().offset());
        int tag = request.initiatorTaskTag();
        TaskManagementFunction function = functionOf(request.function());
        if (function == null) {
            respond(tag, TaskManagementResponse.REJECTED);
            return;
        }
        byte[] lun = new byte[Long.BYTES];
        request.copyLunTo(lun);
        log.info("{}: task management function {}", connection.remoteAddress(), function);
        switch (function) {
            case ABORT_TASK -> abortTask(tag);
            case ABORT_TASK_SET, CLEAR_TASK_SET, LOGICAL_UNIT_RESET -> {
                // One unit may be addressed in two ways (SAM-5 section 4.7.4): compare what is meant.
                int number = LunField.decode(lun);
                tasks.abort(task -> LunField.decode(task.lun()) == number);
                delegate(tag, function, lun, null);
            }
            case TARGET_WARM_RESET, TARGET_COLD_RESET -> {
                tasks.abort(task -> true);
                delegate(tag, function, lun, null);
            }
            case CLEAR_ACA -> respond(tag, TaskManagementResponse.NOT_SUPPORTED);
            case TASK_REASSIGN -> respond(tag, TaskManagementResponse.REASSIGNMENT_NOT_SUPPORTED);
        }
    }

    private void abortTask(int tag) {
        SessionTask task = tasks.find(request.referencedTaskTag());
        if (task == null) {
            respond(tag, abortUnknown(request.referencedCommandSequenceNumber()));
            return;
        }
        boolean executing = task.isExecuting();
        tasks.abort(task);
        if (executing) {
            delegate(tag, TaskManagementFunction.ABORT_TASK, task.lun().clone(), task);
        } else {
            respond(tag, TaskManagementResponse.FUNCTION_COMPLETE);
        }
    }

    /**
     * Section 11.5.5: a command before the request that has not come counts as received, which closes its gap; one that is
     * still to come is dropped when it does; one that has been answered is gone.
     */
    private TaskManagementResponse abortUnknown(int commandNumber) {
        if (!window.contains(commandNumber)) {
            return TaskManagementResponse.TASK_DOES_NOT_EXIST;
        }
        boolean missing = SerialNumber.isBefore(commandNumber, request.commandSequenceNumber());
        (missing ? receivedByAbort : abortedBeforeArrival).add(commandNumber);
        return TaskManagementResponse.FUNCTION_COMPLETE;
    }

    private void delegate(int tag, TaskManagementFunction function, byte[] lun, @Nullable SessionTask task) {
        PendingFunction pending = new PendingFunction(tag, function);
        nexus.manage(function, lun, task, result -> onLoop(() -> pending.quiet(result)));
    }

    private void onLoop(Runnable action) {
        if (connection.loop().isCurrent()) {
            action.run();
        } else {
            connection.loop().execute(action);
        }
    }

    /** One function that waits for its tasks; answered once, when they are quiet or the time is up. Confined. */
    private final class PendingFunction {
        private final int tag;
        private final TaskManagementFunction function;
        private final Cancellable timer;
        private boolean answered;

        PendingFunction(int tag, TaskManagementFunction function) {
            this.tag = tag;
            this.function = function;
            this.timer = connection.loop().schedule(quietTimeMax, this::timeIsUp);
        }

        void quiet(TaskManagementResponse result) {
            timer.cancel();
            if (!answered) {
                answered = true;
                respond(tag, result);
            }
            if (function == TaskManagementFunction.TARGET_COLD_RESET) {
                onColdReset.run();
            }
        }

        private void timeIsUp() {
            if (!answered && connection.isOpen()) {
                answered = true;
                log.warn(
                        "{}: {} is answered with \"function rejected\": a write that it aborts is stuck in its volume"
                                + " for {} s; see sluice status for the volume's state",
                        connection.remoteAddress(),
                        function,
                        quietTimeMax.toSeconds());
                respond(tag, TaskManagementResponse.REJECTED);
            }
        }
    }

    private void respond(int tag, TaskManagementResponse result) {
        writer.begin(response, OperationCode.SCSI_TM_RESPONSE);
        response.initiatorTaskTag(tag);
        response.response(result.code());
        writer.finish(response, StatusNumbering.ADVANCES);
    }

    private static @Nullable TaskManagementFunction functionOf(int code) {
        for (TaskManagementFunction function : TaskManagementFunction.values()) {
            if (function.code() == code) {
                return function;
            }
        }
        return null;
    }
}
