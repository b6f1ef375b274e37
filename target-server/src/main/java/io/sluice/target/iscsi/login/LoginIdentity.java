package io.sluice.target.iscsi.login;

/**
 * Who logs in to what.
 *
 * @param initiatorName normalised
 * @param targetName normalised; empty for a discovery session
 * @param discovery SessionType=Discovery
 */
public record LoginIdentity(String initiatorName, String targetName, boolean discovery) {
    /** Nobody yet. */
    static final LoginIdentity UNKNOWN = new LoginIdentity("", "", false);
}
