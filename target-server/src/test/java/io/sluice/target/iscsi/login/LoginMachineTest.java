package io.sluice.target.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.iscsi.pdu.TextKeys;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jscsi.parser.login.LoginStage;
import org.jscsi.parser.login.LoginStatus;
import org.junit.jupiter.api.Test;

/** Stages, statuses and keys of the login phase (RFC 7143 sections 6 and 13). */
final class LoginMachineTest {
    private static final String TARGET = "iqn.2026-11.io.sluice:t";
    private static final TextKeys NAMES =
            TextKeys.of("InitiatorName", "iqn.2026-11.io.sluice:I", "TargetName", "iqn.2026-11.io.sluice:T");

    private final FakeDirectory directory = new FakeDirectory();
    private final LoginMachine machine = new LoginMachine(directory, NegotiationSettings.standard(), 7);

    private LoginStep step(LoginState state, boolean transit, int current, int next, TextKeys keys) {
        return machine.step(state, new LoginTurn(transit, current, next, 0, 0, keys));
    }

    private LoginStep operational(String... keys) {
        LoginStep first = step(LoginState.INITIAL, true, 0, 1, NAMES);
        return step(first.next(), true, 1, 3, TextKeys.of(keys));
    }

    private static String answer(LoginStep step, String key) {
        return step.response().find(key).orElse("-");
    }

    @Test
    void goesThroughBothStages() {
        LoginStep first = step(LoginState.INITIAL, true, 0, 1, NAMES.and(TextKeys.of("AuthMethod", "CHAP,None")));
        assertEquals("None", answer(first, "AuthMethod"));
        assertEquals("7", answer(first, "TargetPortalGroupTag"));
        assertTrue(first.transit());
        assertEquals(LoginStage.LOGIN_OPERATIONAL_NEGOTIATION, first.next().stage());
        assertEquals(
                new LoginIdentity("iqn.2026-11.io.sluice:i", TARGET, false),
                first.next().identity());
        LoginStep last = step(first.next(), true, 1, 3, TextKeys.of("HeaderDigest", "CRC32C,None"));
        assertTrue(last.completes());
        assertEquals("CRC32C", answer(last, "HeaderDigest"));
        assertEquals("-", answer(last, "TargetPortalGroupTag"));
        assertEquals("262144", answer(last, "MaxRecvDataSegmentLength"));
    }

    @Test
    void staysWhenTheInitiatorDoesNotAskToGoOn() {
        LoginStep first = step(LoginState.INITIAL, false, 0, 0, NAMES.and(TextKeys.of("AuthMethod", "None")));
        assertFalse(first.transit());
        assertEquals(LoginStage.SECURITY_NEGOTIATION, first.next().stage());
        assertTrue(step(first.next(), true, 0, 3, TextKeys.EMPTY).completes());
    }

    @Test
    void beginsInTheOperationalStageOnlyWhereNobodyHasToProveAnything() {
        assertTrue(step(LoginState.INITIAL, true, 1, 3, NAMES).completes());
        directory.admission = Admission.allowed(new RefusingAuthenticator());
        assertEquals(
                LoginStatus.AUTHENTICATION_FAILURE,
                step(LoginState.INITIAL, true, 1, 3, NAMES).status());
    }

    @Test
    void letsNobodyPastTheSecurityStageUnauthenticated() {
        directory.admission = Admission.allowed(new RefusingAuthenticator());
        assertEquals(
                LoginStatus.AUTHENTICATION_FAILURE,
                step(LoginState.INITIAL, true, 0, 1, NAMES).status());
        assertEquals(
                LoginStatus.AUTHENTICATION_FAILURE,
                step(LoginState.INITIAL, true, 0, 1, NAMES.and(TextKeys.of("AuthMethod", "None")))
                        .status());
        LoginStep more = step(LoginState.INITIAL, true, 0, 1, NAMES.and(TextKeys.of("AuthMethod", "CHAP,None")));
        assertEquals(LoginStatus.SUCCESS, more.status());
        assertFalse(more.transit());
        assertEquals("5", answer(more, "CHAP_A"));
        assertEquals(
                LoginStatus.AUTHENTICATION_FAILURE,
                step(more.next(), true, 0, 1, TextKeys.of("CHAP_N", "x", "CHAP_R", "0x00"))
                        .status());
    }

    @Test
    void tellsEveryMistakeWithItsOwnStatus() {
        assertEquals(
                LoginStatus.MISSING_PARAMETER,
                step(LoginState.INITIAL, true, 0, 1, TextKeys.of("TargetName", TARGET))
                        .status());
        assertEquals(
                LoginStatus.MISSING_PARAMETER,
                step(LoginState.INITIAL, true, 0, 1, TextKeys.of("InitiatorName", "iqn.x"))
                        .status());
        assertEquals(
                LoginStatus.SESSION_TYPE_NOT_SUPPORTED,
                step(LoginState.INITIAL, true, 0, 1, NAMES.and(TextKeys.of("SessionType", "Odd")))
                        .status());
        directory.admission = Admission.refused(Admission.Access.NOT_FOUND);
        assertEquals(
                LoginStatus.NOT_FOUND,
                step(LoginState.INITIAL, true, 0, 1, NAMES).status());
        directory.admission = Admission.refused(Admission.Access.FORBIDDEN);
        assertEquals(
                LoginStatus.AUTHORIZATION_FAILURE,
                step(LoginState.INITIAL, true, 0, 1, NAMES).status());
        directory.admission = Admission.refused(Admission.Access.UNAVAILABLE);
        assertEquals(
                LoginStatus.SERVICE_UNAVAILABLE,
                step(LoginState.INITIAL, true, 0, 1, NAMES).status());
    }

    @Test
    void refusesASecondConnectionAndUnknownSessions() {
        LoginTurn join = new LoginTurn(true, 0, 1, 0, 42, NAMES);
        assertEquals(
                LoginStatus.SESSION_DOSE_NOT_EXIST,
                machine.step(LoginState.INITIAL, join).status());
        directory.sessionExists = true;
        assertEquals(
                LoginStatus.TOO_MANY_CONNECTIONS,
                machine.step(LoginState.INITIAL, join).status());
    }

    @Test
    void refusesWrongStagesVersionsAndRepeatedKeys() {
        assertEquals(
                LoginStatus.UNSUPPORTED_VERSION,
                machine.step(LoginState.INITIAL, new LoginTurn(true, 0, 1, 1, 0, NAMES))
                        .status());
        assertEquals(
                LoginStatus.INVALID_DURING_LOGIN,
                step(LoginState.INITIAL, true, 3, 3, NAMES).status());
        assertEquals(
                LoginStatus.INVALID_DURING_LOGIN,
                step(LoginState.INITIAL, true, 2, 3, NAMES).status());
        LoginStep first = step(LoginState.INITIAL, true, 0, 1, NAMES);
        assertEquals(
                LoginStatus.INVALID_DURING_LOGIN,
                step(first.next(), true, 0, 1, TextKeys.EMPTY).status());
        assertEquals(
                LoginStatus.INITIATOR_ERROR,
                step(first.next(), true, 1, 1, TextKeys.EMPTY).status());
        assertEquals(
                LoginStatus.INITIATOR_ERROR,
                step(LoginState.INITIAL, true, 0, 2, NAMES).status());
        assertEquals(
                LoginStatus.INITIATOR_ERROR,
                operational("MaxBurstLength", "1024", "MaxBurstLength", "2048").status());
    }

    @Test
    void answersEveryKeyOfTheTable() {
        LoginStep step = operational(
                "HeaderDigest", "None,CRC32C",
                "DataDigest", "CRC32C",
                "MaxConnections", "8",
                "InitialR2T", "No",
                "ImmediateData", "Yes",
                "MaxRecvDataSegmentLength", "65536",
                "FirstBurstLength", "262144",
                "MaxBurstLength", "65536",
                "MaxOutstandingR2T", "16",
                "ErrorRecoveryLevel", "2",
                "DefaultTime2Wait", "0",
                "DefaultTime2Retain", "60",
                "DataPDUInOrder", "No",
                "DataSequenceInOrder", "No",
                "IFMarker", "Yes",
                "OFMarkInt", "2048",
                "TaskReporting", "FastAbort,RFC3720",
                "iSCSIProtocolLevel", "2",
                "X-com.example", "a=b",
                "InitiatorAlias", "box");
        TextKeys expected = TextKeys.of(
                "HeaderDigest", "None",
                "DataDigest", "CRC32C",
                "MaxConnections", "1",
                "InitialR2T", "No",
                "ImmediateData", "Yes",
                "FirstBurstLength", "65536",
                "MaxBurstLength", "65536",
                "MaxOutstandingR2T", "8",
                "ErrorRecoveryLevel", "0",
                "DefaultTime2Wait", "2",
                "DefaultTime2Retain", "20",
                "DataPDUInOrder", "Yes",
                "DataSequenceInOrder", "Yes",
                "IFMarker", "No",
                "OFMarkInt", "Reject",
                "TaskReporting", "RFC3720",
                "iSCSIProtocolLevel", "1",
                "X-com.example", "NotUnderstood",
                "MaxRecvDataSegmentLength", "262144");
        assertEquals(expected, step.response());
        SessionParameters agreed = SessionParameters.of(step.next().agreed());
        assertEquals(new SessionParameters(false, true, false, true, 65536, 65536, 65536, 8), agreed);
    }

    @Test
    void rejectsMalformedValuesWithoutEndingTheLogin() {
        LoginStep step = operational(
                "MaxBurstLength", "511", "ImmediateData", "perhaps", "HeaderDigest", "MD5", "MaxOutstandingR2T", "-1");
        assertTrue(step.completes());
        for (String key : List.of("MaxBurstLength", "ImmediateData", "HeaderDigest", "MaxOutstandingR2T")) {
            assertEquals("Reject", answer(step, key));
        }
        assertEquals(
                SessionParameters.of(java.util.Map.of()),
                SessionParameters.of(step.next().agreed()));
    }

    @Test
    void isAPureFunction() {
        LoginStep once = step(LoginState.INITIAL, true, 0, 1, NAMES);
        LoginStep again = step(LoginState.INITIAL, true, 0, 1, NAMES);
        assertEquals(once.response(), again.response());
        assertEquals(once.next().identity(), again.next().identity());
        assertFalse(LoginState.INITIAL.begun());
    }

    @Test
    void insistsOnDigestsWhereTheyAreRequired() {
        NegotiationSettings strict = new NegotiationSettings(
                8192, 65536, 65536, false, true, 1, DigestPolicy.REQUIRED, DigestPolicy.NONE, 2, 20);
        LoginMachine strictMachine = new LoginMachine(directory, strict, 1);
        LoginTurn without = new LoginTurn(true, 1, 3, 0, 0, NAMES);
        assertEquals(
                LoginStatus.INITIATOR_ERROR,
                strictMachine.step(LoginState.INITIAL, without).status());
        LoginTurn with = new LoginTurn(true, 1, 3, 0, 0, NAMES.and(TextKeys.of("HeaderDigest", "None,CRC32C")));
        assertTrue(strictMachine.step(LoginState.INITIAL, with).completes());
    }

    @Test
    void digestsFollowThePolicyOfTheTarget() {
        record Row(DigestPolicy policy, String offered, String answer, boolean in) {}
        for (Row row : List.of(
                new Row(DigestPolicy.NONE, "CRC32C,None", "None", true),
                new Row(DigestPolicy.NONE, "CRC32C", "Reject", true),
                new Row(DigestPolicy.ALLOWED, "None,CRC32C", "None", true),
                new Row(DigestPolicy.ALLOWED, "CRC32C,None", "CRC32C", true),
                new Row(DigestPolicy.PREFERRED, "None,CRC32C", "CRC32C", true),
                new Row(DigestPolicy.PREFERRED, "None", "None", true),
                new Row(DigestPolicy.PREFERRED, "MD5", "Reject", true),
                new Row(DigestPolicy.REQUIRED, "None,CRC32C", "CRC32C", true),
                new Row(DigestPolicy.REQUIRED, "None", "-", false))) {
            for (boolean header : List.of(true, false)) {
                directory.admission = new Admission(
                        Admission.Access.ALLOWED,
                        List.of(new NoAuthentication()),
                        Optional.empty(),
                        Optional.of(new Admission.Digests(
                                header ? row.policy() : DigestPolicy.NONE, header ? DigestPolicy.NONE : row.policy())));
                String key = header ? "HeaderDigest" : "DataDigest";
                LoginStep step = operational(key, row.offered());
                assertEquals(row.answer(), answer(step, key), row::toString);
                assertEquals(row.in() ? LoginStatus.SUCCESS : LoginStatus.INITIATOR_ERROR, step.status());
                assertEquals(row.in(), !step.why().contains("requires " + key), step::why);
            }
        }
    }

    @Test
    void whoLogsInToWhatCannotChangeOnTheWay() {
        LoginStep first = step(LoginState.INITIAL, true, 0, 1, NAMES);
        assertTrue(step(first.next(), true, 1, 3, NAMES).completes());
        for (TextKeys other : List.of(
                TextKeys.of("InitiatorName", "iqn.2026-11.io.sluice:other"),
                TextKeys.of("TargetName", "iqn.2026-11.io.sluice:other"),
                TextKeys.of("SessionType", "Discovery"))) {
            assertEquals(
                    LoginStatus.INITIATOR_ERROR,
                    step(first.next(), true, 1, 3, other).status());
        }
        TextKeys twice = NAMES.and(TextKeys.of("InitiatorName", "iqn.2026-11.io.sluice:other"));
        assertEquals(
                LoginStatus.INITIATOR_ERROR,
                step(LoginState.INITIAL, true, 0, 1, twice).status());
    }

    @Test
    void noKeyStaysWithoutAnAnswer() {
        LoginStep step = operational("AuthMethod", "CHAP", "CHAP_N", "x", "SRP_U", "y", "Odd", "z");
        assertEquals("Reject", answer(step, "AuthMethod"));
        assertEquals("Reject", answer(step, "CHAP_N"));
        assertEquals("NotUnderstood", answer(step, "SRP_U"));
        assertEquals("NotUnderstood", answer(step, "Odd"));
        LoginStep none =
                step(LoginState.INITIAL, false, 0, 0, NAMES.and(TextKeys.of("AuthMethod", "None", "CHAP_A", "5")));
        assertEquals("None", answer(none, "AuthMethod"));
        assertEquals("Reject", answer(none, "CHAP_A"));
    }

    @Test
    void tellsTheAliasWithTheFirstResponseOfANormalSession() {
        directory.admission = new Admission(
                Admission.Access.ALLOWED, List.of(new NoAuthentication()), Optional.of("Backup"), Optional.empty());
        LoginStep first = step(LoginState.INITIAL, true, 0, 1, NAMES);
        assertEquals("Backup", answer(first, "TargetAlias"));
        assertEquals("-", answer(step(first.next(), true, 1, 3, TextKeys.EMPTY), "TargetAlias"));
        TextKeys discovery = TextKeys.of("InitiatorName", "iqn.2026-11.io.sluice:i", "SessionType", "Discovery");
        assertEquals("-", answer(step(LoginState.INITIAL, true, 0, 1, discovery), "TargetAlias"));
    }

    @Test
    void discoveryHasAnAdmissionOfItsOwn() {
        TextKeys discovery = TextKeys.of("InitiatorName", "iqn.2026-11.io.sluice:i", "SessionType", "Discovery");
        assertTrue(step(LoginState.INITIAL, true, 1, 3, discovery).completes());
        directory.admission = Admission.refused(Admission.Access.FORBIDDEN);
        assertEquals(
                LoginStatus.AUTHORIZATION_FAILURE,
                step(LoginState.INITIAL, true, 1, 3, discovery).status());
    }

    @Test
    void namesThatNoLogShouldShowAreRefused() {
        for (String name : List.of("", "iqn.a b", "iqn.a\nb", "iqn.\u2028", "iqn." + "x".repeat(220), "\u0085")) {
            assertEquals(
                    LoginStatus.INITIATOR_ERROR,
                    step(LoginState.INITIAL, true, 0, 1, TextKeys.of("InitiatorName", name, "TargetName", TARGET))
                            .status());
        }
    }

    @Test
    void statusesHaveTheNumbersOfTheStandard() {
        Map<LoginStatus, Integer> numbers = Map.ofEntries(
                Map.entry(LoginStatus.SUCCESS, 0x0000),
                Map.entry(LoginStatus.INITIATOR_ERROR, 0x0200),
                Map.entry(LoginStatus.AUTHENTICATION_FAILURE, 0x0201),
                Map.entry(LoginStatus.AUTHORIZATION_FAILURE, 0x0202),
                Map.entry(LoginStatus.NOT_FOUND, 0x0203),
                Map.entry(LoginStatus.UNSUPPORTED_VERSION, 0x0205),
                Map.entry(LoginStatus.TOO_MANY_CONNECTIONS, 0x0206),
                Map.entry(LoginStatus.MISSING_PARAMETER, 0x0207),
                Map.entry(LoginStatus.SESSION_TYPE_NOT_SUPPORTED, 0x0209),
                Map.entry(LoginStatus.SESSION_DOSE_NOT_EXIST, 0x020a),
                Map.entry(LoginStatus.INVALID_DURING_LOGIN, 0x020b),
                Map.entry(LoginStatus.SERVICE_UNAVAILABLE, 0x0301),
                Map.entry(LoginStatus.OUT_OF_RESOURCES, 0x0302));
        numbers.forEach((status, number) -> assertEquals(number, status.value() & 0xffff, status.name()));
    }

    /** Says what the test wants. */
    private static final class FakeDirectory implements LoginDirectory {
        private Admission admission = Admission.open();
        private boolean sessionExists;

        @Override
        public Admission admission(String initiatorName, String targetName) {
            return admission;
        }

        @Override
        public boolean sessionExists(int targetSessionIdentifyingHandle) {
            return sessionExists;
        }
    }

    /** Asks once, then refuses. */
    private static final class RefusingAuthenticator implements Authenticator {
        @Override
        public String method() {
            return "CHAP";
        }

        @Override
        public AuthenticationStep step(TextKeys request) {
            return request.find("CHAP_R").isPresent()
                    ? AuthenticationStep.refused("never")
                    : AuthenticationStep.unfinished(TextKeys.of("CHAP_A", "5", "CHAP_I", "1"));
        }
    }
}
