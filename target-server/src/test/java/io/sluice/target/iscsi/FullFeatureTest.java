package io.sluice.target.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands and data over a real socket (RFC 7143 section 4.2.5). */
final class FullFeatureTest {
    private static final int LAST = 0x80;

    private TestServer server = new TestServer();

    FullFeatureTest() throws Exception {}

    @BeforeEach
    void start() throws Exception {
        server.close();
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] random(int bytes) {
        byte[] all = new byte[bytes];
        new Random(bytes).nextBytes(all);
        return all;
    }

    private byte[] stored(int bytes) {
        return Arrays.copyOf(server.disk().content(), bytes);
    }

    @Test
    void writesImmediateDataAndReadsItBack() throws Exception {
        try (TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            byte[] data = random(4096);
            WirePdu response = initiator.exchange(initiator.write(8, data));
            assertEquals(0x21, response.opcode());
            assertEquals(0, response.status());
            initiator.send(initiator.read(8, 8));
            assertArrayEquals(data, initiator.receiveData(4096));
        }
    }

    @Test
    void asksForDataByReadyToTransferAndTakesItInPieces() throws Exception {
        try (TestInitiator initiator = server.logIn("MaxBurstLength", "8192", "ImmediateData", "No")) {
            byte[] data = random(16384);
            WirePdu command = initiator.command(0xa1, 16384, TestInitiator.cdb10(0x2a, 0, 32));
            for (int burst = 0; burst < 2; burst++) {
                WirePdu ask = burst == 0 ? initiator.exchange(command) : initiator.receive();
                assertEquals(0x31, ask.opcode());
                assertEquals(burst, ask.intAt(36), "R2TSN");
                assertEquals(burst * 8192, ask.intAt(40));
                assertEquals(8192, ask.intAt(44));
                for (int piece = 0; piece < 2; piece++) {
                    int at = (burst * 8192) + (piece * 4096);
                    initiator.send(initiator.dataOut(
                            piece == 1,
                            command.tag(),
                            ask.intAt(20),
                            piece,
                            at,
                            Arrays.copyOfRange(data, at, at + 4096)));
                }
            }
            assertEquals(0, initiator.receive().status());
            assertArrayEquals(data, stored(16384));
        }
    }

    @Test
    void takesUnsolicitedDataThenAsksForTheRest() throws Exception {
        try (TestInitiator initiator = server.logIn(
                "InitialR2T", "No", "ImmediateData", "Yes", "FirstBurstLength", "4096", "MaxBurstLength", "65536")) {
            byte[] data = random(8192);
            WirePdu command = initiator
                    .command(0x21, 8192, TestInitiator.cdb10(0x2a, 0, 16))
                    .data(Arrays.copyOf(data, 1024));
            initiator.send(
                    command,
                    initiator.unsolicited(false, command.tag(), 0, 1024, Arrays.copyOfRange(data, 1024, 2048)),
                    initiator.unsolicited(true, command.tag(), 1, 2048, Arrays.copyOfRange(data, 2048, 4096)));
            WirePdu ask = initiator.receive();
            assertEquals(0x31, ask.opcode());
            assertEquals(4096, ask.intAt(40));
            assertEquals(4096, ask.intAt(44));
            initiator.send(initiator.dataOut(
                    true, command.tag(), ask.intAt(20), 0, 4096, Arrays.copyOfRange(data, 4096, 8192)));
            assertEquals(0, initiator.receive().status());
            assertArrayEquals(data, stored(8192));
        }
    }

    @Test
    void keepsDataOutOfTasksApartHoweverItIsInterleaved() throws Exception {
        try (TestInitiator initiator = server.logIn("InitialR2T", "No", "ImmediateData", "No")) {
            byte[] data = random(4096);
            WirePdu first = initiator.command(0x21, 2048, TestInitiator.cdb10(0x2a, 0, 4));
            WirePdu second = initiator.command(0x21, 2048, TestInitiator.cdb10(0x2a, 4, 4));
            WirePdu ping = initiator.ping(new byte[] {1, 2, 3});
            initiator.send(
                    first,
                    second,
                    initiator.unsolicited(false, second.tag(), 0, 0, Arrays.copyOfRange(data, 2048, 3072)),
                    ping,
                    initiator.unsolicited(false, first.tag(), 0, 0, Arrays.copyOfRange(data, 0, 1024)),
                    initiator.unsolicited(true, second.tag(), 1, 1024, Arrays.copyOfRange(data, 3072, 4096)),
                    initiator.unsolicited(true, first.tag(), 1, 1024, Arrays.copyOfRange(data, 1024, 2048)));
            WirePdu pong = initiator.receive();
            assertEquals(0x20, pong.opcode());
            assertArrayEquals(new byte[] {1, 2, 3}, pong.data());
            assertEquals(second.tag(), initiator.receive().tag());
            assertEquals(first.tag(), initiator.receive().tag());
            assertArrayEquals(data, stored(4096));
        }
    }

    @Test
    void neverAnswersGoodToWrongDataNumbers() throws Exception {
        for (int wrong : new int[] {1, 27, -1}) {
            try (TestInitiator initiator = server.logIn("InitialR2T", "No", "ImmediateData", "No")) {
                WirePdu command = initiator.command(0x21, 1024, TestInitiator.cdb10(0x2a, 0, 2));
                initiator.send(command, initiator.unsolicited(true, command.tag(), wrong, 0, random(1024)));
                WirePdu response = initiator.receive();
                assertEquals(2, response.status(), "CHECK CONDITION");
                assertEquals(0x0b4705, response.senseCode());
                assertEquals(0, initiator.exchange(initiator.read(0, 1)).status(), "the session goes on");
            }
        }
        assertArrayEquals(new byte[1024], stored(1024));
    }

    @Test
    void cutsDataInToTheInitiatorsSegmentsAndBursts() throws Exception {
        try (TestInitiator initiator = server.logIn("MaxRecvDataSegmentLength", "1024", "MaxBurstLength", "2048")) {
            byte[] data = random(4608);
            server.disk().fill(0, data);
            initiator.send(initiator.read(0, 9));
            int[] lengths = {1024, 1024, 1024, 1024, 512};
            boolean[] finals = {false, true, false, true, true};
            for (int i = 0; i < lengths.length; i++) {
                WirePdu piece = initiator.receive();
                assertEquals(lengths[i], piece.data().length);
                assertEquals(i, piece.intAt(36), "DataSN");
                assertEquals(finals[i], (piece.flags() & LAST) != 0, "F of piece " + i);
                assertEquals(i == 4, (piece.flags() & 1) != 0, "S of piece " + i);
            }
        }
    }

    @Test
    void answersInvalidCommandsWithSenseInAScsiResponse() throws Exception {
        try (TestInitiator initiator = server.logIn()) {
            WirePdu response = initiator.exchange(initiator.command(0x81, 0, new byte[] {(byte) 0xff}));
            assertEquals(0x21, response.opcode());
            assertEquals(2, response.status());
            assertEquals(0x052000, response.senseCode());
            assertEquals(18, response.data()[1]);
        }
    }

    @Test
    void aCommandThatBreaksInsideTheServerFailsAloneWithHardwareError() throws Exception {
        try (TestInitiator initiator = server.logIn()) {
            WirePdu response = initiator.exchange(initiator.command(0x81, 0, new byte[] {(byte) 0xee}));
            assertEquals(0x044400, response.senseCode());
            assertEquals(0, initiator.exchange(initiator.read(0, 1)).status());
        }
    }

    @Test
    void completesTasksThatEndOnOtherThreads() throws Exception {
        server.disk().completeElsewhere();
        try (TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            byte[] data = random(2048);
            assertEquals(0, initiator.exchange(initiator.write(0, data)).status());
            initiator.send(initiator.read(0, 4));
            assertArrayEquals(data, initiator.receiveData(2048));
        }
    }

    @Test
    void keepsTheDataOfUnfinishedWritesWhileTheConnectionReadsOn() throws Exception {
        server.disk().holdWrites();
        try (TestInitiator initiator = server.logIn("ImmediateData", "Yes", "MaxBurstLength", "262144")) {
            byte[] data = random(64 * 8192);
            for (int i = 0; i < 64; i++) {
                initiator.send(initiator.write(i * 16, Arrays.copyOfRange(data, i * 8192, (i + 1) * 8192)));
            }
            for (int i = 0; i < 500; i++) {
                initiator.exchange(initiator.ping(random(4096)));
            }
            server.disk().releaseWrites();
            for (int i = 0; i < 64; i++) {
                assertEquals(0, initiator.receive().status());
            }
            assertArrayEquals(data, stored(data.length));
        }
    }

    @Test
    void tasksGiveAllTheirMemoryBack() throws Exception {
        try (TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            for (int i = 0; i < 50; i++) {
                initiator.send(initiator.read(0, 64));
                initiator.receiveData(64 * 512);
            }
            TestServer.await(
                    "all bytes are counted",
                    () -> server.server().sessions().get(0).sentBytes() > 50 * 64 * 512);
        }
        TestServer.await("all data buffers are back", () -> server.server().dataBytesInUse() == 0);
    }
}
