package io.sluice.target.iscsi.login;

import org.jscsi.parser.login.LoginStatus;

/** Ends a step with a status; never leaves {@link LoginMachine}. */
final class LoginRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final LoginStatus status;
    private final String why;

    LoginRefusal(LoginStatus status, String why) {
        super(status.name(), null, false, false);
        this.status = status;
        this.why = why;
    }

    /** For the log. */
    String why() {
        return why;
    }

    LoginStatus status() {
        return status;
    }
}
