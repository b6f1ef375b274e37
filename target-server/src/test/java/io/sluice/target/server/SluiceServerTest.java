package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.admin.AdminClient;
import io.sluice.target.admin.Json;
import io.sluice.target.cli.CommandRun;
import io.sluice.target.cli.ExitStatus;
import io.sluice.target.cli.LogCapture;
import io.sluice.target.cli.ServerFolder;
import io.sluice.target.iscsi.RamDisk;
import io.sluice.target.iscsi.TestInitiator;
import io.sluice.target.iscsi.WirePdu;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SluiceServerTest {
    private static final int TEST_UNIT_READY_TRIES = 5;

    private Path directory;

    private ServerFolder folder;

    @BeforeEach
    void createAVolume(@TempDir Path temporary) {
        directory = temporary;
        folder = new ServerFolder(directory).lun(0, "disk", "");
        folder.run("volume", "create", "disk").expect(ExitStatus.OK);
    }

    @Test
    void servesUntilAskedToStopAndFindsTheDataAgain() throws Exception {
        byte[] block = new byte[RamDisk.BLOCK_BYTES];
        Arrays.fill(block, (byte) 0x5a);
        try (ServerThread server = ServerThread.start(folder);
                TestInitiator initiator = logIn(server.awaitReady())) {
            assertEquals(0, initiator.exchange(initiator.write(8, block)).byteAt(3));
            server.stopCleanly();
        }
        assertTrue(isClosedCleanly("disk"));
        assertFalse(Files.exists(folder.path("admin.sock")));
        try (ServerThread server = ServerThread.start(folder);
                TestInitiator initiator = logIn(server.awaitReady())) {
            initiator.send(initiator.read(8, 1));
            assertArrayEquals(block, initiator.receiveData(RamDisk.BLOCK_BYTES));
        }
    }

    /** Logged in, and past the unit attention of a new session. */
    private static TestInitiator logIn(InetSocketAddress portal) throws IOException {
        TestInitiator initiator = new TestInitiator(portal);
        assertEquals(0, initiator.login(ServerFolder.TARGET).loginStatus());
        for (int i = 0; i < TEST_UNIT_READY_TRIES; i++) {
            WirePdu response = initiator.exchange(initiator.command(0x81, 0, new byte[6]));
            if (response.byteAt(3) == 0) {
                return initiator;
            }
        }
        throw new AssertionError("the unit does not get ready");
    }

    @Test
    void statusShowsLunsAndSessions() throws Exception {
        try (ServerThread server = ServerThread.start(folder);
                TestInitiator initiator = logIn(server.awaitReady())) {
            Map<String, Object> status = Json.parse(
                    folder.run("status", "--json").expect(ExitStatus.OK).out());
            assertEquals("serving", status.get("state"));
            Map<?, ?> lun = ServerFolder.firstRow(status, "luns");
            assertEquals("open", lun.get("state"));
            assertEquals(1 << 20, lun.get("sizeBytes"));
            Map<?, ?> session = ServerFolder.firstRow(status, "sessions");
            assertEquals(TestInitiator.NAME, session.get("initiator"));
            assertEquals("127.0.0.1:" + initiator.socket().getLocalPort(), session.get("address"));
            String table = folder.run("status").expect(ExitStatus.OK).out();
            assertTrue(table.contains("serving") && table.contains(TestInitiator.NAME), table);
            assertTrue(table.contains("1 MiB"), table);
        }
    }

    @Test
    void aLunThatCannotBeOpenedLeavesTheOthersServing() throws Exception {
        folder.lun(1, "missing", "");
        try (ServerThread server = ServerThread.start(folder)) {
            InetSocketAddress portal = server.awaitReady();
            assertTrue(server.out.toString().contains(ServerFolder.TARGET + "/0\n"));
            assertFalse(server.out.toString().contains(ServerFolder.TARGET + "/1\n"));
            String table = folder.run("status").expect(ExitStatus.OK).out();
            String told = " LUN 1: volume missing is not served: there is no volume \"missing\" in";
            assertTrue(table.contains(told), table);
            try (TestInitiator initiator = logIn(portal)) {
                assertTrue(initiator.socket().isConnected());
            }
            server.stopCleanly();
        }
    }

    @Test
    void withoutAnyLunTheServerDoesNotStartAndSaysWhy() throws Exception {
        folder.run("volume", "delete", "disk", "--confirm", "disk").expect(ExitStatus.OK);
        try (ServerThread server = ServerThread.start(folder)) {
            assertEquals(ExitStatus.FAILED, server.awaitEnd());
            String told = "sluice: no LUN can be served; volume disk: there is no volume \"disk\"";
            assertTrue(server.err.toString().startsWith(told), server.err.toString());
            assertEquals("", server.out.toString());
        }
        assertFalse(Files.exists(folder.path("admin.sock")));
    }

    @Test
    void aMissingBucketDirectoryIsToldWithTheRemedy() throws Exception {
        Files.move(folder.path("bucket"), folder.path("elsewhere"));
        try (ServerThread server = ServerThread.start(folder)) {
            assertEquals(ExitStatus.FAILED, server.awaitEnd());
            assertTrue(server.err.toString().contains("is missing: create it, or mount what it is on"));
        }
    }

    @Test
    void aWrongPassphraseIsToldAndNeverShown() throws Exception {
        folder.run("volume", "delete", "disk", "--confirm", "disk").expect(ExitStatus.OK);
        folder.lun(0, "disk", ServerFolder.encrypted());
        folder.run("volume", "create", "disk").expect(ExitStatus.OK);
        folder.write("passphrase", "something-else-altogether");
        try (LogCapture log = new LogCapture();
                ServerThread server = ServerThread.start(folder)) {
            assertEquals(ExitStatus.FAILED, server.awaitEnd());
            assertTrue(server.err.toString().contains("wrong passphrase"), server.err.toString());
            assertTrue(log.text().contains("volume disk is not served: wrong passphrase"), log.text());
            assertFalse((log.text() + server.err).contains("something-else-altogether"));
        }
        assertTrue(isClosedCleanly("disk"));
    }

    @Test
    void aTakenPortalIsNamedAndVolumesAreClosedCleanlyAgain() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String portal = "127.0.0.1:" + taken.getLocalPort();
            folder.portal(portal);
            try (ServerThread server = ServerThread.start(folder)) {
                assertEquals(ExitStatus.FAILED, server.awaitEnd());
                assertTrue(server.err.toString().startsWith("sluice: cannot listen on " + portal + ": "));
                assertEquals("", server.out.toString());
            }
        }
        assertTrue(isClosedCleanly("disk"));
        assertFalse(Files.exists(folder.path("admin.sock")));
    }

    @Test
    void anUnknownNameOfAPortalIsToldBeforeVolumesAreTouched() throws Exception {
        String before = folder.run("volume", "info", "disk").out();
        folder.portal("no-such-host.invalid:3260");
        try (ServerThread server = ServerThread.start(folder)) {
            assertEquals(ExitStatus.FAILED, server.awaitEnd());
            String told = "no address is known for the name no-such-host.invalid";
            assertTrue(server.err.toString().contains(told), server.err.toString());
        }
        assertEquals(before, folder.run("volume", "info", "disk").out());
    }

    @Test
    void aSecondServerOfTheSameConfigurationIsRefusedBeforeItTouchesVolumes() throws Exception {
        try (ServerThread first = ServerThread.start(folder)) {
            first.awaitReady();
            String before = folder.run("volume", "info", "disk").out();
            try (ServerThread second = ServerThread.start(folder)) {
                assertEquals(ExitStatus.FAILED, second.awaitEnd());
                assertTrue(second.err.toString().contains("a server with this configuration is running"));
            }
            assertEquals(before, folder.run("volume", "info", "disk").out());
            assertEquals(
                    "serving",
                    AdminClient.ask(folder.path("admin.sock"), "status").get("state"));
            first.stopCleanly();
        }
    }

    @Test
    void aSignalWhileVolumesAreOpenedEndsCleanlyWithoutServing() throws Exception {
        try (ServerThread server = ServerThread.start(folder)) {
            server.stopCleanly();
            assertEquals("", server.err.toString());
        }
        assertTrue(isClosedCleanly("disk"));
    }

    @Test
    void aSecondSignalEndsAtOnce() {
        int[] ended = new int[1];
        StopSwitch stop = new StopSwitch(() -> ended[0]++);
        stop.ask("SIGTERM");
        assertTrue(stop.isAsked());
        assertEquals(0, ended[0]);
        stop.ask("SIGINT");
        assertEquals(1, ended[0]);
    }

    @Test
    void aServedVolumeIsNeitherDeletedNorRewrapped() throws Exception {
        try (ServerThread server = ServerThread.start(folder)) {
            server.awaitReady();
            CommandRun delete = folder.run("volume", "delete", "disk", "--confirm", "disk", "--even-if-open")
                    .expect(ExitStatus.FAILED);
            assertTrue(delete.err().contains("the running server serves volume \"disk\""), delete.err());
            folder.run("passphrase", "change", "disk", "--new-env", "PATH").expect(ExitStatus.FAILED);
            server.stopCleanly();
        }
        folder.run("volume", "info", "disk").expect(ExitStatus.OK);
    }

    @Test
    void aVolumeThatAnotherServerHasOpenIsNotDeletedUnlessTold() throws Exception {
        try (ServerThread server = ServerThread.start(folder)) {
            server.awaitReady();
            ServerFolder other = new ServerFolder(directory.resolve("other"))
                    .lun(0, "disk", "store { type = file, directory = \"../../bucket\" }");
            CommandRun delete =
                    other.run("volume", "delete", "disk", "--confirm", "disk").expect(ExitStatus.FAILED);
            assertTrue(delete.err().contains("is open in some server"), delete.err());
            server.stopCleanly();
            other.run("volume", "delete", "disk", "--confirm", "disk").expect(ExitStatus.OK);
        }
    }

    private boolean isClosedCleanly(String volume) {
        String info = folder.run("volume", "info", volume, "--json")
                .expect(ExitStatus.OK)
                .out();
        return Boolean.TRUE.equals(Json.parse(info).get("closed-cleanly"));
    }
}
