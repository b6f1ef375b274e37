package io.sluice.target.iscsi.login;

import org.jscsi.parser.login.LoginStatus;

/**
 * One Login Response as it goes on the wire, without the numbers the connection adds.
 *
 * @param status anything but SUCCESS: the connection ends behind it
 * @param transit T
 * @param continued C
 * @param currentStage CSG
 * @param nextStage NSG
 * @param text data segment
 * @param completes the session begins with this response
 * @param proofJudged the initiator learns from this response whether its proof was right
 * @param why for the log, when it was refused
 */
public record LoginReply(
        LoginStatus status,
        boolean transit,
        boolean continued,
        int currentStage,
        int nextStage,
        byte[] text,
        boolean completes,
        boolean proofJudged,
        String why) {
    private static final byte[] NO_TEXT = {};

    /** Ends the login. */
    public static LoginReply refused(LoginStatus status, String why) {
        return refused(status, false, why);
    }

    static LoginReply refused(LoginStatus status, boolean proofJudged, String why) {
        return new LoginReply(status, false, false, 0, 0, NO_TEXT, false, proofJudged, why);
    }

    static LoginReply empty(int currentStage) {
        return new LoginReply(LoginStatus.SUCCESS, false, false, currentStage, 0, NO_TEXT, false, false, "");
    }
}
