package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.TaskManagementRequest;
import io.sluice.target.iscsi.pdu.TaskManagementResponsePdu;
import io.sluice.target.net.Connection;
import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.TaskManagementFunction;
import io.sluice.target.scsi.TaskManagementResponse;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jscsi.parser.OperationCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Task management functions (RFC 7143 sections 4.2.3.3, 11.5, 11.6): what the transport has to do itself, the rest is
 * {@link Nexus#manage}. The response leaves when the aborted tasks are quiet; aborted tasks are never answered.
 */
final class TaskManager {
    private static final Logger log = LoggerFactory.getLogger(TaskManager.class);

    private final Connection connection;
    private final Nexus nexus;
    private final TaskService tasks;
    private final CommandWindow window;
    private final PduWriter writer;
    private final Runnable onColdReset;
    private final TaskManagementRequest request = new TaskManagementRequest();
    private final TaskManagementResponsePdu response = new TaskManagementResponsePdu();
    private final Set<Integer> abortedBeforeArrival = new HashSet<>();

    TaskManager(
            Connection connection,
            Nexus nexus,
            TaskService tasks,
            CommandWindow window,
            PduWriter writer,
            Runnable onColdReset) {
        this.connection = connection;
        this.nexus = nexus;
        this.tasks = tasks;
        this.window = window;
        this.writer = writer;
        this.onColdReset = onColdReset;
    }

    /** True once for a command that was aborted before it came: it is to be dropped. */
    boolean wasAbortedBeforeArrival(int commandNumber) {
        return !abortedBeforeArrival.isEmpty() && abortedBeforeArrival.remove(commandNumber);
    }

    /** Takes a request whose turn has come: all commands with lower numbers have arrived. */
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
            case ABORT_TASK -> abortTask(tag, lun);
            case ABORT_TASK_SET, CLEAR_TASK_SET, LOGICAL_UNIT_RESET -> {
                tasks.abort(task -> Arrays.equals(task.lun(), lun));
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

    private void abortTask(int tag, byte[] lun) {
        SessionTask task = tasks.find(request.referencedTaskTag());
        if (task == null) {
            respond(tag, abortUnknown(request.referencedCommandSequenceNumber()));
        } else if (task.isExecuting()) {
            task.setAborted();
            delegate(tag, TaskManagementFunction.ABORT_TASK, lun, task);
        } else {
            tasks.abort(task);
            respond(tag, TaskManagementResponse.FUNCTION_COMPLETE);
        }
    }

    /** Section 11.5.5: a command that is still to come is dropped when it does; one that has been answered is gone. */
    private TaskManagementResponse abortUnknown(int commandNumber) {
        if (window.contains(commandNumber)) {
            abortedBeforeArrival.add(commandNumber);
            return TaskManagementResponse.FUNCTION_COMPLETE;
        }
        return TaskManagementResponse.TASK_DOES_NOT_EXIST;
    }

    private void delegate(int tag, TaskManagementFunction function, byte[] lun, @Nullable SessionTask task) {
        nexus.manage(
                function,
                lun,
                task,
                result -> onLoop(() -> {
                    respond(tag, result);
                    if (function == TaskManagementFunction.TARGET_COLD_RESET) {
                        onColdReset.run();
                    }
                }));
    }

    private void onLoop(Runnable action) {
        if (connection.loop().isCurrent()) {
            action.run();
        } else {
            connection.loop().execute(action);
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
