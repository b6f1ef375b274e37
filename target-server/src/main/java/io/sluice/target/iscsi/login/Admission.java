package io.sluice.target.iscsi.login;

import java.util.List;
import java.util.Optional;

/**
 * What one initiator meets at one target, or at discovery. Looked up once in a login, so that a change of the policy in
 * between is seen as a whole or not at all.
 *
 * @param access whether it may come in
 * @param authenticators fresh ones for this login, the one we like best first; one with {@link Authenticator#NONE} lets
 *     it in without
 * @param alias TargetAlias
 * @param digests what is asked of it; empty: what holds for the server
 */
public record Admission(
        Access access, List<Authenticator> authenticators, Optional<String> alias, Optional<Digests> digests) {
    /** Whether an initiator may use a target. */
    public enum Access {
        ALLOWED,
        /** Status 0202. */
        FORBIDDEN,
        /** Status 0203. */
        NOT_FOUND,
        /** Status 0301: it exists, but cannot serve now. */
        UNAVAILABLE
    }

    /** The policies of HeaderDigest and DataDigest. */
    public record Digests(DigestPolicy header, DigestPolicy data) {}

    /** Takes a copy. */
    public Admission {
        authenticators = List.copyOf(authenticators);
    }

    /** Everybody, with nothing to prove. */
    public static Admission open() {
        return allowed(new NoAuthentication());
    }

    /** Who convinces this authenticator. */
    public static Admission allowed(Authenticator authenticator) {
        return new Admission(Access.ALLOWED, List.of(authenticator), Optional.empty(), Optional.empty());
    }

    /** Nobody. */
    public static Admission refused(Access why) {
        return new Admission(why, List.of(), Optional.empty(), Optional.empty());
    }
}
