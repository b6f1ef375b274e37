package io.sluice.target.iscsi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.iscsi.login.NegotiationSettings;
import io.sluice.target.iscsi.session.PortalAddress;
import io.sluice.target.iscsi.session.SessionSettings;
import io.sluice.target.iscsi.session.TargetDirectory;
import io.sluice.target.lun.LogicalUnit;
import io.sluice.target.lun.LogicalUnitIdentity;
import io.sluice.target.lun.LogicalUnitSettings;
import io.sluice.target.lun.RamVolume;
import io.sluice.target.scsi.ScsiTarget;
import io.sluice.target.scsi.TargetDevice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several sessions, on two portal groups, and one logical unit behind the real device server: what one does to others. */
final class SharedUnitTest {
    private static final String TARGET = "iqn.2026-11.io.sluice:shared";
    private static final int TEST_UNIT_READY = 0x00;
    private static final int CLEAR_TASK_SET = 4;
    private static final int LOGICAL_UNIT_RESET = 5;
    private static final int TARGET_WARM_RESET = 6;
    private static final int TARGET_COLD_RESET = 7;
    /** MODE SELECT (6) list: the control mode page with TAS set. */
    private static final byte[] WITH_TASK_ABORTED_STATUS = HexFormat.of().parseHex("000000000a0a021000400000ffff0000");

    private final RamVolume volume = new RamVolume(1 << 20);
    private final TargetDevice target = new TargetDevice(TARGET, List.of(1, 2));
    private @Nullable IscsiServer server;

    private IscsiServer start(SessionSettings settings) throws IOException {
        target.addLogicalUnit(
                0,
                new LogicalUnit(
                        volume, LogicalUnitIdentity.ofVolume(new UUID(1, 2), "0001"), LogicalUnitSettings.DEFAULT));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        IscsiServer started = new IscsiServer(
                new IscsiSettings(
                        List.of(new PortalAddress(any, 1), new PortalAddress(any, 2)),
                        List.of(),
                        2,
                        TestServer.BUSY_POLL_MAX,
                        64,
                        NegotiationSettings.standard(),
                        settings),
                new Directory(),
                new TestClock());
        server = started;
        started.start();
        return started;
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    /** A session on one of the two portals that has taken its first unit attention. */
    private TestInitiator session(int portal, long isid, String... keys) throws IOException {
        IscsiServer running = java.util.Objects.requireNonNull(server);
        TestInitiator initiator =
                new TestInitiator(running.boundPortals().get(portal).address()).isid(isid);
        assertEquals(0, initiator.login(TARGET, keys).loginStatus());
        assertTrue(ready(initiator).senseCode() != 0);
        assertEquals(0, ready(initiator).status());
        return initiator;
    }

    private static WirePdu ready(TestInitiator initiator) throws IOException {
        return initiator.exchange(initiator.command(0x81, 0, new byte[] {TEST_UNIT_READY, 0, 0, 0, 0, 0}));
    }

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
    void resetsDropTasksOfOtherSessionsThatStillCollectData() throws Exception {
        start(SessionSettings.standard());
        for (int function : new int[] {CLEAR_TASK_SET, LOGICAL_UNIT_RESET, TARGET_WARM_RESET}) {
            try (TestInitiator one = session(0, 1, "ImmediateData", "No");
                    TestInitiator two = session(1, 2, "ImmediateData", "No")) {
                WirePdu write = two.command(0xa1, 1024, TestInitiator.cdb10(0x2a, 0, 2));
                WirePdu ask = two.exchange(write);
                assertEquals(0, one.exchange(one.manage(function, -1, 0)).byteAt(2), "function " + function);
                two.send(two.dataOut(true, write.tag(), ask.intAt(20), 0, 0, random(1024)));
                assertSilent(two);
                assertArrayEquals(new byte[1024], volume.contents(0, 1024));
                int told = function == CLEAR_TASK_SET ? 0x062f00 : 0x062903;
                assertEquals(told, ready(two).senseCode(), "function " + function);
                assertEquals(0, ready(two).status());
                assertTrue(server().dataBytesInUse() < 1024, "its memory is back");
            }
        }
    }

    private IscsiServer server() {
        return java.util.Objects.requireNonNull(server);
    }

    @Test
    void withTasOthersGetTaskAbortedForTasksThatCollectOrExecute() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator one = session(0, 1, "ImmediateData", "Yes");
                TestInitiator two = session(1, 2, "ImmediateData", "Yes")) {
            byte[] select = {0x15, 0x10, 0, 0, (byte) WITH_TASK_ABORTED_STATUS.length, 0};
            WirePdu modeSelect =
                    one.command(0xa1, WITH_TASK_ABORTED_STATUS.length, select).data(WITH_TASK_ABORTED_STATUS);
            assertEquals(0, one.exchange(modeSelect).status());
            assertEquals(0x062a01, ready(two).senseCode());
            volume.hold();
            WirePdu executing = two.write(0, random(512));
            WirePdu collecting = two.command(0xa1, 1024, TestInitiator.cdb10(0x2a, 8, 2));
            two.send(executing);
            assertEquals(0x31, two.exchange(collecting).opcode());
            WirePdu function = one.manage(CLEAR_TASK_SET, -1, 0);
            one.send(function);
            WirePdu first = two.receive();
            assertEquals(collecting.tag(), first.tag());
            assertEquals(0x40, first.status(), "TASK ABORTED");
            assertSilent(one);
            volume.release();
            WirePdu second = two.receive();
            assertEquals(executing.tag(), second.tag());
            assertEquals(0x40, second.status(), "TASK ABORTED");
            assertEquals(function.tag(), one.receive().tag());
            assertEquals(0, ready(two).status(), "told by the status, not by unit attention");
        }
    }

    @Test
    void aStuckWriteMakesTheFunctionRejectedAndNeverComplete() throws Exception {
        start(new TestSettings().abortTime(Duration.ofMillis(300)).build());
        try (TestInitiator initiator = session(0, 1, "ImmediateData", "Yes")) {
            volume.hold();
            WirePdu write = initiator.write(0, random(512));
            initiator.send(write);
            TestServer.await("the write is with the volume", () -> volume.heldOperations() == 1);
            WirePdu abort = initiator.exchange(initiator.manage(1, write.tag(), write.intAt(24)));
            assertEquals(255, abort.byteAt(2), "rejected");
            WirePdu reset = initiator.exchange(initiator.manage(LOGICAL_UNIT_RESET, -1, 0));
            assertEquals(255, reset.byteAt(2), "rejected");
            volume.release();
            assertSilent(initiator);
            assertEquals(
                    0,
                    initiator
                            .exchange(initiator.manage(LOGICAL_UNIT_RESET, -1, 0))
                            .byteAt(2));
        }
    }

    @Test
    void aStuckReadHoldsNoFunctionBackAndItsTagIsFreeAgain() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator initiator = session(0, 1)) {
            volume.hold();
            WirePdu read = initiator.read(0, 1);
            initiator.send(read);
            TestServer.await("the read is with the volume", () -> volume.heldOperations() == 1);
            WirePdu abort = initiator.exchange(initiator.manage(1, read.tag(), read.intAt(24)));
            assertEquals(0x22, abort.opcode());
            assertEquals(0, abort.byteAt(2));
            WirePdu again = initiator
                    .command(0x81, 0, new byte[] {TEST_UNIT_READY, 0, 0, 0, 0, 0})
                    .putInt(16, read.tag());
            assertEquals(0, initiator.exchange(again).status());
            volume.release();
            assertSilent(initiator);
            TestServer.await("its memory is back", () -> server().dataBytesInUse() == 0);
        }
    }

    @Test
    void aSessionThatComesBackDoesNotWaitForStuckReadsOfTheOldOne() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator old = session(0, 1);
                TestInitiator next =
                        new TestInitiator(server().boundPortals().get(0).address()).isid(1)) {
            volume.hold();
            old.send(old.read(0, 1));
            TestServer.await("the read is with the volume", () -> volume.heldOperations() == 1);
            assertEquals(0, next.login(TARGET).loginStatus());
            assertEquals(0x062907, ready(next).senseCode(), "I_T nexus loss");
            assertTrue(old.isClosedByTarget());
            volume.release();
            assertEquals(0, ready(next).status());
        }
    }

    @Test
    void coldResetEndsEverySessionAndIsAPowerOnToThoseThatComeBack() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator one = session(0, 1);
                TestInitiator two = session(1, 2)) {
            assertEquals(0, one.exchange(one.manage(TARGET_COLD_RESET, -1, 0)).byteAt(2));
            assertTrue(one.isClosedByTarget());
            assertTrue(two.isClosedByTarget());
        }
        TestServer.await("the sessions are over", () -> server().sessions().isEmpty());
        try (TestInitiator again =
                new TestInitiator(server().boundPortals().get(0).address())) {
            assertEquals(0, again.isid(1).login(TARGET).loginStatus());
            assertEquals(0x062900, ready(again).senseCode());
        }
    }

    @Test
    void abortTaskClosesTheGapOfACommandThatNeverCame() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator initiator = session(0, 1)) {
            WirePdu lost = initiator.read(0, 1);
            WirePdu waiting = initiator.read(1, 1);
            initiator.send(waiting);
            assertSilent(initiator);
            WirePdu abort = initiator.exchange(initiator.manage(1, lost.tag(), lost.intAt(24)));
            assertEquals(0x22, abort.opcode());
            assertEquals(0, abort.byteAt(2), "function complete");
            assertEquals(waiting.tag(), initiator.receive().tag());
            initiator.send(lost);
            assertSilent(initiator);
            assertEquals(0, ready(initiator).status());
        }
    }

    @Test
    void abortTaskTakesACommandThatWaitsForAnEarlierOne() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator initiator = session(0, 1, "ImmediateData", "Yes")) {
            WirePdu first = initiator.read(0, 1);
            WirePdu second = initiator.write(0, random(512));
            initiator.send(second);
            assertEquals(
                    0,
                    initiator
                            .exchange(initiator.manage(1, second.tag(), second.intAt(24)))
                            .byteAt(2));
            initiator.send(first);
            assertEquals(first.tag(), initiator.receive().tag());
            assertEquals(0, ready(initiator).status());
            assertArrayEquals(new byte[512], volume.contents(0, 512));
        }
    }

    @Test
    void aResetOfAFlatAddressedLunReachesTasksOfThePeripheralAddressedOne() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator initiator = session(0, 1, "ImmediateData", "No")) {
            WirePdu write = initiator.command(0xa1, 512, TestInitiator.cdb10(0x2a, 0, 1));
            WirePdu ask = initiator.exchange(write);
            WirePdu reset = initiator.manage(LOGICAL_UNIT_RESET, -1, 0).putBytes(8, new byte[] {0x40, 0});
            assertEquals(0, initiator.exchange(reset).byteAt(2));
            initiator.send(initiator.dataOut(true, write.tag(), ask.intAt(20), 0, 0, random(512)));
            assertSilent(initiator);
            assertArrayEquals(new byte[512], volume.contents(0, 512));
        }
    }

    @Test
    void aChangedInventoryIsToldAtOnceToEverySession() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator one = session(0, 1);
                TestInitiator two = session(1, 2)) {
            target.addLogicalUnit(
                    7,
                    new LogicalUnit(
                            new RamVolume(1 << 20),
                            LogicalUnitIdentity.ofVolume(new UUID(1, 3), "0001"),
                            LogicalUnitSettings.DEFAULT));
            for (TestInitiator initiator : List.of(one, two)) {
                WirePdu message = initiator.receive();
                assertEquals(0x32, message.opcode());
                assertEquals(-1, message.tag());
                assertEquals(0, message.byteAt(36), "SCSI event");
                byte[] sense = Arrays.copyOfRange(message.data(), 2, message.data().length);
                assertEquals(18, message.data()[1]);
                assertEquals(6, sense[2]);
                assertEquals(0x3f, sense[12]);
                assertEquals(0x0e, sense[13]);
                assertEquals(0x063f0e, ready(initiator).senseCode());
                assertEquals(0, ready(initiator).status());
            }
        }
    }

    @Test
    void everyPathTellsItsOwnPortAndTheSameGroups() throws Exception {
        start(SessionSettings.standard());
        byte[][] groups = new byte[2][];
        for (int portal = 0; portal < 2; portal++) {
            IscsiServer running = server();
            try (TestInitiator initiator =
                    new TestInitiator(running.boundPortals().get(portal).address()).isid(portal)) {
                WirePdu first = initiator.exchange(initiator.loginRequest(0x81, TestInitiator.names(TARGET)));
                assertEquals(
                        Integer.toString(portal + 1),
                        first.keys().find("TargetPortalGroupTag").orElse(""));
                assertEquals(0, initiator.finishLogin().loginStatus());
                byte[] page = initiator
                        .exchange(initiator.command(0xc1, 1024, HexFormat.of().parseHex("120183040000")))
                        .data();
                String hexadecimal = HexFormat.of().formatHex(page);
                assertTrue(hexadecimal.contains("519400040000000" + (portal + 1)), "relative port " + hexadecimal);
                assertTrue(hexadecimal.contains("519500040000000" + (portal + 1)), "port group " + hexadecimal);
                ready(initiator);
                groups[portal] = initiator
                        .exchange(initiator.command(0xc1, 256, HexFormat.of().parseHex("a30a00000000000001000000")))
                        .data();
            }
        }
        assertEquals(4 + 2 * 12, groups[0].length);
        assertArrayEquals(groups[0], groups[1]);
    }

    @Test
    void initiatorsThatDoNotLogOutAreToldThatTheConnectionEnds() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator initiator = session(0, 1)) {
            Thread stopping = new Thread(() -> server().stop(Duration.ofMillis(300)), "stopping");
            stopping.start();
            WirePdu wish = initiator.receive();
            assertEquals(0x32, wish.opcode());
            assertEquals(1, wish.byteAt(36), "logout request");
            assertEquals(1, wish.shortAt(42), "at least a second");
            WirePdu end = initiator.receive();
            assertEquals(0x32, end.opcode());
            assertEquals(2, end.byteAt(36), "the connection ends");
            assertTrue(initiator.isClosedByTarget());
            stopping.join(5000);
        }
    }

    @Test
    void oneSessionIsEndedWhileTheOthersGoOn() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator one = session(0, 1);
                TestInitiator two = session(1, 2)) {
            Thread ending = new Thread(() -> endFirstSession());
            ending.start();
            assertEquals(1, one.receive().byteAt(36), "logout request");
            assertEquals(0, ready(one).status(), "it has time");
            assertEquals(2, one.receive().byteAt(36), "the connection ends");
            assertTrue(one.isClosedByTarget());
            assertEquals(0, ready(two).status());
            ending.join();
            assertEquals(1, server().sessions().size());
        }
    }

    private void endFirstSession() {
        try {
            server().endSessions(session -> session.isid() == 1, "may not use it any more", Duration.ofMillis(300));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aWriteIsAnsweredBeforeTheResetBehindItOrNotAtAll() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator initiator = session(0, 1, "ImmediateData", "Yes")) {
            for (boolean together : new boolean[] {true, false}) {
                WirePdu write = initiator.write(0, random(4096));
                WirePdu reset = initiator.manage(LOGICAL_UNIT_RESET, -1, 0);
                if (together) {
                    initiator.send(write, reset);
                } else {
                    initiator.send(write);
                    initiator.send(reset);
                }
                WirePdu first = initiator.receive();
                if (first.tag() == write.tag()) {
                    assertEquals(0, first.status());
                    first = initiator.receive();
                }
                assertEquals(reset.tag(), first.tag());
                assertEquals(0, first.byteAt(2), "function complete");
                assertEquals(0x062903, ready(initiator).senseCode());
            }
        }
    }

    @Test
    void aSessionThatComesBackReleasesWhatTheOldOneHadReserved() throws Exception {
        start(SessionSettings.standard());
        try (TestInitiator old = session(0, 1);
                TestInitiator other = session(1, 2);
                TestInitiator next =
                        new TestInitiator(server().boundPortals().get(0).address()).isid(1)) {
            assertEquals(
                    0,
                    old.exchange(old.command(0x81, 0, new byte[] {0x16, 0, 0, 0, 0, 0}))
                            .status());
            assertEquals(0x18, ready(other).status(), "reservation conflict");
            assertEquals(0, next.login(TARGET).loginStatus());
            assertEquals(0, ready(other).status());
            assertEquals(0x062907, ready(next).senseCode());
        }
    }

    /** The one target, for everybody. */
    private final class Directory implements TargetDirectory {
        @Override
        public @Nullable ScsiTarget find(String targetName) {
            return targetName.equals(TARGET) ? target : null;
        }

        @Override
        public List<String> visibleTo(String initiatorName, InetAddress address) {
            return List.of(TARGET);
        }
    }
}
