package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.LoginRequest;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import org.jscsi.parser.login.LoginStatus;
import org.jspecify.annotations.Nullable;

/**
 * A login PDU by PDU: puts continued requests together, cuts long responses (C bit, RFC 7143 section 6.2), and checks
 * what must stay the same from one PDU to the next; the keys are {@link LoginMachine}'s. Pure: no I/O, no time.
 *
 * <p>States: <em>collecting</em> a request, or <em>answering</em> with {@code rest} left to send.
 *
 * <p>Invariants: a request's text never grows beyond {@link #REQUEST_BYTES_MAX}; a response PDU carries at most
 * {@link #SEGMENT_BYTES_MAX}; T and C are never both set.
 */
public final class LoginConversation {
    /** The longest data segment during login, in both directions (RFC 7143 section 13.12: the default holds). */
    public static final int SEGMENT_BYTES_MAX = 8192;
    /** The longest text of one request over all its PDUs. */
    public static final int REQUEST_BYTES_MAX = 32 << 10;

    private final LoginMachine machine;
    private final ByteArrayOutputStream request = new ByteArrayOutputStream();
    private LoginState state = LoginState.INITIAL;
    private @Nullable LoginStep answering;
    private byte[] rest = {};
    private boolean first = true;
    private long isid;
    private int connectionId;
    private int handle;

    /** A fresh login. */
    public LoginConversation(LoginMachine machine) {
        this.machine = machine;
    }

    /** Answers one PDU. */
    public LoginReply receive(LoginRequest pdu, byte[] text) {
        if (!isSameLogin(pdu)) {
            return LoginReply.refused(LoginStatus.INITIATOR_ERROR);
        }
        if (answering != null) {
            return text.length == 0
                    ? nextPart(answering, pdu.currentStage())
                    : LoginReply.refused(LoginStatus.INITIATOR_ERROR);
        }
        if (request.size() + text.length > REQUEST_BYTES_MAX || (pdu.isContinued() && pdu.isTransit())) {
            return LoginReply.refused(LoginStatus.INITIATOR_ERROR);
        }
        request.writeBytes(text);
        if (pdu.isContinued()) {
            return LoginReply.empty(pdu.currentStage());
        }
        return answer(pdu);
    }

    /** Who logs in to what; known after the first complete request. */
    public LoginIdentity identity() {
        return state.identity();
    }

    /** What was agreed; complete when the login is. */
    public SessionParameters parameters() {
        return SessionParameters.of(state.agreed());
    }

    private boolean isSameLogin(LoginRequest pdu) {
        if (first) {
            first = false;
            isid = pdu.isid();
            connectionId = pdu.connectionId();
            handle = pdu.targetSessionIdentifyingHandle();
        }
        return isid == pdu.isid()
                && connectionId == pdu.connectionId()
                && handle == pdu.targetSessionIdentifyingHandle();
    }

    private LoginReply answer(LoginRequest pdu) {
        Optional<TextKeys> keys = TextKeys.parse(request.toByteArray());
        request.reset();
        if (keys.isEmpty()) {
            return LoginReply.refused(LoginStatus.INITIATOR_ERROR);
        }
        LoginStep step = machine.step(
                state,
                new LoginTurn(
                        pdu.isTransit(),
                        pdu.currentStage(),
                        pdu.nextStage(),
                        pdu.versionMin(),
                        pdu.targetSessionIdentifyingHandle(),
                        keys.get()));
        state = step.next();
        if (step.status() != LoginStatus.SUCCESS) {
            return LoginReply.refused(step.status());
        }
        rest = step.response().encode();
        return nextPart(step, pdu.currentStage());
    }

    private LoginReply nextPart(LoginStep step, int currentStage) {
        if (rest.length > SEGMENT_BYTES_MAX) {
            byte[] part = Arrays.copyOf(rest, SEGMENT_BYTES_MAX);
            rest = Arrays.copyOfRange(rest, SEGMENT_BYTES_MAX, rest.length);
            answering = step;
            return new LoginReply(LoginStatus.SUCCESS, false, true, currentStage, 0, part, false);
        }
        byte[] last = rest;
        rest = new byte[0];
        answering = null;
        int nextStage = step.transit() ? step.next().stage().value() : 0;
        return new LoginReply(
                LoginStatus.SUCCESS, step.transit(), false, currentStage, nextStage, last, step.completes());
    }
}
