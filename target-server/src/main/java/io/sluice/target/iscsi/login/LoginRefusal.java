package io.sluice.target.iscsi.login;

import org.jscsi.parser.login.LoginStatus;

/** Ends a step with a status; never leaves {@link LoginMachine}. */
final class LoginRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final LoginStatus status;

    LoginRefusal(LoginStatus status) {
        super(status.name(), null, false, false);
        this.status = status;
    }

    LoginStatus status() {
        return status;
    }
}
