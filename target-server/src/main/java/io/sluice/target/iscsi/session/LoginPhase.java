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
 *        └── refused, timeout, error ──▶ closed ◀────┘
 * </pre>
 */
final class LoginPhase implements ConnectionPhase {
    private static final Logger log = LoggerFactory.getLogger(LoginPhase.class);
    private static final byte[] NO_TEXT = {};

    private final Connection connection;
    private final ServerContext context;
    private final ConnectionPhases phases;
    private final PduWriter writer;
    private final LoginConversation conversation;
    private final LoginRequest request = new LoginRequest();
    private final LoginResponse response = new LoginResponse();
    private final Cancellable timeout;
    private @Nullable Session session;
    private boolean begun;

    LoginPhase(Connection connection, ServerContext context, ConnectionPhases phases) {
        this.connection = connection;
        this.context = context;
        this.phases = phases;
        this.writer = new PduWriter(connection);
        this.conversation =
                new LoginConversation(new LoginMachine(context, context.negotiation(), connection.portalGroupTag()));
        this.timeout = connection.loop().schedule(context.settings().loginTime(), this::timedOut);
    }

    @Override
    public int dataBytesMax() {
        return LoginConversation.SEGMENT_BYTES_MAX;
    }

    @Override
    public void receive(PduFrame frame) {
        request.wrap(frame.buffer(), frame.header().offset());
        if (request.opcode() != OperationCode.LOGIN_REQUEST.value()) {
            refuse(LoginStatus.INVALID_DURING_LOGIN);
            return;
        }
        if (!begun) {
            begun = true;
            writer.nextStatusNumber(request.expectedStatusSequenceNumber());
            writer.window(new CommandWindow(context.settings().commandWindow(), request.commandSequenceNumber()));
        }
        byte[] text = TextKeys.copyOf(frame.buffer(), frame.dataOffset(), frame.dataBytes());
        LoginReply reply = conversation.receive(request, text);
        if (reply.completes()) {
            admit(new FinalRequest(request, reply));
        } else {
            send(new FinalRequest(request, reply), 0);
            if (reply.status() != LoginStatus.SUCCESS) {
                end(reply.status());
            }
        }
    }

    @Override
    public void receiveTooLong(PduFrame frame) {
        request.wrap(frame.buffer(), frame.header().offset());
        refuse(LoginStatus.INITIATOR_ERROR);
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
        context.limits().ended(connection.remoteAddress().getAddress(), false);
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

    /** What the final response has to repeat, kept while the receive buffer moves on. */
    private record FinalRequest(long isid, int taskTag, int connectionId, int commandNumber, LoginReply reply) {
        FinalRequest(LoginRequest request, LoginReply reply) {
            this(
                    request.isid(),
                    request.initiatorTaskTag(),
                    request.connectionId(),
                    request.commandSequenceNumber(),
                    reply);
        }
    }

    private void admit(FinalRequest last) {
        LoginIdentity identity = conversation.identity();
        Session admitted = context.registry().admit(identity, last.isid(), connection, phases);
        if (admitted == null) {
            refuse(LoginStatus.OUT_OF_RESOURCES);
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

    private void open(Session admitted, FinalRequest last) {
        LoginIdentity identity = admitted.identity();
        ScsiTarget target = identity.discovery() ? null : context.targets().find(identity.targetName());
        if (target == null && !identity.discovery()) {
            refuse(LoginStatus.NOT_FOUND);
            return;
        }
        send(last, admitted.handle());
        enterFullFeature(admitted, target, last);
        log.info(
                "session {}: {} at {} logged in to {}",
                admitted.handle(),
                identity.initiatorName(),
                connection.remoteAddress(),
                identity.discovery() ? "discovery" : identity.targetName());
    }

    private void enterFullFeature(Session admitted, @Nullable ScsiTarget target, FinalRequest last) {
        connection.growReceiveBuffer();
        SessionParameters parameters = conversation.parameters();
        CommandWindow window = new CommandWindow(context.settings().commandWindow(), last.commandNumber());
        FullFeaturePhase next = new FullFeaturePhase(
                connection, context, admitted, target, parameters, writer, window, last.connectionId());
        phases.enter(next, parameters.headerDigest(), parameters.dataDigest());
        timeout.cancel();
        session = null;
        context.limits().loggedIn(connection.remoteAddress().getAddress());
    }

    private void refuse(LoginStatus status) {
        LoginReply reply = new LoginReply(status, false, false, 0, 0, NO_TEXT, false);
        send(new FinalRequest(request, reply), 0);
        end(status);
    }

    private void end(LoginStatus status) {
        log.warn(
                "login of {} from {} refused: {}",
                conversation.identity().initiatorName().isEmpty()
                        ? "an unnamed initiator"
                        : conversation.identity().initiatorName(),
                connection.remoteAddress(),
                status);
        connection.closeAfterSending("login refused: " + status);
    }

    private void timedOut() {
        if (session != null && connection.isOpen()) {
            // Commands of the session to be replaced do not end: the initiator may come again (status 0301).
            refuse(LoginStatus.SERVICE_UNAVAILABLE);
            return;
        }
        log.warn("connection from {} dropped: login took too long", connection.remoteAddress());
        connection.close("login took too long");
    }

    private void send(FinalRequest answered, int handle) {
        LoginReply reply = answered.reply();
        writer.begin(response, OperationCode.LOGIN_RESPONSE);
        response.stages(reply.transit(), reply.continued(), reply.currentStage(), reply.nextStage());
        response.sessionId(answered.isid(), handle);
        response.initiatorTaskTag(answered.taskTag());
        response.status(reply.status().value() & 0xffff);
        writer.finish(response, StatusNumbering.ADVANCES, reply.text());
    }
}
