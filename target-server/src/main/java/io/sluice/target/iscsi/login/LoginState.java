package io.sluice.target.iscsi.login;

import java.util.List;
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
 * @param authenticators what may be chosen
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
        List<Authenticator> authenticators,
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
            List.of(),
            null,
            false,
            false,
            Map.of(),
            Set.of());

    LoginState begin(LoginIdentity who, LoginStage firstStage, List<Authenticator> choice) {
        boolean open = firstStage != LoginStage.SECURITY_NEGOTIATION;
        return new LoginState(true, firstStage, who, choice, null, open, declared, agreed, seenKeys);
    }

    LoginState authenticating(Authenticator chosen, boolean done) {
        return new LoginState(true, stage, identity, authenticators, chosen, done, declared, agreed, seenKeys);
    }

    LoginState negotiated(Map<String, String> nowAgreed, Set<String> nowSeen, boolean nowDeclared) {
        return new LoginState(
                true,
                stage,
                identity,
                authenticators,
                authenticator,
                authenticated,
                nowDeclared,
                Map.copyOf(nowAgreed),
                Set.copyOf(nowSeen));
    }

    LoginState at(LoginStage nextStage) {
        return new LoginState(
                true, nextStage, identity, authenticators, authenticator, authenticated, declared, agreed, seenKeys);
    }

    boolean allowsNoAuthentication() {
        return authenticators.stream().anyMatch(one -> one.method().equals(Authenticator.NONE));
    }
}
