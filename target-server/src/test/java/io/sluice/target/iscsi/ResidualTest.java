package io.sluice.target.iscsi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is told when EDTL, flags and CDB do not agree (RFC 7143 section 11.4.5), over a real socket. */
final class ResidualTest {
    private static final int OVERFLOW = 0x04;
    private static final int UNDERFLOW = 0x02;
    private static final int READ = 0xc1;
    private static final int WRITE = 0xa1;
    private static final int NEITHER = 0x81;

    private final TestServer server = new TestServer();

    ResidualTest() throws Exception {}

    @AfterEach
    void stop() {
        server.close();
    }

    private void assertResidual(WirePdu answer, int flags, int residual) {
        assertEquals(0, answer.status());
        assertEquals(flags, answer.flags() & (OVERFLOW | UNDERFLOW), "O and U");
        assertEquals(residual, answer.residual());
    }

    private WirePdu read(TestInitiator initiator, int flags, int expected, int blocks) throws Exception {
        return initiator.exchange(initiator.command(flags, expected, TestInitiator.cdb10(0x28, 0, blocks)));
    }

    private WirePdu write(TestInitiator initiator, int flags, int expected, int blocks) throws Exception {
        WirePdu command = initiator.command(flags, expected, TestInitiator.cdb10(0x2a, 0, blocks));
        return initiator.exchange((flags & 0x20) == 0 ? command : command.data(new byte[expected]));
    }

    @Test
    void readsMatchOrDiffer() throws Exception {
        try (TestInitiator initiator = server.logIn("MaxRecvDataSegmentLength", "65536")) {
            assertResidual(read(initiator, READ, 512, 1), 0, 0);
            assertResidual(read(initiator, READ, 10_000, 1), UNDERFLOW, 9_488);
            WirePdu cut = read(initiator, READ, 200, 1);
            assertEquals(200, cut.data().length);
            assertResidual(cut, OVERFLOW, 312);
            assertResidual(read(initiator, READ, 512, 2), OVERFLOW, 512);
            assertResidual(read(initiator, READ, 0, 1), OVERFLOW, 512);
            assertResidual(read(initiator, NEITHER, 0, 1), OVERFLOW, 512);
            assertResidual(read(initiator, READ, 512, 0), UNDERFLOW, 512);
        }
    }

    @Test
    void writesMatchOrDiffer() throws Exception {
        try (TestInitiator initiator = server.logIn("ImmediateData", "Yes", "FirstBurstLength", "65536")) {
            assertResidual(write(initiator, WRITE, 512, 1), 0, 0);
            assertResidual(write(initiator, WRITE, 10_000, 1), UNDERFLOW, 9_488);
            assertResidual(write(initiator, WRITE, 200, 1), OVERFLOW, 312);
            assertResidual(write(initiator, WRITE, 512, 2), OVERFLOW, 512);
            assertResidual(write(initiator, WRITE, 0, 1), OVERFLOW, 512);
            assertResidual(write(initiator, NEITHER, 0, 1), OVERFLOW, 512);
        }
    }

    @Test
    void directionsThatContradictTheCdbStillComplete() throws Exception {
        try (TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            WirePdu readAsWrite = initiator.exchange(initiator
                    .command(WRITE, 512, TestInitiator.cdb10(0x28, 0, 1))
                    .data(new byte[512]));
            assertResidual(readAsWrite, UNDERFLOW, 512);
            assertResidual(write(initiator, READ, 512, 1), UNDERFLOW, 512);
            assertResidual(read(initiator, READ, 512, 1), 0, 0);
        }
    }

    @Test
    void bidirectionalCommandsTellBothResiduals() throws Exception {
        try (TestInitiator initiator = server.logIn("ImmediateData", "Yes")) {
            WirePdu command = initiator
                    .command(WIDE, 1024, TestInitiator.cdb10(0x28, 0, 1))
                    .data(new byte[1024]);
            initiator.send(command);
            WirePdu response = initiator.receive();
            assertEquals(0x21, response.opcode());
            assertEquals(0x10 | UNDERFLOW, response.flags() & 0x1e, "read overflow, write underflow");
            assertEquals(1024, response.residual());
            assertEquals(512, response.intAt(40));
        }
    }

    private static final int WIDE = 0xe1;

    @Test
    void shortAnswersUnderflow() throws Exception {
        try (TestInitiator initiator = server.logIn()) {
            byte[] inquiry = {0x12, 0, 0, 0, (byte) 255, 0};
            WirePdu answer = initiator.exchange(initiator.command(READ, 255, inquiry));
            assertEquals(96, answer.data().length);
            assertResidual(answer, UNDERFLOW, 255 - 96);
        }
    }

    @Test
    void failedReadsMoveNothing() throws Exception {
        try (TestInitiator initiator = server.logIn()) {
            WirePdu answer =
                    initiator.exchange(initiator.command(READ, 512, TestInitiator.cdb10(0x28, 0x7fff_fff0, 1)));
            assertEquals(2, answer.status());
            assertEquals(UNDERFLOW, answer.flags() & (OVERFLOW | UNDERFLOW));
            assertEquals(512, answer.residual());
        }
    }
}
