package io.sluice.target.iscsi.login;

import io.sluice.storage.runtime.Entropy;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * CHAP, one-way and mutual (RFC 7143 section 12.1.3).
 *
 * <pre>
 *   begun ──AuthMethod──▶ begun ──CHAP_A──▶ challenged ──CHAP_N, CHAP_R right──▶ over (accepted)
 *     └────────────────────┴─── anything else ──┴──────────────────────────────▶ over (refused)
 * </pre>
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A challenge is fresh and is answered at most once.
 *   <li>A wrong user and a wrong response take the same way: both are computed and compared in full.
 *   <li>Our own response is given only to an initiator that has proved itself, and never to our own challenge: nobody
 *       can make us answer what we ask (reflection).
 * </ol>
 */
public final class ChapAuthenticator implements Authenticator {
    /** The AuthMethod value. */
    public static final String METHOD = "CHAP";

    /** The longest CHAP_C. */
    private static final int CHALLENGE_BYTES_MAX = 1024;

    private static final int IDENTIFIER_MAX = 0xff;
    private static final String ALGORITHM = "CHAP_A";
    private static final String IDENTIFIER = "CHAP_I";
    private static final String CHALLENGE = "CHAP_C";
    private static final String NAME = "CHAP_N";
    private static final String RESPONSE = "CHAP_R";

    private enum State {
        BEGUN,
        CHALLENGED,
        OVER
    }

    private final ChapPolicy policy;
    private final Entropy entropy;
    private State state = State.BEGUN;
    private boolean methodAgreed;
    private @Nullable Exchange exchange;

    /** Our side of the exchange under way. */
    private record Exchange(ChapAlgorithm algorithm, int identifier, byte[] challenge) {
        byte[] response(byte[] secret) {
            return algorithm.response(identifier, secret, challenge);
        }
    }

    /** For one login; challenges come from {@code entropy}. */
    public ChapAuthenticator(ChapPolicy policy, Entropy entropy) {
        this.policy = policy;
        this.entropy = entropy;
    }

    @Override
    public String method() {
        return METHOD;
    }

    @Override
    public AuthenticationStep step(TextKeys request) {
        Exchange open = exchange;
        if (state == State.CHALLENGED && open != null) {
            state = State.OVER;
            return judge(request, open);
        }
        if (state == State.OVER) {
            return AuthenticationStep.refused("CHAP went on behind its end");
        }
        Optional<String> offered = request.find(ALGORITHM);
        if (offered.isEmpty() && !methodAgreed) {
            methodAgreed = true;
            return AuthenticationStep.unfinished(TextKeys.EMPTY);
        }
        return offered.flatMap(list -> ChapAlgorithm.strongest(list, policy.accepted()))
                .map(this::challenge)
                .orElseGet(() -> {
                    state = State.OVER;
                    return AuthenticationStep.refused("the initiator offers no CHAP digest that is accepted here");
                });
    }

    private AuthenticationStep challenge(ChapAlgorithm algorithm) {
        Exchange fresh =
                new Exchange(algorithm, entropy.bytes(1)[0] & IDENTIFIER_MAX, entropy.bytes(algorithm.digestBytes()));
        exchange = fresh;
        state = State.CHALLENGED;
        return AuthenticationStep.unfinished(TextKeys.of(
                ALGORITHM,
                Integer.toString(algorithm.number()),
                IDENTIFIER,
                Integer.toString(fresh.identifier()),
                CHALLENGE,
                BinaryText.Encoding.HEXADECIMAL.encode(fresh.challenge())));
    }

    private AuthenticationStep judge(TextKeys request, Exchange open) {
        byte[] name = request.find(NAME).orElse("").getBytes(StandardCharsets.UTF_8);
        byte[] response = request.find(RESPONSE)
                .flatMap(text -> BinaryText.decode(text, open.algorithm().digestBytes()))
                .map(BinaryText::bytes)
                .orElseGet(() -> new byte[0]);
        boolean known = MessageDigest.isEqual(policy.initiator().user().getBytes(StandardCharsets.UTF_8), name);
        byte[] secret = policy.initiator().secret().reveal();
        boolean right = MessageDigest.isEqual(open.response(secret), response);
        Arrays.fill(secret, (byte) 0);
        if (!known) {
            return AuthenticationStep.refused("the CHAP user name is not the one of this initiator");
        }
        if (!right) {
            return AuthenticationStep.refused("the CHAP response is wrong: the initiator has another secret");
        }
        boolean mutual =
                request.find(IDENTIFIER).isPresent() || request.find(CHALLENGE).isPresent();
        return mutual ? prove(request, open) : AuthenticationStep.accepted(TextKeys.EMPTY);
    }

    /** The second half of mutual CHAP. */
    private AuthenticationStep prove(TextKeys request, Exchange open) {
        Optional<ChapCredential> own = policy.target();
        if (own.isEmpty()) {
            return AuthenticationStep.refused(
                    "the initiator wants proof of the target, which has no mutual credential");
        }
        Optional<Integer> identifier = request.find(IDENTIFIER).flatMap(ChapAuthenticator::identifier);
        Optional<BinaryText> challenge =
                request.find(CHALLENGE).flatMap(text -> BinaryText.decode(text, CHALLENGE_BYTES_MAX));
        if (identifier.isEmpty() || challenge.isEmpty()) {
            return AuthenticationStep.refused("the initiator's CHAP_I and CHAP_C are not a challenge");
        }
        if (MessageDigest.isEqual(challenge.get().bytes(), open.challenge())) {
            return AuthenticationStep.refused("the initiator sent the target's own challenge back (reflection)");
        }
        byte[] secret = own.get().secret().reveal();
        byte[] response = open.algorithm()
                .response(identifier.get(), secret, challenge.get().bytes());
        Arrays.fill(secret, (byte) 0);
        return AuthenticationStep.accepted(TextKeys.of(
                NAME, own.get().user(), RESPONSE, challenge.get().encoding().encode(response)));
    }

    private static Optional<Integer> identifier(String text) {
        var number = KeyRules.number(text, 0, IDENTIFIER_MAX);
        return number.isPresent() ? Optional.of((int) number.getAsLong()) : Optional.empty();
    }
}
