package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.iscsi.TestInitiator;
import io.sluice.target.iscsi.WirePdu;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * One session writes much more than the journal holds, so that many of its writes wait inside the volume, and others wait
 * for their data. A second session stops all of it, takes the answer at its word and writes something else to the same
 * blocks. Whatever of the first writer's shows up there afterwards took effect behind the answer: on a cluster, corrupt
 * data. Writes that wait for journal space are served in their order, which hides a part of what could go wrong; that the
 * answer itself waits for writes under way is what {@code TaskManagementTest} and {@code SharedUnitTest} show.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ResetUnderLoadTest {
    private static final long SEED = Long.getLong("sluice.test.seed", 20261121);
    private static final int ROUNDS = 4;
    private static final int SECTOR_BYTES = 512;
    private static final int WRITE_BYTES = 64 << 10;
    private static final int SECTORS = WRITE_BYTES / SECTOR_BYTES;
    private static final int WRITES = 80;
    private static final int COLLECTING = 16;
    private static final long LATER_MILLIS = 300;
    private static final int CLEAR_TASK_SET = 4;
    private static final int LOGICAL_UNIT_RESET = 5;
    private static final int TARGET_WARM_RESET = 6;
    private static final int R2T = 0x31;
    private static final int SCSI_RESPONSE = 0x21;
    private static final int TMF_RESPONSE = 0x22;
    private static final long WRITER_ISID = 0x4000_0000_0001L;
    private static final long OTHER_ISID = 0x4000_0000_0002L;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private ConfigurationFiles files;

    @SuppressWarnings("NullAway.Init")
    private SluiceProcess server;

    private int secondPort;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private int stopped;

    @BeforeAll
    void startServer() throws Exception {
        files = ConfigurationFiles.in(directory);
        secondPort = ConfigurationFiles.freePort();
        files.fileStore()
                .server("portal-groups.\"2\" { portals = [\"127.0.0.1:" + secondPort + "\"], access = non-optimized }")
                .defaults(
                        "journal { capacity = 4 MiB, file-size = 1 MiB }",
                        "flush { segment-size = 1 MiB, max-bytes = 3 MiB }",
                        "read-cache.capacity = 64 MiB")
                .lun("shared", "size = 64 MiB");
        server = SluiceProcess.startWithVolumes(files);
    }

    @AfterAll
    void stopServer() throws IOException, InterruptedException {
        try (SluiceProcess ended = server) {
            assertEquals(0, ended.stop(), ended.log());
        }
    }

    @Test
    void noWriteTakesEffectBehindTheAnswerOfAReset() throws Exception {
        try (TestInitiator writer = session(files.port(), WRITER_ISID);
                TestInitiator other = session(secondPort, OTHER_ISID)) {
            for (int round = 0; round < ROUNDS; round++) {
                for (int function : new int[] {CLEAR_TASK_SET, LOGICAL_UNIT_RESET, TARGET_WARM_RESET}) {
                    Burst burst = burst(writer);
                    stopEverything(other, function);
                    awaitReady(other);
                    assertNothingChanges(other, "function " + function + ", round " + round);
                    byte[] mark = writeMark(other);
                    burst.sendLateData(writer);
                    stopped += burst.unanswered(writer);
                    assertMark(other, mark, "function " + function + ", round " + round);
                }
            }
        }
        report();
    }

    @Test
    void noWriteOfASessionTakesEffectBehindItsReinstatement() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            try (TestInitiator old = session(files.port(), WRITER_ISID)) {
                burst(old);
                try (TestInitiator next = session(files.port(), WRITER_ISID)) {
                    byte[] mark = writeMark(next);
                    assertTrue(old.isClosedByTarget());
                    assertMark(next, mark, "round " + round);
                }
            }
        }
    }

    private void report() {
        System.out.println("seed " + SEED + ": " + stopped + " of " + ROUNDS * 3 * (WRITES + COLLECTING)
                + " writes were stopped by resets");
        assertTrue(stopped >= ROUNDS * 3 * COLLECTING, "writes that wait for data are stopped for sure: " + stopped);
    }

    private TestInitiator session(int port, long isid) throws IOException {
        TestInitiator initiator =
                new TestInitiator(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)).isid(isid);
        initiator.socket().setSoTimeout(60_000);
        String target = ConfigurationFiles.target("shared");
        WirePdu login = initiator.login(
                target, "ImmediateData", "Yes", "FirstBurstLength", "65536", "MaxRecvDataSegmentLength", "262144");
        assertEquals(0, login.loginStatus(), "login");
        awaitReady(initiator);
        return initiator;
    }

    private static void awaitReady(TestInitiator initiator) throws IOException {
        for (int attempt = 0; attempt < 5; attempt++) {
            if (initiator.exchange(initiator.command(0x81, 0, new byte[6])).status() == 0) {
                return;
            }
        }
        throw new AssertionError("the LUN does not become ready");
    }

    /** Writes under way; {@code asked} are the R2Ts of those that wait for their data. */
    private record Burst(List<WirePdu> asked, List<WirePdu> answered) {
        /** What an initiator sends that has not heard of the reset yet. */
        void sendLateData(TestInitiator writer) throws IOException {
            for (WirePdu ask : asked) {
                writer.send(writer.dataOut(true, ask.tag(), ask.intAt(20), 0, 0, new byte[WRITE_BYTES]));
            }
        }

        /** Waits until the server has read everything; how many writes were never answered. */
        int unanswered(TestInitiator writer) throws IOException {
            WirePdu ready = writer.command(0x81, 0, new byte[6]);
            writer.send(ready);
            int answers = answered.size();
            while (true) {
                WirePdu pdu = writer.receive();
                if (pdu.tag() == ready.tag()) {
                    awaitReady(writer);
                    return WRITES + COLLECTING - answers;
                }
                answers += pdu.opcode() == SCSI_RESPONSE ? 1 : 0;
            }
        }
    }

    /** Sends many writes and returns when the server has read them all. */
    private Burst burst(TestInitiator writer) throws IOException {
        for (int i = 0; i < WRITES; i++) {
            writer.send(writer.write(i * SECTORS, bytes()));
        }
        for (int i = 0; i < COLLECTING; i++) {
            writer.send(writer.command(0xa1, WRITE_BYTES, TestInitiator.cdb10(0x2a, i * SECTORS, SECTORS)));
        }
        WirePdu ping = writer.ping(new byte[0]);
        writer.send(ping);
        Burst burst = new Burst(new ArrayList<>(), new ArrayList<>());
        while (true) {
            WirePdu pdu = writer.receive();
            if (pdu.tag() == ping.tag()) {
                assertEquals(COLLECTING, burst.asked().size(), "R2Ts");
                return burst;
            }
            if (pdu.opcode() == R2T) {
                burst.asked().add(pdu);
            } else {
                assertEquals(SCSI_RESPONSE, pdu.opcode());
                burst.answered().add(pdu);
            }
        }
    }

    private byte[] bytes() {
        byte[] bytes = new byte[WRITE_BYTES];
        random.nextBytes(bytes);
        return bytes;
    }

    /** As hosts do: again, until it is done. */
    private static void stopEverything(TestInitiator other, int function) throws IOException {
        for (int attempt = 0; attempt < 10; attempt++) {
            WirePdu response = other.exchange(other.manage(function, -1, 0));
            assertEquals(TMF_RESPONSE, response.opcode());
            if (response.byteAt(2) == 0) {
                return;
            }
            assertEquals(255, response.byteAt(2), "rejected while writes are stuck");
        }
        throw new AssertionError("function " + function + " is never done");
    }

    private byte[] writeMark(TestInitiator initiator) throws IOException {
        byte[] mark = bytes();
        for (int i = 0; i < WRITES; i++) {
            assertEquals(
                    0, initiator.exchange(initiator.write(i * SECTORS, mark)).status());
        }
        return mark;
    }

    /** A write that the answer has forgotten would show up between two readings: it waits for room in the journal. */
    private static void assertNothingChanges(TestInitiator initiator, String when)
            throws IOException, InterruptedException {
        List<byte[]> first = readAll(initiator);
        Thread.sleep(LATER_MILLIS);
        List<byte[]> later = readAll(initiator);
        for (int i = 0; i < WRITES; i++) {
            assertArrayEquals(first.get(i), later.get(i), when + ", seed " + SEED + ", write " + i);
        }
    }

    private static List<byte[]> readAll(TestInitiator initiator) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < WRITES; i++) {
            initiator.send(initiator.read(i * SECTORS, SECTORS));
            all.add(initiator.receiveData(WRITE_BYTES));
        }
        return all;
    }

    private static void assertMark(TestInitiator initiator, byte[] mark, String when) throws IOException {
        for (int i = 0; i < WRITES; i++) {
            initiator.send(initiator.read(i * SECTORS, SECTORS));
            assertArrayEquals(mark, initiator.receiveData(WRITE_BYTES), when + ", seed " + SEED + ", write " + i);
        }
    }
}
