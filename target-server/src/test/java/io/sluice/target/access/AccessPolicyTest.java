package io.sluice.target.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ServerSettings;
import io.sluice.target.cli.ServerFolder;
import io.sluice.target.iscsi.login.Admission;
import io.sluice.target.iscsi.login.Admission.Access;
import io.sluice.target.iscsi.login.DigestPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decisions about every kind of initiator, from the configuration's text on. */
final class AccessPolicyTest {
    private static final String RULES = """
            targets."%s" {
              alias = "Disks"
              data-digest = require
              chap {
                user = common
                secret { command = [echo, common-secret] }
                initiators."iqn.2026-11.org.example:own" { user = own, secret { command = [echo, private-secret] } }
              }
              allow {
                initiators = ["iqn.2026-11.org.example:*", "eui.02004567a425678d"]
                addresses = ["10.0.0.0/8", "2001:db8::/32"]
              }
            }
            discovery.allow.addresses = ["10.0.0.0/8"]
            """.formatted(ServerFolder.TARGET);

    private Path directory;

    @BeforeEach
    void take(@TempDir Path temporary) {
        directory = temporary;
    }

    private ServerSettings settings(String rules) throws IOException {
        ServerFolder folder = new ServerFolder(directory).lun(0, "disk", "");
        folder.write("sluice.conf", java.nio.file.Files.readString(folder.configurationFile()) + rules);
        return folder.load().server();
    }

    private static InetAddress address(String text) throws IOException {
        return InetAddress.getByName(text);
    }

    private AccessPolicy policy(String rules) throws IOException {
        return AccessPolicy.read(settings(rules), destination -> Arrays.fill(destination, (byte) 1));
    }

    @ParameterizedTest
    @CsvSource({
        "iqn.2026-11.org.example:a,   10.1.2.3,    ALLOWED",
        "iqn.2026-11.org.example:own, 10.1.2.3,    ALLOWED",
        "eui.02004567a425678d,        10.1.2.3,    ALLOWED",
        "iqn.2026-11.org.example:a,   2001:db8::7, ALLOWED",
        "iqn.2026-11.org.example:a,   11.1.2.3,    FORBIDDEN",
        "iqn.2026-11.org.example:a,   ::1,         FORBIDDEN",
        "iqn.2026-11.org.other:a,     10.1.2.3,    FORBIDDEN",
        "iqn.2026-11.org.other:a,     11.1.2.3,    FORBIDDEN",
    })
    void nameAndAddressMustBothBeListed(String initiator, String address, Access expected) throws Exception {
        AccessPolicy policy = policy(RULES);
        InetAddress place = address(address);
        Admission admission = policy.admission(initiator, place, ServerFolder.TARGET);
        assertEquals(expected, admission.access());
        assertEquals(expected == Access.ALLOWED, policy.admits(initiator, place, ServerFolder.TARGET));
        if (expected == Access.ALLOWED) {
            assertEquals("CHAP", admission.authenticators().get(0).method());
            assertEquals(Optional.of("Disks"), admission.alias());
            assertEquals(
                    new Admission.Digests(DigestPolicy.ALLOWED, DigestPolicy.REQUIRED),
                    admission.digests().orElseThrow());
        }
    }

    @Test
    void aTargetWithoutRulesIsOpen() throws Exception {
        AccessPolicy policy = policy("");
        Admission admission =
                policy.admission("iqn.2026-11.org.any:x", InetAddress.getLoopbackAddress(), ServerFolder.TARGET);
        assertEquals(Access.ALLOWED, admission.access());
        assertEquals("None", admission.authenticators().get(0).method());
        assertEquals("every host; no CHAP", policy.describe(ServerFolder.TARGET));
        assertEquals("every host; no CHAP", policy.describe(""));
    }

    @Test
    void discoveryHasRulesOfItsOwn() throws Exception {
        AccessPolicy policy = policy(RULES);
        assertEquals(
                Access.ALLOWED,
                policy.admission("iqn.2026-11.org.other:a", address("10.9.9.9"), "")
                        .access());
        assertEquals(
                Access.FORBIDDEN,
                policy.admission("iqn.2026-11.org.example:a", address("::1"), "")
                        .access());
    }

    @Test
    void withoutACommonCredentialOnlyListedInitiatorsComeIn() throws Exception {
        AccessPolicy policy = policy("targets.\"" + ServerFolder.TARGET
                + "\".chap.initiators.\"IQN.2026-11.org.example:Own\" { user = own, secret { command = [echo,"
                + " private-secret] } }\n");
        InetAddress here = InetAddress.getLoopbackAddress();
        assertTrue(policy.admits("iqn.2026-11.org.example:own", here, ServerFolder.TARGET));
        assertFalse(policy.admits("iqn.2026-11.org.example:other", here, ServerFolder.TARGET));
        assertEquals(
                Access.FORBIDDEN,
                policy.admission("iqn.2026-11.org.example:other", here, ServerFolder.TARGET)
                        .access());
    }

    @Test
    void rulesAreToldInWordsWithoutSecrets() throws Exception {
        String words = policy(RULES).describe(ServerFolder.TARGET);
        assertEquals(
                "initiators iqn.2026-11.org.example:*, eui.02004567a425678d; addresses 10.0.0.0/8, 2001:db8:0:0:0:0:0:0/32;"
                        + " CHAP (user \"common\", 1 initiator with its own); data digest: require",
                words);
    }

    @Test
    void asecretOfACommandIsCheckedWhenItIsRead() throws Exception {
        String own = "targets.\"" + ServerFolder.TARGET + "\".chap ";
        assertRefused(
                own + "{ user = a, secret { command = [false] } }",
                "target " + ServerFolder.TARGET + ", CHAP: command [false] failed with exit status 1");
        assertRefused(
                own + "{ user = a, secret { command = [echo, same-secret-xx] }, mutual { user = t, secret { command ="
                        + " [printf, same-secret-xx] } } }",
                "target " + ServerFolder.TARGET + ", CHAP: the secret is also the target's mutual secret");
        assertRefused(own + "{ user = a, secret { command = [printf, \"%0300d\", 7] } }", "has more than 255 bytes");
    }

    private void assertRefused(String rules, String expected) throws IOException {
        ServerSettings settings = settings(rules + "\n");
        IOException refused = assertThrows(
                IOException.class,
                () -> AccessPolicy.read(settings, destination -> Arrays.fill(destination, (byte) 1)));
        assertTrue(String.valueOf(refused.getMessage()).contains(expected), refused.getMessage());
        assertFalse(String.valueOf(refused.getMessage()).contains("same-secret"), refused.getMessage());
    }
}
