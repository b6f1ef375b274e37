package io.sluice.target.iscsi.login;

import java.util.List;

/** What a login has to know about the server. Answers at once. */
public interface LoginDirectory {
    /** Whether an initiator may use a target. */
    enum Access {
        ALLOWED,
        /** Status 0202. */
        FORBIDDEN,
        /** Status 0203. */
        NOT_FOUND,
        /** Status 0301: it exists, but cannot serve now. */
        UNAVAILABLE
    }

    /** Names are normalised. */
    Access access(String initiatorName, String targetName);

    /**
     * Fresh authenticators for one login, the one we like best first; one with {@link Authenticator#NONE} lets the
     * initiator in without. {@code targetName} is empty for discovery.
     */
    List<Authenticator> authenticators(String initiatorName, String targetName);

    /** Whether there is a session with this TSIH. */
    boolean sessionExists(int targetSessionIdentifyingHandle);
}
