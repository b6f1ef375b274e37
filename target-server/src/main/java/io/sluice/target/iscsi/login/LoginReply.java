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
 */
public record LoginReply(
        LoginStatus status,
        boolean transit,
        boolean continued,
        int currentStage,
        int nextStage,
        byte[] text,
        boolean completes) {
    private static final byte[] NO_TEXT = {};

    static LoginReply refused(LoginStatus status) {
        return new LoginReply(status, false, false, 0, 0, NO_TEXT, false);
    }

    static LoginReply empty(int currentStage) {
        return new LoginReply(LoginStatus.SUCCESS, false, false, currentStage, 0, NO_TEXT, false);
    }
}
