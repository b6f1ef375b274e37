package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;

/** One authentication exchange of one login (RFC 7143 section 12): made anew for every login, used by it alone. */
public interface Authenticator {
    /** The AuthMethod value that means no authentication. */
    String NONE = "None";

    /** Its value in AuthMethod. */
    String method();

    /** The keys of one request of the security stage, in the first one those that came along with AuthMethod. */
    AuthenticationStep step(TextKeys request);
}
