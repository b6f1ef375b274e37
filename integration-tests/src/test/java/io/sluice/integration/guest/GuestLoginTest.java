package io.sluice.integration.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.integration.ConfigurationFiles;
import io.sluice.integration.SluiceProcess;
import io.sluice.integration.WorkDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A Linux host proves who it is (CHAP), has the target prove it too, and is shown only the targets that it may use. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GuestLoginTest {
    private static final String OPEN = "open";
    private static final String GUARDED = "guarded";
    private static final String FORBIDDEN = "forbidden";
    private static final String SECRET = "secret-of-host";
    private static final String TARGET_SECRET = "secret-of-disk";

    /** Of iscsiadm: the target refuses. */
    private static final int LOGIN_AUTHENTICATION_FAILED = 24;

    /** Of iscsiadm: the host itself ends the login and does not try again. */
    private static final int FATAL_LOGIN = 19;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private SluiceProcess server;

    @SuppressWarnings("NullAway.Init")
    private Guest guest;

    @SuppressWarnings("NullAway.Init")
    private Portal portal;

    @BeforeAll
    void start() throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory)
                .fileStore()
                .environment("HOST_SECRET", SECRET)
                .environment("TARGET_SECRET", TARGET_SECRET)
                .defaults("journal { capacity = 64 MiB, file-size = 4 MiB }", "read-cache.capacity = 64 MiB")
                .server(
                        "targets {",
                        "\"" + ConfigurationFiles.target(GUARDED) + "\" {",
                        "  chap { user = host, secret { env = HOST_SECRET }",
                        "    mutual { user = sluice, secret { env = TARGET_SECRET } } }",
                        "}",
                        "\"" + ConfigurationFiles.target(FORBIDDEN) + "\" {",
                        "  allow.initiators = [\"iqn.2026-11.io.sluice.test:somebody-else\"]",
                        "}",
                        "}");
        for (String volume : List.of(OPEN, GUARDED, FORBIDDEN)) {
            files.lun(volume, "size = 64 MiB");
        }
        server = SluiceProcess.startWithVolumes(files);
        portal = Portal.of(files);
        guest = Guest.start(directory, "host");
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        guest.close();
        try (SluiceProcess stopped = server) {
            assertEquals(0, stopped.stop(), stopped.log());
        }
    }

    @AfterEach
    void logout() throws Exception {
        guest.status("log out, forget", "logout || :\niscsiadm -m node -o delete");
    }

    private static String chap(String user, String secret) {
        return set("authmethod", "CHAP") + set("username", user) + set("password", secret);
    }

    private static String mutual(String user, String secret) {
        return set("username_in", user) + set("password_in", secret);
    }

    private static String set(String name, String value) {
        return "iscsiadm -m node -T " + ConfigurationFiles.target(GUARDED) + " -o update -n node.session.auth." + name
                + " -v '" + value + "'\n";
    }

    /** Writes and reads, so that it is more than a login. */
    private String use() {
        return portal.disk("disk", GUARDED, 0) + "verify_by_fio --filename=$disk --size=8m";
    }

    private void refused(int status, String what, String credentials) throws Exception {
        guest.must("discovery", portal.discover());
        assertEquals(status, guest.status(what, credentials + portal.login(GUARDED)), server.log());
        assertEquals("0", guest.must("no session", "ls /sys/class/iscsi_session | wc -l"));
    }

    @Test
    void discoveryShowsOnlyItsOwnTargets() throws Exception {
        assertEquals(
                List.of(ConfigurationFiles.target(GUARDED), ConfigurationFiles.target(OPEN)),
                guest.must(
                                "discovery",
                                "iscsiadm -m discovery -t sendtargets -p " + portal.address()
                                        + " | awk '{ print $2 }' | sort")
                        .lines()
                        .toList());
    }

    @Test
    void whoKnowsTheSecretIsLetIn() throws Exception {
        guest.must("discovery", portal.discover());
        guest.must("one-way CHAP", chap("host", SECRET) + portal.login(GUARDED) + use());
    }

    @Test
    void whoDoesNotIsRefused() throws Exception {
        refused(LOGIN_AUTHENTICATION_FAILED, "without CHAP", "");
        refused(LOGIN_AUTHENTICATION_FAILED, "a wrong secret", chap("host", "some-other-one"));
        refused(LOGIN_AUTHENTICATION_FAILED, "a wrong user", chap("guest", SECRET));
    }

    @Test
    void theTargetProvesItselfToo() throws Exception {
        guest.must("discovery", portal.discover());
        guest.must(
                "mutual CHAP", chap("host", SECRET) + mutual("sluice", TARGET_SECRET) + portal.login(GUARDED) + use());
    }

    @Test
    void aHostDoesNotTrustATargetThatDoesNotKnowItsSecret() throws Exception {
        refused(FATAL_LOGIN, "another target's secret", chap("host", SECRET) + mutual("sluice", "pretender-secret"));
    }

    @Test
    void strongerDigestsThanMd5AreTaken() throws Exception {
        for (String algorithm : List.of("SHA1", "SHA256", "SHA3-256")) {
            guest.must("discovery", portal.discover());
            guest.must(
                    "CHAP with " + algorithm,
                    set("chap_algs", algorithm)
                            + chap("host", SECRET)
                            + mutual("sluice", TARGET_SECRET)
                            + portal.login(GUARDED)
                            + use()
                            + "\nlogout");
        }
    }
}
