package io.sluice.target.iscsi.session;

import io.sluice.storage.runtime.Cancellable;
import io.sluice.target.iscsi.login.LoginConversation;
import io.sluice.target.iscsi.login.LoginIdentity;
import io.sluice.target.iscsi.login.LoginMachine;
import io.sluice.target.iscsi.login.LoginReply;
import io.sluice.target.iscsi.login.SessionParameters;
import io.sluice.target.iscsi.pdu.LoginRequest;
import io.sluice.target.iscsi.pdu.LoginResponse;
import io.sluice.target.iscsi.pdu.PduFrame;
import io.sluice.target.iscsi.pdu.TextKeys;
import io.sluice.target.net.Connection;
import io.sluice.target.scsi.Nexus;
import io.sluice.target.scsi.ScsiTarget;
import java.time.Duration;
import org.jscsi.parser.OperationCode;
import org.jscsi.parser.login.LoginStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The login of one connection: I/O and time around {@link LoginConversation}, then the session's admission, which waits
 * for a session that is replaced.
 *
 * <pre>
 *   negotiating ──final request──▶ waiting for the predecessor ──▶ full feature phase
 *     │   ▲  └── refused, timeout, error ──▶ closed ◀────┘
 *     ▼   │                                    ▲
 *   answer held back ({@link LoginLedger}) ────┘
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>While an answer is held back or a predecessor is waited for, nothing is read from the connection.
 *   <li>A request that was received gets an answer, a refusal included, unless the connection breaks.
 *   <li>A connection that came beyond a limit is told so with its first request and is never logged in.
 * </ol>
 */
final class LoginPhase implements ConnectionPhase {
    private static final Logger log = LoggerFactory.getLogger(LoginPhase.class);
    /** How long a connection that is to be refused may take to ask. */
    private static final Duration REFUSAL_TIME = Duration.ofSeconds(2);

    private final Connection connection;
    private final ServerContext context;
    private final ConnectionPhases phases;
    private final ConnectionLimits.Slot slot;
    private final PduWriter writer;
    private final LoginConversation conversation;
    private final LoginRequest request = new LoginRequest();
    private final LoginResponse response = new LoginResponse();
    private final Cancellable timeout;
    private @Nullable Session session;
    private @Nullable Answered held;
    private boolean begun;

    LoginPhase(Connection connection, ServerContext context, ConnectionPhases phases, ConnectionLimits.Slot slot) {
        this.connection = connection;
        this.context = context;
        this.phases = phases;
        this.slot = slot;
        this.writer = new PduWriter(connection);
        ConnectionDirectory directory = new ConnectionDirectory(
                context.targets(),
                context.registry(),
                connection.remoteAddress().getAddress());
        this.conversation = new LoginConversation(
                new LoginMachine(directory, context.negotiation(), connection.portalGroupTag()),
                context.settings().loginRequestBytesMax());
        Duration time = slot.refusal() == null ? context.settings().loginTime() : REFUSAL_TIME;
        this.timeout = connection.loop().schedule(time, this::timedOut);
    }

    @Override
    public int dataBytesMax() {
        return LoginConversation.SEGMENT_BYTES_MAX;
    }

    @Override
    public void receive(PduFrame frame) {
        request.wrap(frame.buffer(), frame.header().offset());
        if (request.opcode() != OperationCode.LOGIN_REQUEST.value()) {
            refuse(LoginStatus.INVALID_DURING_LOGIN, "another request came in the place of a login");
            return;
        }
        if (!begun) {
            begun = true;
            writer.nextStatusNumber(request.expectedStatusSequenceNumber());
            writer.window(new CommandWindow(context.settings().commandWindow(), request.commandSequenceNumber()));
        }
        String refusal = slot.refusal();
        if (refusal != null) {
            refuse(LoginStatus.OUT_OF_RESOURCES, refusal);
            return;
        }
        byte[] text = TextKeys.copyOf(frame.buffer(), frame.dataOffset(), frame.dataBytes());
        LoginReply reply = conversation.receive(request, text);
        Answered answered = new Answered(request, reply);
        Duration wait = reply.proofJudged() ? judged(reply) : Duration.ZERO;
        if (wait.isZero()) {
            answer(answered);
        } else {
            holdBack(answered, wait);
        }
    }

    private Duration judged(LoginReply reply) {
        return context.logins()
                .judged(
                        connection.remoteAddress().getAddress(),
                        conversation.identity().initiatorName(),
                        reply.status() == LoginStatus.SUCCESS);
    }

    /** Who was wrong lately waits for his answer, right or wrong, and holds up nobody else. */
    private void holdBack(Answered answered, Duration wait) {
        held = answered;
        connection.suspend();
        connection.loop().schedule(wait, () -> {
            if (connection.isOpen() && held != null) {
                held = null;
                connection.resume();
                answer(answered);
            }
        });
    }

    private void answer(Answered answered) {
        LoginReply reply = answered.reply();
        if (reply.completes()) {
            admit(answered);
            return;
        }
        send(answered, 0);
        if (reply.status() != LoginStatus.SUCCESS) {
            end(reply);
        }
    }

    @Override
    public void receiveTooLong(PduFrame frame) {
        request.wrap(frame.buffer(), frame.header().offset());
        refuse(LoginStatus.INITIATOR_ERROR, "a data segment was longer than " + dataBytesMax() + " bytes");
    }

    @Override
    public void endOfTurn() {}

    @Override
    public void requestLogout(Duration within) {}

    @Override
    public void finish(String reason) {
        connection.close(reason);
    }

    @Override
    public void closed(String reason) {
        timeout.cancel();
        Session waiting = session;
        if (waiting != null) {
            Session predecessor = waiting.predecessor();
            if (predecessor == null) {
                context.registry().remove(waiting);
            } else {
                context.registry().abandon(waiting);
                predecessor.whenGone(() -> context.registry().remove(waiting));
            }
        }
        log.debug("connection from {} ended during login: {}", connection.remoteAddress(), reason);
    }

    /** What a response has to repeat, kept while the receive buffer moves on. */
    private record Answered(long isid, int taskTag, int connectionId, int commandNumber, LoginReply reply) {
        Answered(LoginRequest request, LoginReply reply) {
            this(
                    request.isid(),
                    request.initiatorTaskTag(),
                    request.connectionId(),
                    request.commandSequenceNumber(),
                    reply);
        }

        Answered with(LoginReply other) {
            return new Answered(isid, taskTag, connectionId, commandNumber, other);
        }
    }

    private void admit(Answered last) {
        LoginIdentity identity = conversation.identity();
        Session admitted = context.registry().admit(identity, last.isid(), connection, phases);
        if (admitted == null) {
            refuse(LoginStatus.OUT_OF_RESOURCES, "all sessions (limits.sessions) are in use");
            return;
        }
        session = admitted;
        Session predecessor = admitted.predecessor();
        if (predecessor == null) {
            open(admitted, last);
            return;
        }
        log.info(
                "{} at {} reinstates its session {}",
                identity.initiatorName(),
                connection.remoteAddress(),
                predecessor.handle());
        connection.suspend();
        predecessor.drop("replaced by a new login of the same initiator port");
        predecessor.whenGone(() -> connection.loop().execute(() -> {
            if (connection.isOpen()) {
                connection.resume();
                open(admitted, last);
            }
        }));
    }

    private void open(Session admitted, Answered last) {
        LoginIdentity identity = admitted.identity();
        ScsiTarget target = identity.discovery() ? null : context.targets().find(identity.targetName());
        if (target == null && !identity.discovery()) {
            refuse(LoginStatus.NOT_FOUND, "target " + identity.targetName() + " is not there any more");
            return;
        }
        Nexus nexus = target == null ? null : target.open(admitted.nexusIdentity(), connection.loop());
        send(last, admitted.handle());
        enterFullFeature(admitted, nexus, last);
        log.info(
                "session {}: {} at {} logged in to {}",
                admitted.handle(),
                identity.initiatorName(),
                connection.remoteAddress(),
                identity.discovery() ? "discovery" : identity.targetName());
    }

    private void enterFullFeature(Session admitted, @Nullable Nexus nexus, Answered last) {
        connection.growReceiveBuffer();
        SessionParameters parameters = conversation.parameters();
        CommandWindow window = new CommandWindow(context.settings().commandWindow(), last.commandNumber());
        FullFeaturePhase next = new FullFeaturePhase(
                connection, context, admitted, nexus, parameters, writer, window, last.connectionId());
        phases.enter(next, parameters.headerDigest(), parameters.dataDigest());
        timeout.cancel();
        session = null;
        slot.loggedIn();
        context.logins().succeeded();
    }

    private void refuse(LoginStatus status, String why) {
        LoginReply reply = LoginReply.refused(status, why);
        send(new Answered(request, reply), 0);
        end(reply);
    }

    private void end(LoginReply reply) {
        String name = conversation.identity().initiatorName();
        context.logins().refused(reply.status());
        log.warn(
                "login of {} from {} refused: {}: {}",
                name.isEmpty() ? "an unnamed initiator" : name,
                connection.remoteAddress(),
                reply.status(),
                reply.why());
        connection.closeAfterSending("login refused: " + reply.status());
    }

    private void timedOut() {
        Answered unanswered = held;
        if (session != null && connection.isOpen()) {
            refuse(
                    LoginStatus.SERVICE_UNAVAILABLE,
                    "commands of the session to be replaced do not end; the initiator may come again");
        } else if (unanswered != null && connection.isOpen()) {
            held = null;
            boolean right = unanswered.reply().status() == LoginStatus.SUCCESS;
            LoginReply reply = right
                    ? LoginReply.refused(LoginStatus.SERVICE_UNAVAILABLE, "wrong proofs of others held it up too long")
                    : unanswered.reply();
            send(unanswered.with(reply), 0);
            end(reply);
        } else {
            log.warn("connection from {} dropped: login took too long", connection.remoteAddress());
            connection.close("login took too long");
        }
    }

    private void send(Answered answered, int handle) {
        LoginReply reply = answered.reply();
        writer.begin(response, OperationCode.LOGIN_RESPONSE);
        response.stages(reply.transit(), reply.continued(), reply.currentStage(), reply.nextStage());
        response.sessionId(answered.isid(), handle);
        response.initiatorTaskTag(answered.taskTag());
        response.status(reply.status().value() & 0xffff);
        writer.finish(response, StatusNumbering.ADVANCES, reply.text());
    }
}
