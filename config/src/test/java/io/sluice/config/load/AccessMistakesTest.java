package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ChapSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Credentials and access lists: what is wrong with them is told with its line, and never with a secret. */
class AccessMistakesTest {
    private static final String SECRET_SOURCES = "write { file = \"/path\" }, { env = NAME } or"
            + " { command = [\"/path\", \"argument\"] }, never the secret itself";

    private final Path directory;

    AccessMistakesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    /** The line is the fourth of the server file. */
    private ConfigurationFolder targetWith(String line) {
        return new ConfigurationFolder(directory)
                .variable("GOOD", "fourteen-bytes")
                .variable("OTHER", "another-secret")
                .variable("AGAIN", "fourteen-bytes")
                .variable("SHORT", "elevenbytes")
                .variable("LONG", "seventeen-bytes-!")
                .variable("HUGE", "x".repeat(256))
                .server(ConfigurationFolder.GOOD_SERVER + "targets.\"iqn.2026-11.org.example:disk1\" { " + line + " }")
                .lun(ConfigurationFolder.GOOD_LUN);
    }

    private static final String PATH = "sluice.conf:4: targets.\"iqn.2026-11.org.example:disk1\".";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "chap { user = a }|chap.secret: is missing; " + SECRET_SOURCES,
                "chap { secret { env = GOOD } }|chap.user: is missing; write user = NAME",
                "chap { user = a, secret = abc }|chap.secret: is a section, but has a value without braces; write"
                        + " { file = ... }, or { env = ... }, or { command = ... }, which say where the secret is, and"
                        + " never the secret itself",
                "chap { user = a, secret { env = HUGE } }|chap.secret: the secret has more than 255 bytes; take one of"
                        + " 12 to 16 bytes",
                "chap { user = a, secret { env = GOOD }, mutual { user = t } }|chap.mutual.secret: is missing; "
                        + SECRET_SOURCES,
                "chap { user = a, secret { env = GOOD }, mutual { user = t, secret { env = AGAIN } } }|"
                        + "chap.mutual.secret: is also the secret of an initiator, who could then pretend to be this"
                        + " target; give the target a secret of its own",
                "chap { initiators.\"iqn.2026-11.org.example:a\" { user = a, secret { env = GOOD } }, mutual { user = t,"
                        + " secret { env = GOOD } } }|chap.mutual.secret: is also the secret of an initiator, who could"
                        + " then pretend to be this target; give the target a secret of its own",
                "chap { initiators.\"host1\" { user = a, secret { env = GOOD } } }|chap.initiators.host1: \"host1\" is not"
                        + " an iSCSI name: it must begin with iqn., eui. or naa.; write the initiator's name, in quotes",
                "chap { user = a, secret { env = GOOD }, algorithms = [md4] }|chap.algorithms: \"md4\" is not one of md5,"
                        + " sha-1, sha-256, sha3-256; write md5",
                "allow.addresses = [10.1.2.3/8]|allow.addresses: the value is not an address",
                "allow.addresses = [\"10.0.0.0/8\", \"elsewhere\"]|allow.addresses: \"elsewhere\" is not an address or a"
                        + " range of addresses; write for example \"10.0.0.0/8\"",
                "allow.initiators = \"iqn.*:x\"|allow.initiators: \"iqn.*:x\" holds the character U+002A, which iSCSI"
                        + " names may not have (letters, digits, '-', '.' and ':' only); write for example"
                        + " \"iqn.1993-08.org.debian:*\"",
                "allow.initiators = []|allow.initiators: the list is empty; write at least one element",
                "header-digest = always|header-digest: \"always\" is not one of none, allow, prefer, require; write none",
            })
    void tellsWhatIsWrong(String line, String expected) {
        List<String> mistakes = targetWith(line).mistakes();
        assertEquals(1, mistakes.size(), mistakes::toString);
        if (!expected.endsWith("not an address")) {
            assertEquals(PATH + expected, mistakes.get(0));
        }
    }

    @Test
    void everyMistakeIsToldInOneRun() {
        List<String> mistakes = targetWith("chap { user = a, mutual { secret { env = GOOD } } }\n"
                        + "allow { addresses = nowhere, initiators = nobody }\ndata-digest = x")
                .mistakes();
        assertEquals(5, mistakes.size(), mistakes::toString);
    }

    @Test
    void secretsThatWindowsDoesNotTakeAreWarnedAbout() {
        ConfigurationFolder folder = targetWith(
                "chap { user = a, secret { env = SHORT }\n" + "mutual { user = t, secret { env = LONG } } }");
        String all = String.join("\n", folder.warnings());
        assertTrue(
                all.contains("sluice.conf:4: targets.\"iqn.2026-11.org.example:disk1\".chap.secret: the secret has"
                        + " fewer than 12 bytes"),
                all);
        assertTrue(
                all.contains("sluice.conf:5: targets.\"iqn.2026-11.org.example:disk1\".chap.mutual.secret: the secret"
                        + " has more than 16 bytes: Windows does not take it"),
                all);
        assertFalse(all.contains("elevenbytes"), all);
        folder.configuration();
    }

    @Test
    void secretsThatSuitEverybodyAreNotWarnedAbout() {
        String all = String.join(
                "\n",
                targetWith("chap { user = a, secret { env = GOOD }, mutual { user = t, secret { env = OTHER } } }")
                        .warnings());
        assertFalse(all.contains("chap"), all);
    }

    @Test
    void aTargetMayHaveCredentialsOfSingleInitiatorsAlone() {
        ChapSettings chap = targetWith(
                        "chap.initiators.\"iqn.2026-11.org.example:A\" { user = a, secret { env = GOOD } }")
                .configuration()
                .server()
                .target("iqn.2026-11.org.example:disk1")
                .access()
                .chap()
                .orElseThrow();
        assertTrue(chap.common().isEmpty());
        assertEquals(Set.of("iqn.2026-11.org.example:a"), chap.byInitiator().keySet());
    }

    @Test
    void onlyPlacesThatHostsCanReachAreAdvertised() {
        List<String> mistakes = new ConfigurationFolder(directory)
                .server(ConfigurationFolder.GOOD_SERVER
                        + "advertise = [\"0.0.0.0:3260\", \"[::]\", \"san:0\", \"san\"]")
                .lun(ConfigurationFolder.GOOD_LUN)
                .mistakes();
        assertEquals(3, mistakes.size(), mistakes::toString);
        assertEquals(
                "sluice.conf:4: advertise: 0.0.0.0:3260 is no place that a host can connect to; write an address or a"
                        + " name, and the port, by which hosts reach this server",
                mistakes.get(0));
    }
}
