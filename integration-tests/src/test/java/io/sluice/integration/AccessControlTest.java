package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.admin.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Who may log in, tried with libiscsi and QEMU, which speak CHAP of their own: the right ones come in, the others get a
 * status that says why. Nothing that anybody can read holds a secret.
 */
final class AccessControlTest {
    private static final String SECRET = "host-secret-14";
    private static final String TARGET_SECRET = "mutual-secret-x";
    private static final String SINGLE_SECRET = "single-secret-7";
    private static final String DISCOVERY_SECRET = "disco-secret-12";
    private static final String SINGLE = "iqn.2026-11.io.sluice.test:single";

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    @SuppressWarnings("NullAway.Init")
    private static ConfigurationFiles files;

    @SuppressWarnings("NullAway.Init")
    private static SluiceProcess server;

    @BeforeAll
    static void start() throws Exception {
        files = ConfigurationFiles.in(directory)
                .fileStore()
                .environment("HOST_SECRET", SECRET)
                .environment("TARGET_SECRET", TARGET_SECRET)
                .environment("SINGLE_SECRET", SINGLE_SECRET)
                .environment("DISCOVERY_SECRET", DISCOVERY_SECRET)
                .server(
                        "discovery.chap { user = finder, secret { env = DISCOVERY_SECRET } }",
                        "targets {",
                        "\"" + ConfigurationFiles.target("guarded") + "\" {",
                        "  chap { user = host1, secret { env = HOST_SECRET }",
                        "    mutual { user = sluice, secret { env = TARGET_SECRET } }",
                        "    initiators.\"" + SINGLE + "\" { user = 0x7369, secret { env = SINGLE_SECRET } } }",
                        "  allow.addresses = [\"127.0.0.0/8\"]",
                        "}",
                        "\"" + ConfigurationFiles.target("hidden") + "\" {",
                        "  allow.initiators = [\"iqn.2026-11.io.sluice.test:friend*\"]",
                        "}",
                        "\"" + ConfigurationFiles.target("strict") + "\" { header-digest = require }",
                        "}");
        for (String volume : List.of("guarded", "hidden", "strict")) {
            files.lun(volume, "size = 64 MiB");
        }
        server = SluiceProcess.startWithVolumes(files);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String url(String volume, String credential, String options) {
        String url = files.url(volume);
        return url.replace("iscsi://", "iscsi://" + credential) + options;
    }

    private static Programs.Outcome inquiry(String url, String... options) throws InterruptedException {
        String[] arguments = java.util.Arrays.copyOf(options, options.length + 1);
        arguments[options.length] = url;
        return Programs.run(Programs.SHORT, "iscsi-inq", arguments);
    }

    private static void refused(Programs.Outcome outcome, String words) {
        assertNotEquals(0, outcome.exitStatus(), outcome::toString);
        assertTrue((outcome.out() + outcome.errors()).contains(words), outcome::toString);
    }

    @Test
    void onlyWhoKnowsTheSecretIsLetIn() throws Exception {
        long before = refusals("0201 authentication failure");
        inquiry(url("guarded", "host1%" + SECRET + "@", "")).expect(0);
        refused(inquiry(url("guarded", "host1%a-wrong-secret@", "")), "Authentication failure");
        refused(inquiry(url("guarded", "host2%" + SECRET + "@", "")), "Authentication failure");
        refused(inquiry(url("guarded", "", "")), "Authentication failure");
        assertEquals(before + 3, refusals("0201 authentication failure"));
        assertTrue(server.log().contains("AUTHENTICATION_FAILURE: the CHAP user name is not the one"), server.log());
        assertTrue(server.log().contains("AUTHENTICATION_FAILURE: the CHAP response is wrong"), server.log());
    }

    @Test
    void anInitiatorWithACredentialOfItsOwnCannotUseTheCommonOne() throws Exception {
        inquiry(url("guarded", "0x7369%" + SINGLE_SECRET + "@", ""), "-i", SINGLE)
                .expect(0);
        refused(inquiry(url("guarded", "host1%" + SECRET + "@", ""), "-i", SINGLE), "Authentication failure");
        refused(inquiry(url("guarded", "0x7369%" + SINGLE_SECRET + "@", "")), "Authentication failure");
    }

    @Test
    void theTargetProvesItselfToWhoAsks() throws Exception {
        String mutual = "?target_user=sluice&target_password=" + TARGET_SECRET;
        String right = url("guarded", "host1%" + SECRET + "@", mutual);
        Programs.run(Programs.SHORT, "qemu-io", "-f", "raw", "-c", "write -P 0x5a 1M 2M", right)
                .expect(0);
        Programs.Outcome read = Programs.run(Programs.SHORT, "qemu-io", "-f", "raw", "-c", "read -P 0x5a 1M 2M", right)
                .expect(0);
        assertFalse(read.out().contains("verification failed"), read::toString);
        Programs.run(Programs.SHORT, "qemu-img", "info", "-f", "raw", right).expect(0);
        String pretender =
                url("guarded", "host1%" + SECRET + "@", "?target_user=sluice&target_password=other-secret-9");
        refused(inquiry(pretender), "Invalid CHAP_R response from the target");
    }

    @Test
    void theSuiteRunsWithChapInItsUrl() throws Exception {
        String url = url("guarded", "host1%" + SECRET + "@", "");
        for (String test : List.of("ALL.Inquiry.Standard", "ALL.Read16.Simple", "ALL.Write16.Simple")) {
            LibiscsiSuite.Result result = LibiscsiSuite.run(test, url);
            assertEquals(LibiscsiSuite.Verdict.PASSED, result.verdict(), result::output);
        }
        assertEquals(
                LibiscsiSuite.Verdict.FAILED,
                LibiscsiSuite.run("ALL.Inquiry.Standard", files.url("guarded")).verdict());
    }

    @Test
    void discoveryIsProvedByItselfAndShowsOnlyWhatTheInitiatorMayUse() throws Exception {
        String portal = "127.0.0.1:" + files.port();
        refused(Programs.run(Programs.SHORT, "iscsi-ls", "iscsi://" + portal), "Authentication failure");
        refused(
                Programs.run(Programs.SHORT, "iscsi-ls", "iscsi://host1%" + SECRET + "@" + portal),
                "Authentication failure");
        String finder = "iscsi://finder%" + DISCOVERY_SECRET + "@" + portal;
        String seen = Programs.run(Programs.SHORT, "iscsi-ls", finder).expect(0).out();
        assertTrue(seen.contains(ConfigurationFiles.target("guarded") + " Portal:" + portal), seen);
        assertTrue(seen.contains(ConfigurationFiles.target("strict")), seen);
        assertFalse(seen.contains("hidden"), seen);
        String friend = Programs.run(Programs.SHORT, "iscsi-ls", "-i", "iqn.2026-11.io.sluice.test:friend1", finder)
                .expect(0)
                .out();
        assertTrue(friend.contains(ConfigurationFiles.target("hidden")), friend);
    }

    @Test
    void whoIsNotOnTheListIsToldSo() throws Exception {
        inquiry(files.url("hidden"), "-i", "iqn.2026-11.io.sluice.test:friend1").expect(0);
        inquiry(files.url("hidden"), "-i", "iqn.2026-11.io.sluice.test:FRIEND2").expect(0);
        refused(inquiry(files.url("hidden"), "-i", "iqn.2026-11.io.sluice.test:foe"), "Authorization failure");
        refused(inquiry(files.url("nowhere")), "Target not found");
        assertTrue(refusals("0202 authorization failure") > 0);
        assertTrue(refusals("0203 not found") > 0);
    }

    @Test
    void aDigestThatIsRequiredIsUsedOrTheLoginRefused() throws Exception {
        inquiry(files.url("strict") + "?header_digest=crc32c").expect(0);
        refused(
                Programs.run(
                        Programs.SHORT,
                        "qemu-img",
                        "info",
                        "--image-opts",
                        "driver=iscsi,transport=tcp,portal=127.0.0.1:" + files.port() + ",target="
                                + ConfigurationFiles.target("strict") + ",lun=0,header-digest=none"),
                "Initiator error");
        assertTrue(server.log().contains("the target requires HeaderDigest=CRC32C"), server.log());
    }

    @Test
    void operatorsSeeTheRulesAndNobodySeesASecret() throws Exception {
        inquiry(url("guarded", "host1%" + SECRET + "@", "")).expect(0);
        refused(inquiry(url("guarded", "host1%" + TARGET_SECRET + "@", "")), "Authentication failure");
        String rules = ConfigurationFiles.target("guarded") + ": addresses 127.0.0.0/8; CHAP (user \"host1\","
                + " 1 initiator with its own, mutual as \"sluice\")";
        String check = SluiceProcess.sluice(files, "config", "check").expect(0).out();
        assertTrue(check.contains(rules), check);
        String status = SluiceProcess.sluice(files, "status").expect(0).out();
        assertTrue(status.contains("mutual as \"sluice\""), status);
        assertTrue(status.contains(" x 0201 authentication failure"), status);
        String json = SluiceProcess.sluice(files, "status", "--json").expect(0).out();
        for (String text : List.of(check, status, json, server.log())) {
            for (String secret : List.of(SECRET, TARGET_SECRET, SINGLE_SECRET, DISCOVERY_SECRET)) {
                assertFalse(text.contains(secret), text);
            }
        }
    }

    private static long refusals(String status) throws InterruptedException {
        Map<String, Object> report = Json.parse(
                SluiceProcess.sluice(files, "status", "--json").expect(0).out());
        if (report.get("logins") instanceof Map<?, ?> logins && logins.get("refused") instanceof Map<?, ?> refused) {
            return refused.get(status) instanceof Number count ? count.longValue() : 0;
        }
        throw new AssertionError("no refusals in " + report);
    }
}
