package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;

/**
 * What an {@link Authenticator} says to one request.
 *
 * @param outcome whether it goes on
 * @param response keys to send
 */
public record AuthenticationStep(Outcome outcome, TextKeys response) {
    /** How far the exchange is. */
    public enum Outcome {
        /** More keys have to come. */
        UNFINISHED,
        /** The initiator is who it says. */
        ACCEPTED,
        /** It is not: login status 0201. */
        REFUSED
    }
}
