package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;

/**
 * What an {@link Authenticator} says to one request.
 *
 * @param outcome whether it goes on
 * @param response keys to send
 * @param why for the log, when it was refused; without secrets
 */
public record AuthenticationStep(Outcome outcome, TextKeys response, String why) {
    /** How far the exchange is. */
    public enum Outcome {
        /** More keys have to come. */
        UNFINISHED,
        /** The initiator is who it says. */
        ACCEPTED,
        /** It is not: login status 0201. */
        REFUSED
    }

    /** More has to come. */
    public static AuthenticationStep unfinished(TextKeys response) {
        return new AuthenticationStep(Outcome.UNFINISHED, response, "");
    }

    /** The initiator has proved itself. */
    public static AuthenticationStep accepted(TextKeys response) {
        return new AuthenticationStep(Outcome.ACCEPTED, response, "");
    }

    /** It has not. */
    public static AuthenticationStep refused(String why) {
        return new AuthenticationStep(Outcome.REFUSED, TextKeys.EMPTY, why);
    }
}
