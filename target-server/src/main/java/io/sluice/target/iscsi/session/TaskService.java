package io.sluice.target.iscsi.session;

import io.sluice.storage.runtime.Invariant;
import io.sluice.target.iscsi.login.SessionParameters;
import io.sluice.target.iscsi.pdu.BasicHeaderSegment;
import io.sluice.target.iscsi.pdu.DataOut;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.ReadyToTransfer;
import io.sluice.target.iscsi.pdu.ScsiCommand;
import io.sluice.target.net.Connection;
import io.sluice.target.net.DataBuffer;
import io.sluice.target.net.DataBufferPool;
import io.sluice.target.net.MemoryBudget;
import io.sluice.target.net.ReceiveBlock;
import io.sluice.target.scsi.LunField;
import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.ScsiStatus;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jscsi.parser.OperationCode;
import org.jscsi.parser.reject.RejectParser.ReasonCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SCSI commands of one session: gathers their data-out, hands them to the nexus, answers them (RFC 7143 sections 4.2.5,
 * 11.3, 11.7, 11.8).
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Every task in the table is either collecting or executing; every executing one gets its {@code ended}.
 *   <li>An aborted task leaves the table at once, so that its tag can be used again; while it executes, it counts as
 *       {@code abandoned} until it has ended.
 *   <li>{@link Nexus#submit} is called once behind the commands of a turn, at its end.
 *   <li>An R2T is sent only for a task that has memory for all of its data.
 * </ol>
 */
final class TaskService {
    private static final Logger log = LoggerFactory.getLogger(TaskService.class);
    /** Immediate commands do not count against the window; this many more tasks are taken. */
    private static final int IMMEDIATE_TASKS_MAX = 32;

    private final Connection connection;
    private final Nexus nexus;
    private final SessionParameters parameters;
    private final SessionSettings settings;
    private final MemoryBudget budget;
    private final PduWriter writer;
    private final TaskResponder responder;
    private final Rejecter rejecter;
    private final TaskTable tasks;
    private final int tasksMax;
    private final ArrayDeque<SessionTask> free = new ArrayDeque<>();
    private final ScsiCommand command = new ScsiCommand();
    private final DataOut dataOut = new DataOut();
    private final ReadyToTransfer readyToTransfer = new ReadyToTransfer();
    private int nextTransferTag;
    private int executing;
    private int abandoned;
    private boolean submitDue;
    private boolean closed;
    private Runnable onIdle = () -> {};

    TaskService(
            Connection connection,
            Nexus nexus,
            SessionParameters parameters,
            SessionSettings settings,
            MemoryBudget serverBudget,
            PduWriter writer,
            Rejecter rejecter) {
        this.connection = connection;
        this.nexus = nexus;
        this.parameters = parameters;
        this.settings = settings;
        this.budget = new MemoryBudget(settings.sessionMemoryBytesMax(), serverBudget);
        this.writer = writer;
        this.responder = new TaskResponder(writer, parameters, settings.dataInPieceBytes());
        this.rejecter = rejecter;
        this.tasksMax = settings.commandWindow() + IMMEDIATE_TASKS_MAX;
        this.tasks = new TaskTable(tasksMax);
    }

    TaskResponder responder() {
        return responder;
    }

    /** Commands collecting or executing. */
    int inFlight() {
        return tasks.size() + abandoned;
    }

    int executing() {
        return executing;
    }

    @Nullable
    SessionTask find(int tag) {
        return tasks.find(tag);
    }

    /** Takes a SCSI Command; {@code inPlace} when the frame lies in the receive buffer. */
    void command(PduFrame frame, boolean inPlace) {
        command.wrap(frame.buffer(), frame.header().offset());
        ReasonCode refusal = refusal();
        if (refusal != null) {
            rejecter.reject(frame, refusal);
            return;
        }
        SessionTask task = free.isEmpty() ? newTask() : free.removeLast();
        task.begin(command);
        tasks.add(task);
        nexus.plan(task);
        if (!frame.isDataIntact()) {
            rejecter.reject(frame, ReasonCode.DATA_DIGEST_ERROR);
            fail(task, SenseCode.PROTOCOL_SERVICE_CRC_ERROR);
        } else if (isUnexpected(task, frame)) {
            fail(task, SenseCode.UNEXPECTED_UNSOLICITED_DATA);
        } else {
            collect(task, frame, inPlace);
        }
    }

    /** Takes a Data-Out; one for a task that is not collecting any more is dropped silently. */
    void dataOut(PduFrame frame) {
        dataOut.wrap(frame.buffer(), frame.header().offset());
        SessionTask task = tasks.find(dataOut.initiatorTaskTag());
        boolean intact = frame.isDataIntact();
        if (!intact) {
            rejecter.reject(frame, ReasonCode.DATA_DIGEST_ERROR);
        }
        if (task == null || task.isExecuting()) {
            return;
        }
        if (!intact) {
            fail(task, SenseCode.PROTOCOL_SERVICE_CRC_ERROR);
            return;
        }
        DataOutCollector.Outcome outcome = task.collector()
                .accept(
                        dataOut.targetTransferTag(),
                        dataOut.dataSequenceNumber(),
                        dataOut.bufferOffset() & 0xffff_ffffL,
                        dataOut.isFinal(),
                        frame.buffer(),
                        frame.dataOffset(),
                        frame.dataBytes());
        switch (outcome) {
            case MORE -> goOn(task);
            case COMPLETE -> goOn(task);
            case OUT_OF_SEQUENCE -> fail(task, SenseCode.PROTOCOL_SERVICE_CRC_ERROR);
            case WRONG_AMOUNT -> fail(task, SenseCode.INCORRECT_AMOUNT_OF_DATA);
            case UNEXPECTED -> fail(task, SenseCode.UNEXPECTED_UNSOLICITED_DATA);
        }
    }

    /** The end of a turn. */
    void endOfTurn() {
        if (submitDue) {
            submitDue = false;
            nexus.submit();
        }
    }

    /** Ends collecting tasks that match without an answer, marks executing ones as not to be answered. */
    void abort(Predicate<SessionTask> which) {
        List<SessionTask> victims = new ArrayList<>();
        tasks.forEach(task -> {
            if (which.test(task)) {
                victims.add(task);
            }
        });
        victims.forEach(this::abort);
    }

    /** The same for one task. */
    void abort(SessionTask task) {
        if (task.isExecuting()) {
            task.setAborted();
            tasks.remove(task);
            abandoned++;
        } else {
            recycle(task);
        }
    }

    /** Ends collecting tasks of a logical unit because of somebody else's task management function. */
    int abortCollecting(int lun, boolean answered) {
        List<SessionTask> victims = new ArrayList<>();
        tasks.forEach(task -> {
            if (!task.isExecuting() && LunField.decode(task.lun()) == lun) {
                victims.add(task);
            }
        });
        for (SessionTask task : victims) {
            if (answered) {
                finish(task, ScsiStatus.TASK_ABORTED, null);
            } else {
                recycle(task);
            }
        }
        return victims.size();
    }

    /** Called whenever no task executes any more. */
    void onIdle(Runnable action) {
        onIdle = action;
    }

    /** The session is over: nothing is answered any more. */
    void close() {
        closed = true;
        onIdle = () -> {};
        abort(task -> true);
    }

    /** From {@link SessionTask#ended}, on any thread. */
    void ended(SessionTask task) {
        if (connection.loop().isCurrent()) {
            endedOnLoop(task);
        } else {
            connection.loop().execute(task);
        }
    }

    void endedOnLoop(SessionTask task) {
        Invariant.check(task.isExecuting(), "a task ended that was not executing");
        executing--;
        answer(task);
        if (executing == 0) {
            onIdle.run();
        }
    }

    /** From {@link SessionTask#allocateDataIn}, on any thread. */
    @Nullable
    DataBuffer takeDataBuffer(int bytes) {
        DataBufferPool pool = connection.loop().memory().dataBuffers();
        return connection.loop().isCurrent() ? pool.take(bytes, budget) : pool.takeNew(bytes, budget);
    }

    void releaseOnLoop(DataBuffer buffer) {
        if (connection.loop().isCurrent()) {
            buffer.release();
        } else {
            connection.loop().execute(buffer::release);
        }
    }

    private SessionTask newTask() {
        return new SessionTask(this, parameters.maxOutstandingReadyToTransfer());
    }

    private @Nullable ReasonCode refusal() {
        if (command.initiatorTaskTag() == BasicHeaderSegment.RESERVED_TAG) {
            return ReasonCode.INVALID_PDU_FIELD;
        }
        if (tasks.find(command.initiatorTaskTag()) != null) {
            return ReasonCode.TASK_IN_PROGRESS;
        }
        return inFlight() >= tasksMax ? ReasonCode.IMMEDIATE_COMMAND_REJECT : null;
    }

    /** Data that was not negotiated or that the command did not announce. */
    private boolean isUnexpected(SessionTask task, PduFrame frame) {
        int bytes = frame.dataBytes();
        boolean more = task.isWrite() && !command.isFinal();
        boolean tooMuch = bytes > Math.min(parameters.firstBurstBytes(), task.expectedBytes());
        return (bytes > 0 && (!task.isWrite() || !parameters.immediateData() || tooMuch))
                || (more && parameters.initialReadyToTransfer());
    }

    private void collect(SessionTask task, PduFrame frame, boolean inPlace) {
        long wanted = task.isWrite() ? Math.min(task.expectedBytes(), task.dataOutWanted()) : 0;
        boolean more = task.isWrite() && !command.isFinal();
        if (wanted > settings.taskDataBytesMax()) {
            fail(task, SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        int wantedBytes = (int) wanted;
        int immediateBytes = frame.dataBytes();
        boolean complete = immediateBytes >= wantedBytes && !more;
        boolean pins = complete && inPlace && connection.receiveBuffer().mayPin();
        DataBuffer buffer = pins || wantedBytes == 0 ? null : takeDataBuffer(wantedBytes);
        task.dataOutBuffer(buffer);
        if (buffer != null) {
            buffer.bytes().put(0, frame.buffer(), frame.dataOffset(), Math.min(immediateBytes, wantedBytes));
        } else if (!pins && wantedBytes > 0) {
            task.setStarved();
        }
        long unsolicitedEnd = Math.min(parameters.firstBurstBytes(), task.expectedBytes());
        task.collector().begin(wantedBytes, buffer, immediateBytes, unsolicitedEnd, more);
        if (complete && pins && wantedBytes > 0) {
            task.dataOutInPlace(connection.receiveBuffer().pin(), frame, wantedBytes);
            execute(task);
        } else {
            goOn(task);
        }
    }

    /** The next thing for a collecting task: ask for data, execute it, or give up for want of memory. */
    private void goOn(SessionTask task) {
        DataOutCollector collector = task.collector();
        if (task.isStarved()) {
            if (!collector.isUnsolicitedOpen()) {
                finish(task, ScsiStatus.TASK_SET_FULL, null);
            }
            return;
        }
        if (collector.isComplete()) {
            DataBuffer buffer = task.dataOutBuffer();
            if (buffer != null) {
                ByteBuffer bytes = buffer.bytes();
                bytes.clear();
                bytes.limit(collector.receivedBytes());
                task.dataOut(bytes);
            }
            execute(task);
            return;
        }
        while (collector.canSolicit()) {
            solicit(task, collector);
        }
    }

    private void solicit(SessionTask task, DataOutCollector collector) {
        int tag = takeTransferTag();
        int number = collector.readyToTransferCount();
        int offset = collector.solicitedEnd();
        int bytes = collector.solicit(tag, parameters.maxBurstBytes());
        writer.begin(readyToTransfer, OperationCode.R2T);
        readyToTransfer.lun(ByteBuffer.wrap(task.lun()).getLong(0));
        readyToTransfer.initiatorTaskTag(task.tag());
        readyToTransfer.targetTransferTag(tag);
        readyToTransfer.readyToTransferSequenceNumber(number);
        readyToTransfer.bufferOffset(offset);
        readyToTransfer.desiredBytes(bytes);
        writer.finish(readyToTransfer, StatusNumbering.SHOWS);
    }

    private int takeTransferTag() {
        int tag = nextTransferTag;
        nextTransferTag = tag + 1 == BasicHeaderSegment.RESERVED_TAG ? 0 : tag + 1;
        return tag;
    }

    private void execute(SessionTask task) {
        task.setExecuting();
        executing++;
        submitDue = true;
        try {
            nexus.execute(task);
        } catch (RuntimeException e) {
            log.error("{}: a command failed inside the server", connection.remoteAddress(), e);
            if (!task.isEnded()) {
                task.end(ScsiStatus.CHECK_CONDITION, SenseCode.INTERNAL_TARGET_FAILURE.sense());
            }
        }
    }

    private void fail(SessionTask task, SenseCode code) {
        finish(task, ScsiStatus.CHECK_CONDITION, code.sense());
    }

    /** Ends a collecting task on the transport's own account. */
    private void finish(SessionTask task, ScsiStatus status, byte @Nullable [] sense) {
        Invariant.check(!task.isExecuting(), "the transport ended a task that was executing");
        task.setExecuting();
        executing++;
        task.end(status, sense);
    }

    private void answer(SessionTask task) {
        boolean silent = closed || task.isAborted() || task.isUnanswered();
        if (!silent) {
            responder.respond(task);
        }
        if (task.isAborted()) {
            abandoned--;
        }
        recycle(task);
    }

    private void recycle(SessionTask task) {
        tasks.remove(task);
        ReceiveBlock pinned = task.takePinned();
        if (pinned != null) {
            connection.receiveBuffer().unpin(pinned);
        }
        DataBuffer dataOutBuffer = task.dataOutBuffer();
        if (dataOutBuffer != null) {
            task.dataOutBuffer(null);
            dataOutBuffer.release();
        }
        DataBuffer dataInBuffer = task.takeDataInBuffer();
        if (dataInBuffer != null) {
            dataInBuffer.release();
        }
        free.addLast(task);
    }
}
