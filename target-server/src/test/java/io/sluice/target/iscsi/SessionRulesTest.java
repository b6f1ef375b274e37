package io.sluice.target.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.iscsi.login.NegotiationSettings;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Numbering, task management, logout, digests, limits and bad input, over a real socket. */
final class SessionRulesTest {
    private static final int REJECT = 0x3f;

    private static byte[] random(int bytes) {
        byte[] all = new byte[bytes];
        new Random(bytes).nextBytes(all);
        return all;
    }

    private static void assertSilent(TestInitiator initiator) throws Exception {
        initiator.socket().setSoTimeout(200);
        assertThrows(SocketTimeoutException.class, initiator::receive);
        initiator.socket().setSoTimeout(5000);
    }

    @Test
    void ignoresCommandsOutsideTheWindowSilently() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            int number = initiator.commandNumber();
            initiator.commandNumber(number + 128);
            initiator.send(initiator.write(0, random(512)));
            initiator.commandNumber(number - 1);
            initiator.send(initiator.write(0, random(512)));
            assertSilent(initiator);
            initiator.commandNumber(number);
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
            assertArrayEquals(new byte[512], Arrays.copyOf(server.disk().content(), 512));
        }
    }

    @Test
    void numbersCommandsAcrossTheWrap() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.connect().commandNumber(-3)) {
            initiator.login(TestServer.TARGET);
            for (int i = 0; i < 6; i++) {
                WirePdu answer = initiator.exchange(initiator.read(0, 1));
                assertEquals(-3 + i + 1, answer.intAt(28), "ExpCmdSN");
                assertEquals(-3 + i + 128, answer.intAt(32), "MaxCmdSN");
            }
        }
    }

    @Test
    void putsCommandsIntoTheOrderOfTheirNumbers() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            WirePdu first = initiator.read(4, 1);
            WirePdu second = initiator.read(0, 2);
            WirePdu third = initiator.read(1, 1);
            initiator.send(third, second);
            assertSilent(initiator);
            initiator.send(first);
            assertEquals(first.tag(), initiator.receive().tag());
            assertEquals(second.tag(), initiator.receive().tag());
            assertEquals(third.tag(), initiator.receive().tag());
        }
    }

    @Test
    void abortsATaskThatCollectsDataWithoutAnsweringIt() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("ImmediateData", "No")) {
            WirePdu write = initiator.command(0xa1, 1024, TestInitiator.cdb10(0x2a, 0, 2));
            WirePdu ask = initiator.exchange(write);
            WirePdu response = initiator.exchange(initiator.manage(1, write.tag(), write.intAt(24)));
            assertEquals(0x22, response.opcode());
            assertEquals(0, response.byteAt(2));
            initiator.send(initiator.dataOut(true, write.tag(), ask.intAt(20), 0, 0, random(1024)));
            assertSilent(initiator);
            assertArrayEquals(new byte[1024], Arrays.copyOf(server.disk().content(), 1024));
            TestServer.await("its memory is back", () -> server.server().dataBytesInUse() == 0);
        }
    }

    @Test
    void abortsExecutingTasksAndTellsOnlyTheFunctionsResponse() throws Exception {
        for (int function : new int[] {1, 2, 4, 5, 6}) {
            try (TestServer server = new TestServer();
                    TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
                server.disk().holdWrites();
                WirePdu write = initiator.write(0, random(512));
                initiator.send(write);
                WirePdu response = initiator.exchange(initiator.manage(function, write.tag(), write.intAt(24)));
                assertEquals(0x22, response.opcode());
                assertEquals(0, response.byteAt(2), "function complete");
                server.disk().releaseWrites();
                assertSilent(initiator);
                assertArrayEquals(new byte[512], Arrays.copyOf(server.disk().content(), 512));
            }
        }
    }

    @Test
    void answersTheOtherTaskManagementCases() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn()) {
            WirePdu done = initiator.read(0, 1);
            initiator.exchange(done);
            assertEquals(
                    1,
                    initiator
                            .exchange(initiator.manage(1, done.tag(), done.intAt(24)))
                            .byteAt(2));
            assertEquals(5, initiator.exchange(initiator.manage(3, -1, 0)).byteAt(2), "CLEAR ACA");
            assertEquals(4, initiator.exchange(initiator.manage(8, -1, 0)).byteAt(2), "TASK REASSIGN");
            assertEquals(255, initiator.exchange(initiator.manage(99, -1, 0)).byteAt(2));
            WirePdu early = initiator.manage(1, 0x7777, initiator.commandNumber());
            assertEquals(0, initiator.exchange(early).byteAt(2), "not received yet");
            WirePdu dropped = initiator.read(0, 1);
            initiator.send(dropped);
            assertSilent(initiator);
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
        }
    }

    @Test
    void coldResetEndsTheSessionsOfTheTarget() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator other = server.connect().isid(9);
                TestInitiator initiator = server.logIn()) {
            other.login(TestServer.TARGET);
            assertEquals(0, initiator.exchange(initiator.manage(7, -1, 0)).byteAt(2));
            assertTrue(initiator.isClosedByTarget());
            assertTrue(other.isClosedByTarget());
        }
    }

    @Test
    void logoutWaitsForCommandsInFlightButNotForEver() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            server.disk().holdWrites();
            WirePdu write = initiator.write(0, random(512));
            initiator.send(write, initiator.logout(0));
            assertSilent(initiator);
            server.disk().releaseWrites();
            assertEquals(write.tag(), initiator.receive().tag());
            WirePdu left = initiator.receive();
            assertEquals(0x26, left.opcode());
            assertEquals(0, left.byteAt(2));
            assertTrue(initiator.isClosedByTarget());
        }
        try (TestServer server = new TestServer(NegotiationSettings.standard(), new TestSettings().build());
                TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            server.disk().holdWrites();
            initiator.send(initiator.write(0, random(512)), initiator.logout(0));
            assertEquals(0x26, initiator.receive().opcode());
            TestServer.await(
                    "the session is over", () -> server.server().sessions().isEmpty());
        }
    }

    @Test
    void refusesLogoutForRecoveryAndOfOtherConnections() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn()) {
            assertEquals(2, initiator.exchange(initiator.logout(2)).byteAt(2));
            assertEquals(
                    1, initiator.exchange(initiator.logout(1).putShort(20, 77)).byteAt(2));
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
        }
    }

    @Test
    void usesDigestsInBothDirections() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator =
                        server.logIn("HeaderDigest", "CRC32C", "DataDigest", "CRC32C", "ImmediateData", "Yes")) {
            byte[] data = random(4096);
            assertEquals(0, initiator.exchange(initiator.write(0, data)).status());
            initiator.send(initiator.read(0, 8));
            assertArrayEquals(data, initiator.receiveData(4096));
            assertArrayEquals(
                    new byte[] {1, 2, 3},
                    initiator.exchange(initiator.ping(new byte[] {1, 2, 3})).data());
            WirePdu odd = initiator.exchange(initiator.command(0xc1, 201, TestInitiator.cdb10(0x28, 0, 1)));
            assertArrayEquals(Arrays.copyOf(data, 201), odd.data());
        }
    }

    @Test
    void failsOneTaskForACorruptDataDigest() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("DataDigest", "CRC32C", "ImmediateData", "Yes")) {
            byte[] corrupt = initiator.encode(initiator.write(0, random(512)));
            corrupt[corrupt.length - 10] ^= 1;
            initiator.sendBytes(corrupt);
            WirePdu rejected = initiator.receive();
            assertEquals(REJECT, rejected.opcode());
            assertEquals(2, rejected.byteAt(2));
            assertEquals(48, rejected.data().length);
            WirePdu response = initiator.receive();
            assertEquals(0x0b4705, response.senseCode());
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
            assertArrayEquals(new byte[512], Arrays.copyOf(server.disk().content(), 512));
        }
    }

    @Test
    void dropsTheConnectionForACorruptHeaderDigest() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("HeaderDigest", "CRC32C")) {
            byte[] corrupt = initiator.encode(initiator.read(0, 1));
            corrupt[20] ^= 1;
            initiator.sendBytes(corrupt);
            assertTrue(initiator.isClosedByTarget());
            assertFalse(server.server().sessions().stream().anyMatch(session -> session.commandsInFlight() > 0));
        }
    }

    @Test
    void rejectsWhatItDoesNotUnderstandAndGoesOn() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("ImmediateData", "No")) {
            assertEquals(5, initiator.exchange(WirePdu.request(0x1c, 0x80)).byteAt(2), "unknown opcode");
            assertEquals(4, initiator.exchange(WirePdu.request(0x25, 0x80)).byteAt(2), "a target's PDU");
            assertEquals(3, initiator.exchange(WirePdu.request(0x10, 0x80)).byteAt(2), "SNACK");
            WirePdu write = initiator.command(0xa1, 512, TestInitiator.cdb10(0x2a, 0, 1));
            assertEquals(0x31, initiator.exchange(write).opcode());
            WirePdu same = initiator
                    .command(0xc1, 512, TestInitiator.cdb10(0x28, 0, 1))
                    .putInt(16, write.tag());
            WirePdu rejected = initiator.exchange(same);
            assertEquals(REJECT, rejected.opcode());
            assertEquals(7, rejected.byteAt(2), "task in progress");
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
        }
    }

    @Test
    void dropsAStreamOfGarbage() throws Exception {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        for (int i = 0; i < 10; i++) {
            try (TestServer server = new TestServer();
                    TestInitiator initiator = server.logIn()) {
                byte[] garbage = new byte[4096];
                random.nextBytes(garbage);
                garbage[5] = (byte) 0xff;
                initiator.sendBytes(garbage);
                assertTrue(initiator.isClosedByTarget(), "seed " + seed);
            }
        }
    }

    @Test
    void refusesUnsolicitedDataThatWasNotNegotiated() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn("InitialR2T", "Yes", "ImmediateData", "No")) {
            assertEquals(
                    0x0b0c0c,
                    initiator.exchange(initiator.write(0, random(512))).senseCode());
            WirePdu more = initiator.command(0x21, 512, TestInitiator.cdb10(0x2a, 0, 1));
            assertEquals(0x0b0c0c, initiator.exchange(more).senseCode());
        }
    }

    @Test
    void keepsSeveralReadyToTransfersInFlight() throws Exception {
        try (TestServer server = new TestServer(TestSettings.smallBursts(), new TestSettings().build());
                TestInitiator initiator =
                        server.logIn("MaxOutstandingR2T", "8", "ImmediateData", "No", "MaxBurstLength", "65536")) {
            byte[] data = random(5 * 8192);
            WirePdu write = initiator.command(0xa1, data.length, TestInitiator.cdb10(0x2a, 0, 80));
            initiator.send(write);
            List<WirePdu> asked = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                asked.add(initiator.receive());
            }
            assertSilent(initiator);
            for (int i = 0; i < 5; i++) {
                WirePdu ask = asked.get(i);
                byte[] part = Arrays.copyOfRange(data, ask.intAt(40), ask.intAt(40) + ask.intAt(44));
                initiator.send(initiator.dataOut(true, write.tag(), ask.intAt(20), 0, ask.intAt(40), part));
                if (i == 0) {
                    asked.add(initiator.receive());
                }
            }
            assertEquals(0, initiator.receive().status());
            assertArrayEquals(data, Arrays.copyOf(server.disk().content(), data.length));
        }
    }

    @Test
    void answersTaskSetFullWhenItsMemoryIsUsedUp() throws Exception {
        try (TestServer server = new TestServer(
                        NegotiationSettings.standard(),
                        new TestSettings().sessionMemoryBytesMax(64 << 10).build());
                TestInitiator initiator = server.logIn("ImmediateData", "No")) {
            WirePdu first = initiator.command(0xa1, 65536, TestInitiator.cdb10(0x2a, 0, 128));
            WirePdu ask = initiator.exchange(first);
            WirePdu second = initiator.command(0xa1, 512, TestInitiator.cdb10(0x2a, 0, 1));
            assertEquals(0x28, initiator.exchange(second).status());
            assertEquals(0x28, initiator.exchange(initiator.read(0, 1)).status());
            assertEquals(
                    0,
                    initiator
                            .exchange(initiator.dataOut(true, first.tag(), ask.intAt(20), 0, 0, random(65536)))
                            .status());
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
        }
    }

    @Test
    void readsNoFurtherFromAnInitiatorThatDoesNotRead() throws Exception {
        try (TestServer server = new TestServer(
                        NegotiationSettings.standard(),
                        new TestSettings().sendQueueBytesMax(1 << 20).build());
                TestInitiator slow = server.logIn("MaxRecvDataSegmentLength", "65536");
                TestInitiator other = server.connect().isid(77)) {
            int count = 120;
            for (int i = 0; i < count; i++) {
                slow.send(slow.read(0, 512));
            }
            other.login(TestServer.TARGET);
            assertEquals(0, other.exchange(other.read(0, 1)).status());
            assertTrue(
                    server.server().dataBytesInUse() < 4 << 20,
                    "in use: " + server.server().dataBytesInUse());
            for (int i = 0; i < count; i++) {
                slow.receiveData(512 * 512);
            }
        }
    }

    @Test
    void pingsASilentInitiatorAndDropsADeadOne() throws Exception {
        try (TestServer server = new TestServer(
                        NegotiationSettings.standard(),
                        new TestSettings()
                                .silence(Duration.ofMillis(150), Duration.ofMillis(400))
                                .build());
                TestInitiator initiator = server.logIn()) {
            WirePdu ping = initiator.receive();
            assertEquals(0x20, ping.opcode());
            assertEquals(-1, ping.tag());
            assertTrue(ping.intAt(20) != -1, "target transfer tag");
            initiator.send(initiator.ping(new byte[0]).putInt(16, -1).putInt(20, ping.intAt(20)));
            assertEquals(0x20, initiator.receive().opcode(), "the next ping, no answer to the answer");
            assertTrue(initiator.isClosedByTarget());
            TestServer.await(
                    "the session is over", () -> server.server().sessions().isEmpty());
            assertEquals(0, server.disk().openNexuses());
        }
    }

    @Test
    void asksForLogoutBeforeItStops() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator initiator = server.logIn()) {
            Thread stopping = new Thread(() -> server.server().stop(Duration.ofSeconds(5)), "stopping");
            stopping.start();
            WirePdu message = initiator.receive();
            assertEquals(0x32, message.opcode());
            assertEquals(1, message.byteAt(36), "logout request");
            assertEquals(5, message.shortAt(42));
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
            assertEquals(0x26, initiator.exchange(initiator.logout(0)).opcode());
            stopping.join(4000);
            assertFalse(stopping.isAlive());
        }
    }

    @Test
    void reinstatementWaitsForTheWritesOfTheOldSession() throws Exception {
        try (TestServer server = new TestServer();
                TestInitiator old = server.logIn("ImmediateData", "Yes");
                TestInitiator next = server.connect()) {
            server.disk().holdWrites();
            server.disk().keepWritesOnClose();
            byte[] data = random(4096);
            old.send(old.write(0, data));
            TestServer.await(
                    "the write executes",
                    () -> server.server().sessions().get(0).commandsInFlight() == 1);
            next.exchange(next.loginRequest(0x81, TestInitiator.names(TestServer.TARGET)));
            next.send(next.loginRequest(0x87, io.sluice.target.iscsi.pdu.TextKeys.EMPTY));
            assertSilent(next);
            server.disk().releaseWrites();
            assertEquals(0, next.receive().loginStatus());
            next.send(next.read(0, 8));
            assertArrayEquals(data, next.receiveData(4096));
        }
    }

    @Test
    void tellsAnInitiatorToComeAgainWhileItsOldSessionDoesNotEnd() throws Exception {
        try (TestServer server = new TestServer(
                        NegotiationSettings.standard(),
                        new TestSettings().loginTime(Duration.ofMillis(400)).build());
                TestInitiator old = server.logIn("ImmediateData", "Yes");
                TestInitiator next = server.connect()) {
            server.disk().holdWrites();
            server.disk().keepWritesOnClose();
            old.send(old.write(0, random(512)));
            TestServer.await(
                    "the write executes",
                    () -> server.server().sessions().get(0).commandsInFlight() == 1);
            assertEquals(0x0301, next.login(TestServer.TARGET).loginStatus());
            server.disk().releaseWrites();
            TestServer.await(
                    "the old one is gone", () -> server.server().sessions().isEmpty());
            try (TestInitiator later = server.connect()) {
                assertEquals(0, later.login(TestServer.TARGET).loginStatus());
            }
        }
    }
}
