package io.sluice.target.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.iscsi.login.AuthenticationStep.Outcome;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CHAP (RFC 7143 section 12.1.3), with vectors for every digest and both encodings. */
final class ChapAuthenticatorTest {
    static final List<ChapVector> VECTORS = ChapVector.ALL;

    private static ChapAuthenticator challenged(ChapPolicy policy, String algorithms) {
        ChapAuthenticator chap = new ChapAuthenticator(policy, ChapVector.entropy());
        assertEquals(
                Outcome.UNFINISHED, chap.step(TextKeys.of("CHAP_A", algorithms)).outcome());
        return chap;
    }

    private static AuthenticationStep proof(ChapVector vector, String response, String... more) {
        ChapAuthenticator chap = challenged(
                ChapVector.policy(ChapAlgorithm.values()),
                Integer.toString(vector.algorithm().number()));
        return chap.step(
                TextKeys.of("CHAP_N", ChapVector.USER, "CHAP_R", response).and(TextKeys.of(more)));
    }

    @ParameterizedTest
    @FieldSource("VECTORS")
    void challengesAndAcceptsTheRightResponseInBothEncodings(ChapVector vector) {
        ChapAuthenticator chap = new ChapAuthenticator(ChapVector.policy(ChapAlgorithm.values()), ChapVector.entropy());
        String number = Integer.toString(vector.algorithm().number());
        assertEquals(
                TextKeys.of("CHAP_A", number, "CHAP_I", "42", "CHAP_C", vector.ourChallenge()),
                chap.step(TextKeys.of("CHAP_A", number)).response());
        assertEquals(
                AuthenticationStep.accepted(TextKeys.EMPTY),
                chap.step(TextKeys.of("CHAP_N", ChapVector.USER, "CHAP_R", vector.response())));
        assertEquals(Outcome.ACCEPTED, proof(vector, vector.responseBase64()).outcome());
        assertEquals(
                Outcome.ACCEPTED,
                proof(vector, "0X" + vector.response().substring(2).toUpperCase(Locale.ROOT))
                        .outcome());
        assertEquals(
                Outcome.ACCEPTED,
                proof(vector, "0B" + vector.responseBase64().substring(2)).outcome());
    }

    @ParameterizedTest
    @FieldSource("VECTORS")
    void provesTheTargetInTheEncodingOfTheInitiator(ChapVector vector) {
        assertEquals(
                TextKeys.of("CHAP_N", ChapVector.TARGET_USER, "CHAP_R", vector.proof()),
                proof(vector, vector.response(), "CHAP_I", "7", "CHAP_C", ChapVector.CHALLENGE)
                        .response());
        assertEquals(
                TextKeys.of("CHAP_N", ChapVector.TARGET_USER, "CHAP_R", vector.proofBase64()),
                proof(vector, vector.response(), "CHAP_I", "0x7", "CHAP_C", ChapVector.CHALLENGE_BASE64)
                        .response());
    }

    @ParameterizedTest
    @FieldSource("VECTORS")
    void refusesEveryChangedBitAndLength(ChapVector vector) {
        String right = vector.response();
        for (int i = 2; i < right.length(); i++) {
            char other = right.charAt(i) == 'f' ? 'e' : 'f';
            assertEquals(
                    Outcome.REFUSED,
                    proof(vector, right.substring(0, i) + other + right.substring(i + 1))
                            .outcome());
        }
        assertEquals(
                Outcome.REFUSED,
                proof(vector, right.substring(0, right.length() - 2)).outcome());
        assertEquals(Outcome.REFUSED, proof(vector, right + "00").outcome());
        assertEquals(Outcome.REFUSED, proof(vector, "0b" + "A".repeat(4096)).outcome(), "base64 that is too long");
        assertEquals(Outcome.REFUSED, proof(vector, right.substring(2)).outcome(), "no prefix");
        assertEquals(Outcome.REFUSED, proof(vector, "").outcome());
    }

    @ParameterizedTest
    @CsvSource({"'8,7,6,5',8", "'5,6,7,8',8", "'5',5", "'56,6,5',6", "'5,7',7"})
    void takesTheStrongestDigestThatBothHave(String offered, String expected) {
        ChapAuthenticator chap = new ChapAuthenticator(ChapVector.policy(ChapAlgorithm.values()), ChapVector.entropy());
        assertEquals(
                Optional.of(expected),
                chap.step(TextKeys.of("CHAP_A", offered)).response().find("CHAP_A"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "56", "4", "05", "5 ", "0x5", "MD5", ","})
    void refusesWhenThereIsNoDigestInCommon(String offered) {
        ChapAuthenticator chap = new ChapAuthenticator(ChapVector.policy(ChapAlgorithm.values()), ChapVector.entropy());
        assertEquals(Outcome.REFUSED, chap.step(TextKeys.of("CHAP_A", offered)).outcome());
    }

    @Test
    void usesOnlyDigestsThatAreAccepted() {
        ChapAuthenticator chap = new ChapAuthenticator(ChapVector.policy(ChapAlgorithm.SHA_256), ChapVector.entropy());
        assertEquals(Outcome.REFUSED, chap.step(TextKeys.of("CHAP_A", "8,6,5")).outcome());
    }

    @Test
    void waitsForTheDigestsOnceWhenTheMethodCameAlone() {
        ChapAuthenticator chap = new ChapAuthenticator(ChapVector.policy(ChapAlgorithm.MD5), ChapVector.entropy());
        assertEquals(AuthenticationStep.unfinished(TextKeys.EMPTY), chap.step(TextKeys.of("AuthMethod", "CHAP,None")));
        assertEquals(Outcome.REFUSED, chap.step(TextKeys.EMPTY).outcome());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0x6a6f65", "0bam9l", "0xzz", "0b", "Jörg", "a=b", "CHAP_R"})
    void userNamesArePlainTextWhateverTheyLookLike(String user) {
        ChapVector vector = ChapVector.ALL.get(0);
        ChapAuthenticator chap = challenged(ChapVector.oneWay(user), "5");
        assertEquals(
                Outcome.ACCEPTED,
                chap.step(TextKeys.of("CHAP_N", user, "CHAP_R", vector.response()))
                        .outcome());
        ChapAuthenticator decoded = challenged(ChapVector.oneWay("joe"), "5");
        assertEquals(
                Outcome.REFUSED,
                decoded.step(TextKeys.of("CHAP_N", user, "CHAP_R", vector.response()))
                        .outcome());
    }

    @Test
    void refusesAnotherUserEvenWithTheRightResponse() {
        ChapVector vector = ChapVector.ALL.get(2);
        ChapAuthenticator chap = challenged(ChapVector.oneWay("HOST1"), "7");
        AuthenticationStep step = chap.step(TextKeys.of("CHAP_N", "host1", "CHAP_R", vector.response()));
        assertEquals(Outcome.REFUSED, step.outcome());
        assertTrue(step.why().contains("user name"), step.why());
        assertFalse(step.why().contains("fourteen"), step.why());
    }

    @Test
    void answersAChallengeOnceOnly() {
        ChapVector vector = ChapVector.ALL.get(0);
        ChapAuthenticator chap = challenged(ChapVector.policy(ChapAlgorithm.MD5), "5");
        assertEquals(
                Outcome.REFUSED,
                chap.step(TextKeys.of("CHAP_N", ChapVector.USER, "CHAP_R", "0x00"))
                        .outcome());
        assertEquals(
                Outcome.REFUSED,
                chap.step(TextKeys.of("CHAP_N", ChapVector.USER, "CHAP_R", vector.response()))
                        .outcome());
    }

    @Test
    void neverAnswersItsOwnChallenge() {
        ChapVector vector = ChapVector.ALL.get(0);
        AuthenticationStep step = proof(vector, vector.response(), "CHAP_I", "42", "CHAP_C", vector.ourChallenge());
        assertEquals(Outcome.REFUSED, step.outcome());
        assertTrue(step.why().contains("reflection"), step.why());
    }

    @Test
    void provesNothingToWhoHasNotProvedItself() {
        ChapVector vector = ChapVector.ALL.get(0);
        AuthenticationStep step = proof(vector, "0x00", "CHAP_I", "7", "CHAP_C", ChapVector.CHALLENGE);
        assertEquals(TextKeys.EMPTY, step.response());
        assertEquals(Outcome.REFUSED, step.outcome());
    }

    @ParameterizedTest
    @CsvSource({"256,0x55", "-1,0x55", ",0x55", "7,", "7,55", "7,0x", "7,0b", "7,0bVVV", "7,0xgg"})
    void refusesAChallengeThatIsNone(String identifier, String challenge) {
        ChapVector vector = ChapVector.ALL.get(0);
        AuthenticationStep step = proof(
                vector,
                vector.response(),
                "CHAP_I",
                identifier == null ? "" : identifier,
                "CHAP_C",
                challenge == null ? "" : challenge);
        assertEquals(Outcome.REFUSED, step.outcome());
    }

    @Test
    void challengesMayHave1024BytesAndNotOneMore() {
        ChapVector vector = ChapVector.ALL.get(3);
        assertEquals(
                Outcome.ACCEPTED,
                proof(vector, vector.response(), "CHAP_I", "7", "CHAP_C", "0x" + "55".repeat(1024))
                        .outcome());
        assertEquals(
                Outcome.REFUSED,
                proof(vector, vector.response(), "CHAP_I", "7", "CHAP_C", "0x" + "55".repeat(1025))
                        .outcome());
    }

    @Test
    void whoWantsProofOfATargetWithoutACredentialIsRefused() {
        ChapVector vector = ChapVector.ALL.get(0);
        ChapAuthenticator chap = challenged(ChapVector.oneWay(ChapVector.USER), "5");
        AuthenticationStep step = chap.step(
                TextKeys.of("CHAP_N", ChapVector.USER, "CHAP_R", vector.response(), "CHAP_I", "7", "CHAP_C", "0x55"));
        assertEquals(Outcome.REFUSED, step.outcome());
        assertTrue(step.why().contains("mutual"), step.why());
    }

    @Test
    void equalSecretsAreNoPolicy() {
        ChapCredential same = new ChapCredential("x", ChapVector.SECRET);
        assertThrows(
                IllegalArgumentException.class,
                () -> new ChapPolicy(same, Optional.of(same), List.of(ChapAlgorithm.MD5)));
    }

    @Test
    void everyLoginGetsAFreshChallenge() {
        SecureRandom random = new SecureRandom();
        ChapPolicy policy = ChapVector.policy(ChapAlgorithm.MD5);
        TextKeys first = new ChapAuthenticator(policy, random::nextBytes)
                .step(TextKeys.of("CHAP_A", "5"))
                .response();
        TextKeys second = new ChapAuthenticator(policy, random::nextBytes)
                .step(TextKeys.of("CHAP_A", "5"))
                .response();
        assertNotEquals(first.find("CHAP_C"), second.find("CHAP_C"));
        assertEquals(2 + 2 * 16, first.find("CHAP_C").orElseThrow().length());
    }
}
