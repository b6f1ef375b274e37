package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jscsi.parser.datasegment.OperationalTextKey;
import org.jscsi.parser.login.LoginStage;
import org.jscsi.parser.login.LoginStatus;

/**
 * The login phase (RFC 7143 sections 6.3 and 12) as a function: state and request give response and next state. No
 * I/O, no time; only {@link LoginDirectory} is asked.
 *
 * <pre>
 *   security negotiation (0) ──T──▶ operational negotiation (1) ──T──▶ full feature phase (3)
 *            └───────────────────────────────T───────────────────────────────▲
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The security stage is left only when an {@link Authenticator} accepted; a login that begins behind it is let in
 *       only where none is required.
 *   <li>A key is negotiated at most once per login.
 *   <li>The stage changes only when the initiator asked for it.
 * </ol>
 */
public final class LoginMachine {
    private static final int NAME_BYTES_MAX = 223;
    private static final String CHAP_PREFIX = "CHAP_";
    private static final String NORMAL = "Normal";
    private static final String DISCOVERY = "Discovery";
    private static final Set<String> IDENTITY_KEYS = Set.of(
            OperationalTextKey.INITIATOR_NAME.value(),
            OperationalTextKey.TARGET_NAME.value(),
            OperationalTextKey.SESSION_TYPE.value());

    private final LoginDirectory directory;
    private final NegotiationSettings settings;
    private final int portalGroupTag;

    /** For logins that come in by the portal group {@code portalGroupTag}. */
    public LoginMachine(LoginDirectory directory, NegotiationSettings settings, int portalGroupTag) {
        this.directory = directory;
        this.settings = settings;
        this.portalGroupTag = portalGroupTag;
    }

    /** Answers one request. */
    public LoginStep step(LoginState state, LoginTurn turn) {
        LoginState known = state;
        try {
            List<TextKeys.Pair> response = new ArrayList<>();
            if (!state.begun()) {
                known = state.named(identify(turn.keys()));
                known = begin(known, turn);
                introduce(known, response);
            }
            return checkedStep(known, turn, response);
        } catch (LoginRefusal refusal) {
            return LoginStep.refused(refusal, known);
        }
    }

    private LoginStep checkedStep(LoginState before, LoginTurn turn, List<TextKeys.Pair> response) throws LoginRefusal {
        check(
                turn.currentStage() == before.stage().value(),
                LoginStatus.INVALID_DURING_LOGIN,
                "the request does not belong to the present stage");
        checkIdentity(before.identity(), turn.keys());
        Set<String> seen = noteKeys(before, turn.keys());
        LoginState state = before;
        if (state.stage() == LoginStage.SECURITY_NEGOTIATION) {
            state = authenticate(state, turn, response);
        }
        boolean judged = state.authenticated() && !before.authenticated() && state.isProving();
        state = negotiate(state, turn.keys(), seen, response);
        boolean transit = turn.transit() && state.authenticated();
        if (turn.transit()) {
            LoginStage next = nextStage(turn);
            state = transit ? state.at(next) : state;
        }
        checkPolicy(state);
        return new LoginStep(LoginStatus.SUCCESS, new TextKeys(response), transit, state, judged, "");
    }

    private LoginState begin(LoginState before, LoginTurn turn) throws LoginRefusal {
        check(
                turn.versionMin() == 0,
                LoginStatus.UNSUPPORTED_VERSION,
                "the initiator asks for a version above 0 of the protocol");
        LoginStage stage = LoginStage.valueOf((byte) turn.currentStage());
        check(
                stage != null && stage != LoginStage.FULL_FEATURE_PHASE,
                LoginStatus.INVALID_DURING_LOGIN,
                "a login cannot begin in this stage");
        LoginIdentity identity = before.identity();
        int handle = turn.targetSessionIdentifyingHandle();
        if (handle != 0) {
            // One connection per session: a second one can only be refused (section 6.3.1, status 0206 or 020a).
            boolean exists = directory.sessionExists(handle);
            throw new LoginRefusal(
                    exists ? LoginStatus.TOO_MANY_CONNECTIONS : LoginStatus.SESSION_DOSE_NOT_EXIST,
                    exists ? "a session has one connection only" : "there is no session " + handle + " to join");
        }
        Admission admission = directory.admission(identity.initiatorName(), identity.targetName());
        checkAccess(admission.access(), identity);
        LoginState state = before.begin(stage, admission);
        check(
                stage == LoginStage.SECURITY_NEGOTIATION || state.allowsNoAuthentication(),
                LoginStatus.AUTHENTICATION_FAILURE,
                "the initiator left authentication out, which is required");
        return state;
    }

    /** What the first response of a normal session carries (sections 13.9 and 13.7). */
    private void introduce(LoginState state, List<TextKeys.Pair> response) {
        if (!state.identity().discovery()) {
            response.add(pair(OperationalTextKey.TARGET_PORTAL_GROUP_TAG, Integer.toString(portalGroupTag)));
            state.admission().alias().ifPresent(alias -> response.add(pair(OperationalTextKey.TARGET_ALIAS, alias)));
        }
    }

    private static LoginIdentity identify(TextKeys keys) throws LoginRefusal {
        String initiatorName = required(keys, OperationalTextKey.INITIATOR_NAME);
        String type = keys.find(OperationalTextKey.SESSION_TYPE.value()).orElse(NORMAL);
        check(
                type.equals(NORMAL) || type.equals(DISCOVERY),
                LoginStatus.SESSION_TYPE_NOT_SUPPORTED,
                "SessionType is neither Normal nor Discovery");
        if (type.equals(DISCOVERY)) {
            return new LoginIdentity(normalised(initiatorName), "", true);
        }
        return new LoginIdentity(
                normalised(initiatorName), normalised(required(keys, OperationalTextKey.TARGET_NAME)), false);
    }

    private static String required(TextKeys keys, OperationalTextKey key) throws LoginRefusal {
        return keys.find(key.value())
                .orElseThrow(() ->
                        new LoginRefusal(LoginStatus.MISSING_PARAMETER, "the first request has no " + key.value()));
    }

    /** iSCSI names are compared in lower case (RFC 7143 section 4.2.7.2, RFC 3722). */
    private static String normalised(String name) throws LoginRefusal {
        boolean sound = !name.isEmpty()
                && name.getBytes(StandardCharsets.UTF_8).length <= NAME_BYTES_MAX
                && name.codePoints().noneMatch(LoginMachine::isBlankOrControl);
        check(sound, LoginStatus.INITIATOR_ERROR, "a name is empty, too long, or has characters that names have not");
        return Normalizer.normalize(name.toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
    }

    private static boolean isBlankOrControl(int letter) {
        return Character.isWhitespace(letter) || Character.isSpaceChar(letter) || Character.isISOControl(letter);
    }

    private static void checkAccess(Admission.Access access, LoginIdentity identity) throws LoginRefusal {
        String where = identity.discovery() ? "discovery" : "target " + identity.targetName();
        switch (access) {
            case ALLOWED -> {}
            case FORBIDDEN ->
                throw new LoginRefusal(
                        LoginStatus.AUTHORIZATION_FAILURE,
                        "the access list of " + where + " does not have this name at this address");
            case NOT_FOUND -> throw new LoginRefusal(LoginStatus.NOT_FOUND, "there is no " + where);
            case UNAVAILABLE -> throw new LoginRefusal(LoginStatus.SERVICE_UNAVAILABLE, where + " cannot serve now");
        }
    }

    /** Who logs in to what may be said again, but not changed. */
    private static void checkIdentity(LoginIdentity identity, TextKeys keys) throws LoginRefusal {
        for (TextKeys.Pair pair : keys.pairs()) {
            boolean same = true;
            if (pair.key().equals(OperationalTextKey.INITIATOR_NAME.value())) {
                same = normalised(pair.value()).equals(identity.initiatorName());
            } else if (pair.key().equals(OperationalTextKey.TARGET_NAME.value()) && !identity.discovery()) {
                same = normalised(pair.value()).equals(identity.targetName());
            } else if (pair.key().equals(OperationalTextKey.SESSION_TYPE.value())) {
                same = pair.value().equals(identity.discovery() ? DISCOVERY : NORMAL);
            }
            check(same, LoginStatus.INITIATOR_ERROR, pair.key() + " changed during the login");
        }
    }

    private static Set<String> noteKeys(LoginState state, TextKeys keys) throws LoginRefusal {
        Set<String> seen = new HashSet<>(state.seenKeys());
        for (TextKeys.Pair pair : keys.pairs()) {
            check(
                    seen.add(pair.key()) || IDENTITY_KEYS.contains(pair.key()),
                    LoginStatus.INITIATOR_ERROR,
                    "a key was negotiated or declared twice");
        }
        return seen;
    }

    private static LoginState authenticate(LoginState state, LoginTurn turn, List<TextKeys.Pair> response)
            throws LoginRefusal {
        if (state.authenticated()) {
            return state;
        }
        Authenticator chosen = state.authenticator();
        if (chosen == null) {
            String offered =
                    turn.keys().find(OperationalTextKey.AUTH_METHOD.value()).orElse(null);
            if (offered == null && !turn.transit()) {
                return state;
            }
            chosen = choose(state, offered == null ? Authenticator.NONE : offered);
            if (offered != null) {
                response.add(pair(OperationalTextKey.AUTH_METHOD, chosen.method()));
            }
        }
        AuthenticationStep step = chosen.step(turn.keys());
        check(step.outcome() != AuthenticationStep.Outcome.REFUSED, LoginStatus.AUTHENTICATION_FAILURE, step.why());
        response.addAll(step.response().pairs());
        return state.authenticating(chosen, step.outcome() == AuthenticationStep.Outcome.ACCEPTED);
    }

    private static Authenticator choose(LoginState state, String offered) throws LoginRefusal {
        List<String> methods = Arrays.asList(offered.split(",", -1));
        return state.admission().authenticators().stream()
                .filter(one -> methods.contains(one.method()))
                .findFirst()
                .orElseThrow(() -> new LoginRefusal(
                        LoginStatus.AUTHENTICATION_FAILURE,
                        "the initiator offers no AuthMethod that is accepted here"));
    }

    private LoginState negotiate(LoginState state, TextKeys keys, Set<String> seen, List<TextKeys.Pair> response) {
        List<TextKeys.Pair> operational = new ArrayList<>();
        for (TextKeys.Pair pair : keys.pairs()) {
            if (isSecurityKey(pair)) {
                rejectUnlessUsed(state, pair, response);
            } else if (!IDENTITY_KEYS.contains(pair.key())) {
                operational.add(pair);
            }
        }
        KeyNegotiator negotiator = new KeyNegotiator(settingsFor(state));
        KeyNegotiator.Round round = negotiator.negotiate(new TextKeys(operational), state.agreed());
        response.addAll(round.reply().pairs());
        boolean declareNow = !state.declared() && state.stage() == LoginStage.LOGIN_OPERATIONAL_NEGOTIATION;
        if (declareNow) {
            response.add(pair(
                    OperationalTextKey.MAX_RECV_DATA_SEGMENT_LENGTH,
                    Integer.toString(settings.maxRecvDataSegmentBytes())));
        }
        return state.negotiated(round.agreed(), seen, state.declared() || declareNow);
    }

    private NegotiationSettings settingsFor(LoginState state) {
        return state.admission().digests().map(settings::with).orElse(settings);
    }

    private static boolean isSecurityKey(TextKeys.Pair pair) {
        return pair.key().equals(OperationalTextKey.AUTH_METHOD.value())
                || pair.key().startsWith(CHAP_PREFIX);
    }

    /** No key stays without an answer (section 6.2): those of security have one only in their stage and method. */
    private static void rejectUnlessUsed(LoginState state, TextKeys.Pair pair, List<TextKeys.Pair> response) {
        boolean method = pair.key().equals(OperationalTextKey.AUTH_METHOD.value());
        if (state.stage() != LoginStage.SECURITY_NEGOTIATION || !(method || state.isProving())) {
            response.add(new TextKeys.Pair(pair.key(), KeyRules.REJECT));
        }
    }

    private static LoginStage nextStage(LoginTurn turn) throws LoginRefusal {
        LoginStage next = LoginStage.valueOf((byte) turn.nextStage());
        check(
                next != null && turn.nextStage() > turn.currentStage(),
                LoginStatus.INITIATOR_ERROR,
                "the next stage is not behind the present one");
        return next;
    }

    private void checkPolicy(LoginState state) throws LoginRefusal {
        if (state.stage() != LoginStage.FULL_FEATURE_PHASE || state.identity().discovery()) {
            return;
        }
        SessionParameters parameters = SessionParameters.of(state.agreed());
        NegotiationSettings ours = settingsFor(state);
        check(
                parameters.headerDigest() || ours.headerDigest() != DigestPolicy.REQUIRED,
                LoginStatus.INITIATOR_ERROR,
                "the target requires HeaderDigest=CRC32C, the initiator does not offer it");
        check(
                parameters.dataDigest() || ours.dataDigest() != DigestPolicy.REQUIRED,
                LoginStatus.INITIATOR_ERROR,
                "the target requires DataDigest=CRC32C, the initiator does not offer it");
    }

    private static TextKeys.Pair pair(OperationalTextKey key, String value) {
        return new TextKeys.Pair(key.value(), value);
    }

    private static void check(boolean holds, LoginStatus otherwise, String why) throws LoginRefusal {
        if (!holds) {
            throw new LoginRefusal(otherwise, why);
        }
    }
}
