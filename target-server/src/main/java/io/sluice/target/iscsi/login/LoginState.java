package io.sluice.target.iscsi.login;

import java.util.Map;
import java.util.Set;
import org.jscsi.parser.login.LoginStage;
import org.jspecify.annotations.Nullable;

/**
 * Where a login is. Immutable; {@link LoginMachine#step} makes the next one.
 *
 * @param begun false before the first request was understood
 * @param stage the present stage
 * @param identity who logs in to what
 * @param admission what it meets there
 * @param authenticator what was chosen
 * @param authenticated the security stage may be left
 * @param declared our own keys were sent
 * @param agreed operational keys agreed so far
 * @param seenKeys every key negotiated or declared so far
 */
public record LoginState(
        boolean begun,
        LoginStage stage,
        LoginIdentity identity,
        Admission admission,
        @Nullable Authenticator authenticator,
        boolean authenticated,
        boolean declared,
        Map<String, String> agreed,
        Set<String> seenKeys) {
    /** Before the first request. */
    public static final LoginState INITIAL = new LoginState(
            false,
            LoginStage.SECURITY_NEGOTIATION,
            LoginIdentity.UNKNOWN,
            Admission.refused(Admission.Access.UNAVAILABLE),
            null,
            false,
            false,
            Map.of(),
            Set.of());

    LoginState named(LoginIdentity who) {
        return new LoginState(false, stage, who, admission, null, false, declared, agreed, seenKeys);
    }

    LoginState begin(LoginStage firstStage, Admission met) {
        boolean open = firstStage != LoginStage.SECURITY_NEGOTIATION;
        return new LoginState(true, firstStage, identity, met, null, open, declared, agreed, seenKeys);
    }

    LoginState authenticating(Authenticator chosen, boolean done) {
        return new LoginState(true, stage, identity, admission, chosen, done, declared, agreed, seenKeys);
    }

    LoginState negotiated(Map<String, String> nowAgreed, Set<String> nowSeen, boolean nowDeclared) {
        return new LoginState(
                true,
                stage,
                identity,
                admission,
                authenticator,
                authenticated,
                nowDeclared,
                Map.copyOf(nowAgreed),
                Set.copyOf(nowSeen));
    }

    LoginState at(LoginStage nextStage) {
        return new LoginState(
                true, nextStage, identity, admission, authenticator, authenticated, declared, agreed, seenKeys);
    }

    /** Whether the initiator has to prove something, and has begun with it. */
    boolean isProving() {
        return authenticator != null && !authenticator.method().equals(Authenticator.NONE);
    }

    boolean allowsNoAuthentication() {
        return admission.authenticators().stream().anyMatch(one -> one.method().equals(Authenticator.NONE));
    }
}
