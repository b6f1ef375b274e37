package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.cli.CommandRun;
import io.sluice.target.cli.ExitStatus;
import io.sluice.target.cli.ServerFolder;
import io.sluice.target.iscsi.TestInitiator;
import io.sluice.target.iscsi.pdu.TextKeys;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access lists and secrets change while sessions are open: one target's rules, two targets. */
class OnlineAccessTest {
    private static final String GUARDED = ServerFolder.TARGET;
    private static final String OPEN = "iqn.2026-11.io.sluice.test:open";
    private static final int AUTHORIZATION_FAILURE = 0x0202;
    private static final int AUTHENTICATION_FAILURE = 0x0201;
    private static final int NOT_FOUND = 0x0203;

    private ServerFolder folder;

    private ServerThread server;

    private InetSocketAddress portal;

    @BeforeEach
    void serveTwoTargets(@TempDir Path directory) throws Exception {
        folder = new ServerFolder(directory).lun(0, "guarded", "").lun(0, "open", "");
        Path open = folder.path("luns.d/open.conf");
        Files.writeString(open, Files.readString(open).replace(GUARDED, OPEN));
        folder.run("volume", "create", "guarded").expect(ExitStatus.OK);
        folder.run("volume", "create", "open").expect(ExitStatus.OK);
        server = ServerThread.start(folder);
        portal = server.awaitReady();
    }

    @AfterEach
    void stop() throws Exception {
        server.stopCleanly();
        server.close();
    }

    /** Rules for the guarded target; "" for none. */
    private CommandRun rules(String lines) throws Exception {
        folder.portal("127.0.0.1:0");
        Path file = folder.configurationFile();
        String rules = lines.isEmpty() ? "" : "targets { \"" + GUARDED + "\" { " + lines + " } }\n";
        Files.writeString(file, Files.readString(file) + rules);
        return folder.run("reload").expect(ExitStatus.OK);
    }

    private void secret(String secret) throws Exception {
        folder.write("chap", secret + "\n");
        Files.setPosixFilePermissions(folder.path("chap"), PosixFilePermissions.fromString("rw-------"));
    }

    private int loginStatus() throws Exception {
        try (TestInitiator initiator = new TestInitiator(portal).isid(77)) {
            return initiator.login(GUARDED).loginStatus();
        }
    }

    /** Login status with CHAP (SHA-256). */
    private int loginStatus(String secret) throws Exception {
        try (TestInitiator initiator = new TestInitiator(portal).isid(78)) {
            initiator.exchange(
                    initiator.loginRequest(0, TestInitiator.names(GUARDED).and(TextKeys.of("AuthMethod", "CHAP"))));
            TextKeys challenge = initiator
                    .exchange(initiator.loginRequest(0, TextKeys.of("CHAP_A", "7")))
                    .keys();
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((byte) Integer.parseInt(challenge.find("CHAP_I").orElseThrow()));
            digest.update(secret.getBytes(StandardCharsets.UTF_8));
            byte[] proof = digest.digest(HexFormat.of()
                    .parseHex(challenge.find("CHAP_C").orElseThrow().substring(2)));
            return initiator
                    .exchange(initiator.loginRequest(
                            0x81,
                            TextKeys.of(
                                    "CHAP_N",
                                    "host",
                                    "CHAP_R",
                                    "0x" + HexFormat.of().formatHex(proof))))
                    .loginStatus();
        }
    }

    @Test
    void whoMayNotLogInAnyMoreIsSentAwayAndOthersStay() throws Exception {
        try (TestHost revoked = new TestHost(portal, GUARDED, 1).ready(0);
                TestHost other = new TestHost(portal, OPEN, 2).ready(0)) {
            rules("allow.initiators = [\"" + TestInitiator.NAME + "\"]");
            assertEquals(TestHost.GOOD, revoked.test(0), "it is on the list");
            CommandRun told = rules("allow.initiators = [\"iqn.1993-08.org.debian:*\"]");
            assertTrue(told.out().contains("access: settings of target " + GUARDED), told.out());
            assertTrue(told.out().contains("1 session ended: not allowed any more"), told.out());
            assertTrue(revoked.initiator().isClosedByTarget());
            assertEquals(AUTHORIZATION_FAILURE, loginStatus());
            assertEquals(TestHost.GOOD, other.test(0));
        }
        rules("");
        assertEquals(0, loginStatus());
    }

    @Test
    void aNewSecretHoldsForTheNextLoginAndSessionsStay() throws Exception {
        secret("first-secret-1");
        try (TestHost early = new TestHost(portal, GUARDED, 1).ready(0)) {
            rules("chap { user = host, secret { file = chap } }");
            assertEquals(AUTHENTICATION_FAILURE, loginStatus());
            assertEquals(0, loginStatus("first-secret-1"));
            secret("second-secret-2");
            assertEquals(0, loginStatus("first-secret-1"), "nobody has told the server");
            assertTrue(folder.run("reload").expect(ExitStatus.OK).out().contains("secrets were read again"));
            assertEquals(AUTHENTICATION_FAILURE, loginStatus("first-secret-1"));
            assertEquals(0, loginStatus("second-secret-2"));
            assertEquals(TestHost.GOOD, early.test(0));
        }
    }

    /** A target without rules is open: one that loses its rules with its LUNs must not be open in between. */
    @Test
    void aGuardedTargetThatGoesIsNeverOpen() throws Exception {
        secret("first-secret-1");
        rules("chap { user = host, secret { file = chap } }");
        try (TestHost other = new TestHost(portal, OPEN, 2).ready(0)) {
            Files.delete(folder.path("luns.d/guarded.conf"));
            CompletableFuture<Void> knocking = CompletableFuture.runAsync(this::knock);
            rules("");
            knocking.get(20, TimeUnit.SECONDS);
            assertEquals(NOT_FOUND, loginStatus());
            assertEquals(TestHost.GOOD, other.test(0));
        }
    }

    private void knock() {
        try {
            int status = AUTHENTICATION_FAILURE;
            while (status != NOT_FOUND) {
                status = loginStatus();
                assertTrue(status == AUTHENTICATION_FAILURE || status == NOT_FOUND, Integer.toHexString(status));
            }
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }
}
