package io.sluice.target.iscsi.session;

import io.sluice.target.iscsi.login.KeyNegotiator;
import io.sluice.target.iscsi.login.SessionParameters;
import io.sluice.target.iscsi.pdu.InitiatorPdu;
import io.sluice.target.iscsi.pdu.Opcodes;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.SerialNumber;
import io.sluice.target.iscsi.pdu.TextKeys;
import io.sluice.target.net.Connection;
import io.sluice.target.scsi.Nexus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jscsi.parser.OperationCode;
import org.jscsi.parser.datasegment.OperationalTextKey;
import org.jscsi.parser.reject.RejectParser.ReasonCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The full feature phase of one session (RFC 7143 section 4.2.5): brings PDUs into the order of their command numbers
 * and deals them out to the services.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A command that is not immediate is dealt out exactly when its CmdSN is the expected one; ahead of it, it is
 *       held; outside the window it is silently ignored (section 4.2.2.1).
 *   <li>A task management request is dealt out when every command with a lower number has arrived.
 *   <li>A discovery session has no nexus and takes no SCSI commands.
 *   <li>The session is gone for the registry only when its last command has ended: a write of the old session must not
 *       land behind one of the session that replaces it.
 * </ol>
 */
final class FullFeaturePhase implements ConnectionPhase {
    private static final Logger log = LoggerFactory.getLogger(FullFeaturePhase.class);
    private static final int HELD_BYTES_MAX = 4 << 20;

    private final Connection connection;
    private final ServerContext context;
    private final Session session;
    private final @Nullable Nexus nexus;
    private final CommandWindow window;
    private final Rejecter rejecter;
    private final @Nullable TaskService tasks;
    private final @Nullable TaskManager taskManager;
    private final TextService text;
    private final PingService ping;
    private final LogoutService logout;
    private final TargetList targetList;
    private final HeldPdus held = new HeldPdus(HELD_BYTES_MAX);
    private final InitiatorPdu header = new InitiatorPdu();

    FullFeaturePhase(
            Connection connection,
            ServerContext context,
            Session session,
            @Nullable Nexus nexus,
            SessionParameters parameters,
            PduWriter writer,
            CommandWindow window,
            int connectionId) {
        this.connection = connection;
        this.context = context;
        this.session = session;
        this.nexus = nexus;
        this.window = window;
        SessionSettings settings = context.settings();
        writer.window(window);
        writer.digests(parameters.headerDigest(), parameters.dataDigest());
        this.rejecter = new Rejecter(writer, connection.remoteAddress().toString());
        this.tasks = nexus == null
                ? null
                : new TaskService(connection, nexus, parameters, settings, context.dataBudget(), writer, rejecter);
        this.taskManager = nexus == null || tasks == null
                ? null
                : new TaskManager(connection, nexus, tasks, window, writer, this::coldReset);
        this.targetList = new TargetList(context.targets(), context.portals());
        this.text = new TextService(writer, rejecter, parameters.peerSegmentBytesMax(), this::answerText);
        this.ping = new PingService(connection, writer, settings, parameters.peerSegmentBytesMax());
        this.logout = new LogoutService(connection, writer, tasks, connectionId, settings.logoutTime());
    }

    @Override
    public int dataBytesMax() {
        return context.negotiation().maxRecvDataSegmentBytes();
    }

    @Override
    public void receive(PduFrame frame) {
        OperationCode opcode = Opcodes.of(frame.header().opcode());
        if (opcode == OperationCode.SCSI_DATA_OUT) {
            dataOut(frame);
            return;
        }
        if (opcode == null || !isRequest(opcode)) {
            rejecter.reject(frame, opcode == null ? ReasonCode.COMMAND_NOT_SUPPORTED : ReasonCode.PROTOCOL_ERROR);
            return;
        }
        if (opcode == OperationCode.SNACK_REQUEST) {
            rejecter.reject(frame, ReasonCode.SNACK_REJECT);
            return;
        }
        if (opcode != OperationCode.SCSI_COMMAND && !frame.isDataIntact()) {
            rejecter.reject(frame, ReasonCode.DATA_DIGEST_ERROR);
            return;
        }
        order(frame, opcode);
    }

    @Override
    public void receiveTooLong(PduFrame frame) {
        drop("a data segment of " + frame.header().dataSegmentBytes() + " bytes is longer than was declared");
    }

    @Override
    public void endOfTurn() {
        if (tasks != null) {
            tasks.endOfTurn();
            session.commandsInFlight(tasks.inFlight());
        }
    }

    @Override
    public void requestLogout(Duration within) {
        logout.request(within);
    }

    @Override
    public void finish(String reason) {
        logout.endWhenQuiet(reason, () -> {});
    }

    @Override
    public void closed(String reason) {
        ping.close();
        if (nexus == null || tasks == null) {
            context.registry().remove(session);
        } else {
            tasks.close();
            nexus.close();
            tasks.whenQuiet(() -> context.registry().remove(session));
        }
        log.info(
                "session {} of {} at {} ended: {}",
                session.handle(),
                session.identity().initiatorName(),
                connection.remoteAddress(),
                reason);
    }

    private static boolean isRequest(OperationCode opcode) {
        return opcode.value() < OperationCode.NOP_IN.value() && opcode != OperationCode.LOGIN_REQUEST;
    }

    private void order(PduFrame frame, OperationCode opcode) {
        header.wrap(frame.buffer(), frame.header().offset());
        int number = header.commandSequenceNumber();
        if (header.isImmediate()) {
            boolean early = opcode == OperationCode.SCSI_TM_REQUEST && SerialNumber.isBefore(window.expected(), number);
            if (early && window.contains(number)) {
                hold(frame);
            } else {
                deal(frame, opcode, true);
            }
        } else if (number == window.expected()) {
            dealExpected(frame, opcode, true);
            replayHeld();
        } else if (window.contains(number)) {
            hold(frame);
        }
    }

    private void dealExpected(PduFrame frame, OperationCode opcode, boolean inPlace) {
        int number = window.expected();
        window.advance();
        if (taskManager == null || !taskManager.wasAbortedBeforeArrival(number)) {
            deal(frame, opcode, inPlace);
        }
    }

    private void hold(PduFrame frame) {
        if (!frame.isDataIntact()) {
            rejecter.reject(frame, ReasonCode.DATA_DIGEST_ERROR);
        } else if (!held.hold(frame)) {
            drop("too many commands came out of order");
        }
    }

    private void replayHeld() {
        while (!held.isEmpty() && connection.isOpen()) {
            ByteBuffer copy = held.next(window.expected());
            if (copy == null) {
                return;
            }
            PduFrame frame = new PduFrame();
            PduFrame.Outcome outcome = frame.parse(copy, 0, copy.capacity(), copy.capacity());
            OperationCode opcode = Opcodes.of(frame.header().opcode());
            if (outcome != PduFrame.Outcome.COMPLETE || opcode == null) {
                throw new IllegalStateException("a held PDU is not whole");
            }
            if (frame.header().isImmediate()) {
                deal(frame, opcode, false);
            } else {
                dealExpected(frame, opcode, false);
            }
        }
    }

    private void deal(PduFrame frame, OperationCode opcode, boolean inPlace) {
        if (opcode == OperationCode.SCSI_COMMAND) {
            command(frame, inPlace);
        } else if (opcode == OperationCode.NOP_OUT) {
            ping.answer(frame);
        } else if (opcode == OperationCode.TEXT_REQUEST) {
            text.answer(frame);
        } else if (opcode == OperationCode.LOGOUT_REQUEST) {
            logout.logout(frame);
        } else if (taskManager == null) {
            rejecter.reject(frame, ReasonCode.PROTOCOL_ERROR);
        } else {
            taskManager.manage(frame);
        }
    }

    private void command(PduFrame frame, boolean inPlace) {
        if (tasks == null) {
            rejecter.reject(frame, ReasonCode.PROTOCOL_ERROR);
        } else if (logout.isEnding()) {
            rejecter.reject(frame, ReasonCode.WAITING_FOR_LOGOUT);
        } else {
            tasks.command(frame, inPlace);
        }
    }

    private void dataOut(PduFrame frame) {
        if (tasks == null) {
            rejecter.reject(frame, ReasonCode.PROTOCOL_ERROR);
        } else {
            tasks.dataOut(frame);
        }
    }

    private TextKeys answerText(TextKeys asked) {
        TextKeys answer = TextKeys.EMPTY;
        for (TextKeys.Pair pair : asked.pairs()) {
            answer = answer.and(answerKey(pair));
        }
        return answer;
    }

    private TextKeys answerKey(TextKeys.Pair pair) {
        if (pair.key().equals(OperationalTextKey.SEND_TARGETS.value())) {
            return targetList.answer(
                    pair.value(),
                    session.identity().initiatorName(),
                    session.identity().targetName(),
                    connection.remoteAddress().getAddress(),
                    connection.localAddress());
        }
        KeyNegotiator.Round round =
                new KeyNegotiator(context.negotiation()).negotiate(TextKeys.of(pair.key(), pair.value()), Map.of());
        if (pair.key().equals(OperationalTextKey.MAX_RECV_DATA_SEGMENT_LENGTH.value())) {
            Optional.ofNullable(round.agreed().get(pair.key())).ifPresent(this::peerSegmentLength);
            return round.reply();
        }
        boolean known = !round.agreed().isEmpty();
        return known ? TextKeys.of(pair.key(), "Reject") : round.reply();
    }

    private void peerSegmentLength(String value) {
        text.peerSegmentBytesMax(Integer.parseInt(value));
        if (tasks != null) {
            tasks.responder().peerSegmentBytesMax(Integer.parseInt(value));
        }
    }

    private void coldReset() {
        context.registry().dropTarget(session.identity().targetName(), "target cold reset");
    }

    private void drop(String why) {
        log.warn("connection from {} dropped: {}", connection.remoteAddress(), why);
        connection.close(why);
    }
}
