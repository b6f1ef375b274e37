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
 * <p>Invariants: a request's text never grows beyond its bound; a response PDU carries at most
 * {@link #SEGMENT_BYTES_MAX}; T and C are never both set.
 */
public final class LoginConversation {
    /** The longest data segment during login, in both directions (RFC 7143 section 13.12: the default holds). */
    public static final int SEGMENT_BYTES_MAX = 8192;

    private final LoginMachine machine;
    private final int requestBytesMax;
    private final ByteArrayOutputStream request = new ByteArrayOutputStream();
    private LoginState state = LoginState.INITIAL;
    private @Nullable LoginStep answering;
    private byte[] rest = {};
    private boolean first = true;
    private long isid;
    private int connectionId;
    private int handle;
    private int continuedStage;

    /** A fresh login; the text of one request may have {@code requestBytesMax} over all its PDUs. */
    public LoginConversation(LoginMachine machine, int requestBytesMax) {
        this.machine = machine;
        this.requestBytesMax = requestBytesMax;
    }

    /** Answers one PDU. */
    public LoginReply receive(LoginRequest pdu, byte[] text) {
        if (!isSameLogin(pdu)) {
            return mistake("ISID, CID or TSIH changed during the login");
        }
        if (answering != null) {
            return text.length == 0
                    ? nextPart(answering, pdu.currentStage())
                    : mistake("the initiator went on while an answer was not yet sent as a whole");
        }
        if (pdu.isContinued() && pdu.isTransit()) {
            return mistake("a request had both T and C");
        }
        if (request.size() + text.length > requestBytesMax) {
            return mistake("the text of a request was longer than " + requestBytesMax + " bytes");
        }
        if (request.size() > 0 && pdu.currentStage() != continuedStage) {
            return mistake("the stage changed within a request");
        }
        continuedStage = pdu.currentStage();
        request.writeBytes(text);
        if (pdu.isContinued()) {
            return LoginReply.empty(pdu.currentStage());
        }
        return answer(pdu);
    }

    private static LoginReply mistake(String what) {
        return LoginReply.refused(LoginStatus.INITIATOR_ERROR, what);
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
            return mistake("the text of a request is not key=value pairs");
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
            return LoginReply.refused(step.status(), step.proofJudged(), step.why());
        }
        rest = step.response().encode();
        return nextPart(step, pdu.currentStage());
    }

    private LoginReply nextPart(LoginStep step, int currentStage) {
        if (rest.length > SEGMENT_BYTES_MAX) {
            byte[] part = Arrays.copyOf(rest, SEGMENT_BYTES_MAX);
            rest = Arrays.copyOfRange(rest, SEGMENT_BYTES_MAX, rest.length);
            answering = step;
            return new LoginReply(LoginStatus.SUCCESS, false, true, currentStage, 0, part, false, false, "");
        }
        byte[] last = rest;
        rest = new byte[0];
        answering = null;
        int nextStage = step.transit() ? step.next().stage().value() : 0;
        return new LoginReply(
                LoginStatus.SUCCESS,
                step.transit(),
                false,
                currentStage,
                nextStage,
                last,
                step.completes(),
                step.proofJudged(),
                "");
    }
}
