package io.sluice.target.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.Secret;
import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.iscsi.login.ChapAlgorithm;
import io.sluice.target.iscsi.login.ChapAuthenticator;
import io.sluice.target.iscsi.login.ChapCredential;
import io.sluice.target.iscsi.login.ChapPolicy;
import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Authentication over a real socket: proofs, refusals, waiting for who guesses, discovery. */
final class ChapLoginTest {
    private static final String USER = "host1";
    private static final String SECRET = "fourteen-bytes";
    private static final String TARGET_SECRET = "target-secret";
    private static final int SECURITY = 0x00;
    private static final int SECURITY_TO_OPERATIONAL = 0x81;
    private static final SecureRandom RANDOM = new SecureRandom();

    private static Admission chap() {
        ChapPolicy policy = new ChapPolicy(
                new ChapCredential(USER, Secret.ofText(SECRET)),
                Optional.of(new ChapCredential("target", Secret.ofText(TARGET_SECRET))),
                List.of(ChapAlgorithm.values()));
        return Admission.allowed(new ChapAuthenticator(policy, RANDOM::nextBytes));
    }

    private static TestServer guarded() throws IOException {
        return new TestServer().doorkeeper((initiator, address, target) -> chap());
    }

    /** All of the security stage; the last response. */
    private static WirePdu prove(TestInitiator initiator, TextKeys names, String secret, String... more)
            throws Exception {
        initiator.exchange(initiator.loginRequest(SECURITY, names.and(TextKeys.of("AuthMethod", "CHAP,None"))));
        TextKeys challenge = initiator
                .exchange(initiator.loginRequest(SECURITY, TextKeys.of("CHAP_A", "7")))
                .keys();
        TextKeys proof = TextKeys.of("CHAP_N", USER, "CHAP_R", response(challenge, secret));
        return initiator.exchange(initiator.loginRequest(SECURITY_TO_OPERATIONAL, proof.and(TextKeys.of(more))));
    }

    private static String response(TextKeys challenge, String secret) throws Exception {
        byte[] bytes =
                HexFormat.of().parseHex(challenge.find("CHAP_C").orElseThrow().substring(2));
        int identifier = Integer.parseInt(challenge.find("CHAP_I").orElseThrow());
        return "0x" + HexFormat.of().formatHex(digest(identifier, secret, bytes));
    }

    private static byte[] digest(int identifier, String secret, byte[] challenge) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update((byte) identifier);
        digest.update(secret.getBytes(StandardCharsets.UTF_8));
        return digest.digest(challenge);
    }

    private static int wrong(TestServer server) throws Exception {
        try (TestInitiator initiator = server.connect()) {
            WirePdu refused = prove(initiator, TestInitiator.names(TestServer.TARGET), "a wrong secret");
            assertTrue(initiator.isClosedByTarget());
            return refused.loginStatus();
        }
    }

    @Test
    void letsInWhoKnowsTheSecretAndProvesTheTargetToIt() throws Exception {
        try (TestServer server = guarded();
                TestInitiator initiator = server.connect()) {
            byte[] own = new byte[40];
            RANDOM.nextBytes(own);
            WirePdu proved = prove(
                    initiator,
                    TestInitiator.names(TestServer.TARGET),
                    SECRET,
                    "CHAP_I",
                    "200",
                    "CHAP_C",
                    "0x" + HexFormat.of().formatHex(own));
            assertEquals(0, proved.loginStatus());
            assertEquals(0x81, proved.flags());
            assertEquals("target", proved.keys().find("CHAP_N").orElseThrow());
            assertEquals(
                    "0x" + HexFormat.of().formatHex(digest(200, TARGET_SECRET, own)),
                    proved.keys().find("CHAP_R").orElseThrow());
            assertEquals(0, initiator.finishLogin().loginStatus());
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
            assertEquals(1, server.server().logins().logins());
        }
    }

    @Test
    void refusesAWrongSecretWithAStatusAndCountsIt() throws Exception {
        try (TestServer server = guarded()) {
            assertEquals(0x0201, wrong(server));
            assertEquals(
                    Map.of("0201 authentication failure", 1L),
                    server.server().logins().refusals());
            assertEquals(0, server.disk().nexusesEver());
        }
    }

    @Test
    void nobodyGetsAroundTheProof() throws Exception {
        try (TestServer server = guarded()) {
            TextKeys names = TestInitiator.names(TestServer.TARGET);
            List<TextKeys> offers = List.of(
                    names.and(TextKeys.of("AuthMethod", "None")),
                    names.and(TextKeys.of("AuthMethod", "KRB5,SRP")),
                    names.and(TextKeys.of("AuthMethod", "")),
                    names);
            for (TextKeys offer : offers) {
                try (TestInitiator initiator = server.connect()) {
                    WirePdu refused = initiator.exchange(initiator.loginRequest(SECURITY_TO_OPERATIONAL, offer));
                    assertEquals(0x0201, refused.loginStatus(), offer::toString);
                }
            }
            try (TestInitiator initiator = server.connect()) {
                assertEquals(
                        0x0201,
                        initiator.exchange(initiator.loginRequest(0x87, names)).loginStatus(),
                        "beginning behind the security stage");
            }
            try (TestInitiator initiator = server.connect()) {
                WirePdu waits = initiator.exchange(
                        initiator.loginRequest(SECURITY_TO_OPERATIONAL, names.and(TextKeys.of("AuthMethod", "CHAP"))));
                assertEquals(0, waits.loginStatus());
                assertEquals(0, waits.flags() & 0x80, "T is not granted");
                assertEquals(
                        0x020b,
                        initiator
                                .exchange(initiator.loginRequest(0x87, TextKeys.EMPTY))
                                .loginStatus(),
                        "going on without the proof");
            }
        }
    }

    @Test
    void whoGuessesWaitsForHisAnswerWhileOthersAreServed() throws Exception {
        try (TestServer server = guarded();
                TestInitiator guesser = server.connect()) {
            for (int i = 0; i < 7; i++) {
                assertEquals(0x0201, wrong(server));
            }
            server.doorkeeper((initiator, address, target) -> Admission.open());
            try (TestInitiator witness = server.connect().isid(77)) {
                assertEquals(0, witness.login(TestServer.TARGET).loginStatus());
                server.doorkeeper((initiator, address, target) -> chap());
                long began = System.nanoTime();
                guesser.exchange(guesser.loginRequest(
                        SECURITY, TestInitiator.names(TestServer.TARGET).and(TextKeys.of("AuthMethod", "CHAP"))));
                TextKeys challenge = guesser.exchange(guesser.loginRequest(SECURITY, TextKeys.of("CHAP_A", "7")))
                        .keys();
                guesser.send(guesser.loginRequest(
                        SECURITY_TO_OPERATIONAL, TextKeys.of("CHAP_N", USER, "CHAP_R", response(challenge, SECRET))));
                assertEquals(0, witness.exchange(witness.read(0, 1)).status());
                assertEquals(0, guesser.receive().loginStatus(), "a right proof waits too, and is then right");
                long tookMillis = (System.nanoTime() - began) / 1_000_000;
                assertTrue(tookMillis >= 1900, "took " + tookMillis + " ms");
                assertEquals(0, guesser.finishLogin().loginStatus());
            }
        }
    }

    @Test
    void whoWaitsLongerThanALoginMayTakeStillGetsAStatus() throws Exception {
        try (TestServer server = new TestServer(
                        NegotiationSettings.standard(),
                        new TestSettings().loginTime(Duration.ofMillis(900)).build())
                .doorkeeper((initiator, address, target) -> chap())) {
            int status = 0;
            for (int i = 0; i < 9; i++) {
                status = wrong(server);
                assertEquals(0x0201, status);
            }
            try (TestInitiator initiator = server.connect()) {
                assertEquals(
                        0x0301,
                        prove(initiator, TestInitiator.names(TestServer.TARGET), SECRET)
                                .loginStatus());
            }
        }
    }

    @Test
    void discoveryIsAuthenticatedByItselfAndShowsOnlyWhatMayBeUsed() throws Exception {
        try (TestServer server = new TestServer()
                .doorkeeper((initiator, address, target) -> target.isEmpty()
                        ? chap()
                        : initiator.equals(TestInitiator.NAME)
                                ? Admission.open()
                                : Admission.refused(Admission.Access.FORBIDDEN))) {
            try (TestInitiator initiator = server.connect()) {
                assertEquals(0x0201, initiator.loginDiscovery().loginStatus());
            }
            assertEquals(List.of(TestServer.TARGET), discovered(server, TestInitiator.NAME));
            assertEquals(List.of(), discovered(server, "iqn.2026-11.io.sluice.test:other"));
            try (TestInitiator initiator = server.connect()) {
                TextKeys names = TextKeys.of(
                        "InitiatorName", "iqn.2026-11.io.sluice.test:other", "TargetName", TestServer.TARGET);
                assertEquals(
                        0x0202,
                        initiator
                                .exchange(initiator.loginRequest(SECURITY_TO_OPERATIONAL, names))
                                .loginStatus());
            }
        }
    }

    private static List<String> discovered(TestServer server, String name) throws Exception {
        try (TestInitiator initiator = server.connect()) {
            TextKeys names = TextKeys.of("InitiatorName", name, "SessionType", "Discovery");
            assertEquals(0, prove(initiator, names, SECRET).loginStatus());
            assertEquals(0, initiator.finishLogin().loginStatus());
            byte[] all = TextKeys.of("SendTargets", "All").encode();
            return initiator.exchange(initiator.text(0x80, -1, all)).keys().pairs().stream()
                    .filter(pair -> pair.key().equals("TargetName"))
                    .map(TextKeys.Pair::value)
                    .toList();
        }
    }
}
