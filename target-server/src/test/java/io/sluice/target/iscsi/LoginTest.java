package io.sluice.target.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.pdu.TextKeys;
import io.sluice.target.iscsi.session.PortalAddress;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Login over a real socket: continuation, statuses, limits, reinstatement, discovery. */
final class LoginTest {
    private static final int OPERATIONAL_TO_FULL = 0x87;

    @Test
    void givesTheSessionHandleInTheFinalResponseOnly() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.connect()) {
            WirePdu first = initiator.exchange(initiator.loginRequest(0x81, TestInitiator.names(TestServer.TARGET)));
            assertEquals(0, first.loginStatus());
            assertEquals(0, first.shortAt(14));
            WirePdu last = initiator.finishLogin();
            assertNotEquals(0, last.shortAt(14));
            assertEquals(0x87, last.flags());
            assertEquals(128, last.intAt(32) - last.intAt(28) + 1, "command window");
            assertEquals(first.intAt(24) + 1, last.intAt(24), "StatSN");
        }
    }

    @Test
    void takesARequestInSeveralPdus() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.connect()) {
            byte[] text = TestInitiator.names(TestServer.TARGET).encode();
            WirePdu part = initiator.loginRequest(0x44, TextKeys.EMPTY).data(Arrays.copyOf(text, 20));
            WirePdu reply = initiator.exchange(part);
            assertEquals(0x04, reply.flags(), "no T, no C, same stage");
            assertEquals(0, reply.data().length);
            WirePdu rest = initiator
                    .loginRequest(OPERATIONAL_TO_FULL, TextKeys.EMPTY)
                    .data(Arrays.copyOfRange(text, 20, text.length));
            WirePdu last = initiator.exchange(rest);
            assertEquals(0, last.loginStatus());
            assertEquals("1", last.keys().find("TargetPortalGroupTag").orElseThrow());
        }
    }

    @Test
    void sendsALongAnswerInSeveralPdus() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.connect()) {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < 700; i++) {
                keys.add("X-org.example.key" + i);
                keys.add("");
            }
            byte[] text = TestInitiator.names(TestServer.TARGET)
                    .and(TextKeys.of(keys.toArray(new String[0])))
                    .encode();
            int at = 0;
            for (; text.length - at > 8192; at += 8192) {
                initiator.exchange(
                        initiator.loginRequest(0x44, TextKeys.EMPTY).data(Arrays.copyOfRange(text, at, at + 8192)));
            }
            WirePdu part = initiator.exchange(initiator
                    .loginRequest(OPERATIONAL_TO_FULL, TextKeys.EMPTY)
                    .data(Arrays.copyOfRange(text, at, text.length)));
            StringBuilder answer = new StringBuilder();
            while ((part.flags() & 0x40) != 0) {
                assertEquals(0, part.flags() & 0x80, "T with C");
                answer.append(new String(part.data(), StandardCharsets.UTF_8));
                part = initiator.exchange(initiator.loginRequest(OPERATIONAL_TO_FULL, TextKeys.EMPTY));
            }
            answer.append(new String(part.data(), StandardCharsets.UTF_8));
            assertTrue(answer.length() > 8192);
            TextKeys all = TextKeys.parse(answer.toString().getBytes(StandardCharsets.UTF_8))
                    .orElseThrow();
            assertEquals("NotUnderstood", all.find("X-org.example.key699").orElseThrow());
            assertNotEquals(0, part.shortAt(14));
        }
    }

    @Test
    void answersWithAStatusAndThenCloses() throws Exception {
        try (TestServer server = new TestServer()) {
            try (TestInitiator initiator = server.connect()) {
                assertEquals(
                        0x0203, initiator.login("iqn.2026-11.io.sluice:nobody").loginStatus());
                assertTrue(initiator.isClosedByTarget());
            }
            try (TestInitiator initiator = server.connect()) {
                WirePdu tooLong = initiator.loginRequest(0x81, TextKeys.EMPTY).data(new byte[8193]);
                assertEquals(0x0200, initiator.exchange(tooLong).loginStatus());
            }
            try (TestInitiator initiator = server.connect()) {
                assertEquals(
                        0x020b, initiator.exchange(initiator.ping(new byte[0])).loginStatus());
            }
        }
    }

    @Test
    void refusesLoginsThatNeverEnd() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.connect()) {
            WirePdu part = initiator.loginRequest(0x44, TextKeys.EMPTY).data(new byte[8000]);
            int status = 0;
            for (int i = 0; i < 10 && status == 0; i++) {
                status = initiator.exchange(part).loginStatus();
            }
            assertEquals(0x0200, status);
        }
    }

    @Test
    void boundsHalfOpenLoginsByNumberAndTime() throws Exception {
        try (TestServer server = new TestServer(
                NegotiationSettings.standard(),
                new TestSettings()
                        .loginTime(Duration.ofMillis(700))
                        .halfOpenMax(3)
                        .build())) {
            List<Socket> silent = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                silent.add(new Socket(
                        server.address().getAddress(), server.address().getPort()));
            }
            TestServer.await("three are connected", () -> server.server().connections() == 3);
            try (TestInitiator fourth = server.connect()) {
                assertEquals(0x0302, fourth.login(TestServer.TARGET).loginStatus());
                assertTrue(fourth.isClosedByTarget());
            }
            TestServer.await(
                    "the silent ones are dropped", () -> server.server().connections() == 0);
            try (TestInitiator later = server.connect()) {
                assertEquals(0, later.login(TestServer.TARGET).loginStatus());
            }
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void reinstatesTheSessionOfTheSameInitiatorPort() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator first = server.logIn();
                TestInitiator second = server.connect()) {
            assertEquals(0, second.login(TestServer.TARGET).loginStatus());
            assertTrue(first.isClosedByTarget());
            assertEquals(1, server.server().sessions().size());
            assertEquals(1, server.disk().openNexuses());
            assertEquals(2, server.disk().nexusesEver());
            assertEquals(0, second.exchange(second.read(0, 1)).status());
        }
    }

    @Test
    void letsSessionsWithOtherIsidsLiveBesideEachOther() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator first = server.connect().isid(1);
                TestInitiator second = server.connect().isid(2)) {
            assertEquals(0, first.login(TestServer.TARGET).loginStatus());
            assertEquals(0, second.login(TestServer.TARGET).loginStatus());
            assertEquals(0, first.exchange(first.read(0, 1)).status());
            assertEquals(0, second.exchange(second.read(0, 1)).status());
            assertEquals(2, server.server().sessions().size());
        }
    }

    @Test
    void discoveryShowsTargetsAtTheAddressTheInitiatorUsed() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.connect()) {
            assertEquals(0, initiator.loginDiscovery().loginStatus());
            byte[] all = TextKeys.of("SendTargets", "All").encode();
            TextKeys answer = initiator.exchange(initiator.text(0x80, -1, all)).keys();
            assertEquals(
                    TextKeys.of(
                            "TargetName",
                            TestServer.TARGET,
                            "TargetAddress",
                            "127.0.0.1:" + server.address().getPort() + ",1"),
                    answer);
            WirePdu rejected = initiator.exchange(initiator.read(0, 1));
            assertEquals(0x3f, rejected.opcode(), "no SCSI commands in a discovery session");
            assertEquals(0x26, initiator.exchange(initiator.logout(0)).opcode());
            assertTrue(initiator.isClosedByTarget());
        }
    }

    @Test
    void answersTextInANormalSessionToo() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn()) {
            byte[] asked = TextKeys.of("SendTargets", "", "X-odd", "1").encode();
            TextKeys answer =
                    initiator.exchange(initiator.text(0x80, -1, asked)).keys();
            assertEquals(TestServer.TARGET, answer.find("TargetName").orElseThrow());
            assertEquals("NotUnderstood", answer.find("X-odd").orElseThrow());
            WirePdu garbage = initiator.exchange(initiator.text(0x80, -1, new byte[] {1, 2, 3, 0}));
            assertEquals(0x3f, garbage.opcode());
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
        }
    }

    @Test
    void tellsWhoComesBeyondTheSessionsThatThereAreNoResources() throws Exception {
        try (TestServer server = new TestServer();
                IscsiServer small = server.another(settings(1, List.of()))) {
            small.start();
            InetSocketAddress portal = small.boundPortals().get(0).address();
            try (TestInitiator first = new TestInitiator(portal).isid(1);
                    TestInitiator second = new TestInitiator(portal).isid(2);
                    TestInitiator again = new TestInitiator(portal).isid(1)) {
                assertEquals(0, first.login(TestServer.TARGET).loginStatus());
                assertEquals(0x0302, second.login(TestServer.TARGET).loginStatus());
                assertTrue(second.isClosedByTarget());
                assertEquals(0, again.login(TestServer.TARGET).loginStatus(), "it takes its own session's place");
                assertEquals(Map.of("0302 out of resources", 1L), small.logins().refusals());
            }
        }
    }

    @Test
    void discoveryTellsTheAdvertisedPortalsInsteadOfTheBoundOnes() throws Exception {
        List<PortalAddress> advertised = List.of(
                new PortalAddress(InetSocketAddress.createUnresolved("san.example.org", 3260), 1),
                new PortalAddress(InetSocketAddress.createUnresolved("2001:db8::1", 860), 1));
        try (TestServer server = new TestServer();
                IscsiServer other = server.another(settings(4, advertised))) {
            other.start();
            try (TestInitiator initiator =
                    new TestInitiator(other.boundPortals().get(0).address())) {
                initiator.loginDiscovery();
                byte[] all = TextKeys.of("SendTargets", "All").encode();
                assertEquals(
                        List.of(TestServer.TARGET, "san.example.org:3260,1", "[2001:db8::1]:860,1"),
                        initiator.exchange(initiator.text(0x80, -1, all)).keys().pairs().stream()
                                .map(TextKeys.Pair::value)
                                .toList());
                byte[] own = TextKeys.of("SendTargets", "").encode();
                assertEquals(
                        TextKeys.of("SendTargets", "Reject"),
                        initiator.exchange(initiator.text(0x80, -1, own)).keys());
            }
        }
    }

    private static IscsiSettings settings(int sessionsMax, List<PortalAddress> advertised) {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new IscsiSettings(
                List.of(new PortalAddress(loopback, 1)),
                advertised,
                1,
                Duration.ZERO,
                sessionsMax,
                NegotiationSettings.standard(),
                new TestSettings().build());
    }

    @Test
    void saysWhichAddressIsTaken() throws Exception {
        try (TestServer server = new TestServer()) {
            int port = server.address().getPort();
            IscsiSettings same = IscsiSettings.standard(List.of(new PortalAddress(server.address(), 1)));
            try (IscsiServer second = server.another(same)) {
                BindException refused = Assertions.assertThrows(BindException.class, second::start);
                assertTrue(String.valueOf(refused.getMessage()).contains(":" + port), refused.getMessage());
            }
        }
    }
}
