package io.sluice.target.iscsi.login;

import io.sluice.target.iscsi.pdu.TextKeys;
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
 *   <li>A key is negotiated at most once per login, and what is remembered of the keys is bounded.
 *   <li>The stage changes only when the initiator asked for it.
 * </ol>
 */
public final class LoginMachine {
    private static final int NAME_BYTES_MAX = 223;
    /** Key names have at most 63 characters (RFC 7143 section 6.1). */
    private static final int KEY_LENGTH_MAX = 63;
    /** Different keys in one login; the known ones are some thirty. A bound on what someone unknown can make us keep. */
    private static final int KEYS_MAX = 1024;

    private static final String CHAP_PREFIX = "CHAP_";
    private static final String NORMAL = "Normal";
    private static final String DISCOVERY = "Discovery";
    private static final Set<String> IDENTITY_KEYS = Set.of(
            OperationalTextKey.INITIATOR_NAME.value(),
            OperationalTextKey.TARGET_NAME.value(),
            OperationalTextKey.SESSION_TYPE.value());

    private final LoginDirectory directory;
    private final NegotiationSettings settings;
    private final KeyNegotiator negotiator;
    private final int portalGroupTag;

    /** For logins that come in by the portal group {@code portalGroupTag}. */
    public LoginMachine(LoginDirectory directory, NegotiationSettings settings, int portalGroupTag) {
        this.directory = directory;
        this.settings = settings;
        this.negotiator = new KeyNegotiator(settings);
        this.portalGroupTag = portalGroupTag;
    }

    /** Answers one request. */
    public LoginStep step(LoginState state, LoginTurn turn) {
        try {
            return checkedStep(state, turn);
        } catch (LoginRefusal refusal) {
            return LoginStep.refused(refusal.status(), state);
        }
    }

    private LoginStep checkedStep(LoginState before, LoginTurn turn) throws LoginRefusal {
        check(turn.versionMin() == 0, LoginStatus.UNSUPPORTED_VERSION);
        List<TextKeys.Pair> response = new ArrayList<>();
        LoginState state = before;
        if (!before.begun()) {
            state = begin(before, turn);
            if (!state.identity().discovery()) {
                response.add(pair(OperationalTextKey.TARGET_PORTAL_GROUP_TAG, Integer.toString(portalGroupTag)));
            }
        }
        check(turn.currentStage() == state.stage().value(), LoginStatus.INVALID_DURING_LOGIN);
        Set<String> seen = noteKeys(state, turn.keys());
        if (state.stage() == LoginStage.SECURITY_NEGOTIATION) {
            state = authenticate(state, turn, response);
        }
        state = negotiate(state, turn.keys(), seen, response);
        boolean transit = turn.transit() && state.authenticated();
        if (turn.transit()) {
            LoginStage next = nextStage(turn);
            state = transit ? state.at(next) : state;
        }
        checkPolicy(state);
        return new LoginStep(LoginStatus.SUCCESS, new TextKeys(response), transit, state);
    }

    private LoginState begin(LoginState before, LoginTurn turn) throws LoginRefusal {
        LoginStage stage = LoginStage.valueOf((byte) turn.currentStage());
        check(stage != null && stage != LoginStage.FULL_FEATURE_PHASE, LoginStatus.INVALID_DURING_LOGIN);
        LoginIdentity identity = identify(turn.keys());
        int handle = turn.targetSessionIdentifyingHandle();
        if (handle != 0) {
            // One connection per session: a second one can only be refused (section 6.3.1, status 0206 or 020a).
            throw new LoginRefusal(
                    directory.sessionExists(handle)
                            ? LoginStatus.TOO_MANY_CONNECTIONS
                            : LoginStatus.SESSION_DOSE_NOT_EXIST);
        }
        if (!identity.discovery()) {
            checkAccess(directory.access(identity.initiatorName(), identity.targetName()));
        }
        LoginState state = before.begin(
                identity, stage, directory.authenticators(identity.initiatorName(), identity.targetName()));
        check(
                stage == LoginStage.SECURITY_NEGOTIATION || state.allowsNoAuthentication(),
                LoginStatus.AUTHENTICATION_FAILURE);
        return state;
    }

    private static LoginIdentity identify(TextKeys keys) throws LoginRefusal {
        String initiatorName = keys.find(OperationalTextKey.INITIATOR_NAME.value())
                .orElseThrow(() -> new LoginRefusal(LoginStatus.MISSING_PARAMETER));
        String type = keys.find(OperationalTextKey.SESSION_TYPE.value()).orElse(NORMAL);
        check(type.equals(NORMAL) || type.equals(DISCOVERY), LoginStatus.SESSION_TYPE_NOT_SUPPORTED);
        if (type.equals(DISCOVERY)) {
            return new LoginIdentity(normalised(initiatorName), "", true);
        }
        String targetName = keys.find(OperationalTextKey.TARGET_NAME.value())
                .orElseThrow(() -> new LoginRefusal(LoginStatus.MISSING_PARAMETER));
        return new LoginIdentity(normalised(initiatorName), normalised(targetName), false);
    }

    /** iSCSI names are compared in lower case (RFC 7143 section 4.2.7.2, RFC 3722). */
    private static String normalised(String name) throws LoginRefusal {
        boolean sound = !name.isEmpty()
                && name.length() <= NAME_BYTES_MAX
                && name.chars().allMatch(letter -> letter > ' ' && letter != 0x7f);
        check(sound, LoginStatus.INITIATOR_ERROR);
        return name.toLowerCase(Locale.ROOT);
    }

    private static void checkAccess(LoginDirectory.Access access) throws LoginRefusal {
        switch (access) {
            case ALLOWED -> {}
            case FORBIDDEN -> throw new LoginRefusal(LoginStatus.AUTHORIZATION_FAILURE);
            case NOT_FOUND -> throw new LoginRefusal(LoginStatus.NOT_FOUND);
            case UNAVAILABLE -> throw new LoginRefusal(LoginStatus.SERVICE_UNAVAILABLE);
        }
    }

    private static Set<String> noteKeys(LoginState state, TextKeys keys) throws LoginRefusal {
        Set<String> seen = new HashSet<>(state.seenKeys());
        for (TextKeys.Pair pair : keys.pairs()) {
            check(pair.key().length() <= KEY_LENGTH_MAX, LoginStatus.INITIATOR_ERROR);
            check(seen.add(pair.key()) || IDENTITY_KEYS.contains(pair.key()), LoginStatus.INITIATOR_ERROR);
        }
        check(seen.size() <= KEYS_MAX, LoginStatus.INITIATOR_ERROR);
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
        check(step.outcome() != AuthenticationStep.Outcome.REFUSED, LoginStatus.AUTHENTICATION_FAILURE);
        response.addAll(step.response().pairs());
        return state.authenticating(chosen, step.outcome() == AuthenticationStep.Outcome.ACCEPTED);
    }

    private static Authenticator choose(LoginState state, String offered) throws LoginRefusal {
        List<String> methods = Arrays.asList(offered.split(",", -1));
        return state.authenticators().stream()
                .filter(one -> methods.contains(one.method()))
                .findFirst()
                .orElseThrow(() -> new LoginRefusal(LoginStatus.AUTHENTICATION_FAILURE));
    }

    private LoginState negotiate(LoginState state, TextKeys keys, Set<String> seen, List<TextKeys.Pair> response) {
        List<TextKeys.Pair> operational =
                keys.pairs().stream().filter(LoginMachine::isOperational).toList();
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

    private static boolean isOperational(TextKeys.Pair pair) {
        return !IDENTITY_KEYS.contains(pair.key())
                && !pair.key().equals(OperationalTextKey.AUTH_METHOD.value())
                && !pair.key().startsWith(CHAP_PREFIX);
    }

    private static LoginStage nextStage(LoginTurn turn) throws LoginRefusal {
        LoginStage next = LoginStage.valueOf((byte) turn.nextStage());
        check(next != null && turn.nextStage() > turn.currentStage(), LoginStatus.INITIATOR_ERROR);
        return next;
    }

    private void checkPolicy(LoginState state) throws LoginRefusal {
        if (state.stage() != LoginStage.FULL_FEATURE_PHASE || state.identity().discovery()) {
            return;
        }
        SessionParameters parameters = SessionParameters.of(state.agreed());
        check(
                parameters.headerDigest() || settings.headerDigest() != DigestPolicy.REQUIRED,
                LoginStatus.INITIATOR_ERROR);
        check(parameters.dataDigest() || settings.dataDigest() != DigestPolicy.REQUIRED, LoginStatus.INITIATOR_ERROR);
    }

    private static TextKeys.Pair pair(OperationalTextKey key, String value) {
        return new TextKeys.Pair(key.value(), value);
    }

    private static void check(boolean holds, LoginStatus otherwise) throws LoginRefusal {
        if (!holds) {
            throw new LoginRefusal(otherwise);
        }
    }
}
