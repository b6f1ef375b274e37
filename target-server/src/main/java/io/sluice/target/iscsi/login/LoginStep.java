package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;
import org.jscsi.parser.login.LoginStage;
import org.jscsi.parser.login.LoginStatus;

/**
 * What one request led to.
 *
 * @param status anything but SUCCESS ends the login
 * @param response keys to send
 * @param transit whether the stage changes with this response
 * @param next the state behind it
 * @param proofJudged the initiator learns from this response whether its proof was right
 * @param why for the log, when it was refused
 */
public record LoginStep(
        LoginStatus status, TextKeys response, boolean transit, LoginState next, boolean proofJudged, String why) {
    static LoginStep refused(LoginRefusal refusal, LoginState state) {
        boolean judged = refusal.status() == LoginStatus.AUTHENTICATION_FAILURE;
        return new LoginStep(refusal.status(), TextKeys.EMPTY, false, state, judged, refusal.why());
    }

    /** True when the full feature phase begins behind this response. */
    public boolean completes() {
        return status == LoginStatus.SUCCESS && transit && next.stage() == LoginStage.FULL_FEATURE_PHASE;
    }
}
