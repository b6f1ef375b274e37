package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;

/** AuthMethod=None: everybody is who they say. */
public final class NoAuthentication implements Authenticator {
    @Override
    public String method() {
        return NONE;
    }

    @Override
    public AuthenticationStep step(TextKeys request) {
        return AuthenticationStep.accepted(TextKeys.EMPTY);
    }
}
