package io.sluice.config.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sluice.config.ConfigurationResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A secret written where its source is expected, or into a broken file, is in no message. */
class SecretsStayHiddenTest {
    private static final String SECRET = "hunter2";

    private final Path directory;

    SecretsStayHiddenTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "encryption = hunter2",
                "encryption = [hunter2]",
                "encryption { passphrase = hunter2 }",
                "encryption { passphrase = [hunter2] }",
                "encryption { passphrase = ${PASSPHRASE} }",
                "encryption { passphrase = \"hunter2\"${NO_SUCH} }",
                "encryption { passphrase { hunter2 = 1 } }",
                "encryption { passphrase { value = hunter2 } }",
                "encryption { passphrase { file = { hunter2 = 1 } } }",
                "encryption { passphrase { env = \"hunter2!\" } }",
                "encryption { passphrase { env = [hunter2] } }",
                "encryption { passphrase { command = [x, [hunter2]] } }",
                "encryption { passphrase = hunter2",
                "encryption { passphrase = \"hunter2 }",
                "encryption { passphrase = 'hunter2': }",
                "encryption { passphrase { hunter2 } }",
                "encryption { passphrase = ${hunter2 }",
                "encryption { passphrase = a\"hunter2\"] }",
                "encryption { passphrase = \"a\\hunter2\" }",
                "store { type = s3, bucket = abc, credentials = \"AKIA:hunter2\" }",
                "store { type = s3, bucket = abc, endpoint = \"https://AKIA:hunter2@host\" }",
                "store { type = s3, bucket = abc, endpoint = \"https://host/hunter2\" }",
                "store { type = s3, bucket = abc, credentials { access-key-id = A, secret-access-key = hunter2 } }",
                "store { type = s3, bucket = abc, credentials { access-key-id = A, secret = hunter2 } }",
                "store = hunter2",
                "passphrase = hunter2",
                "flush.max-age = \"5 s\nencryption { passphrase = hunter2 }\"",
                "flush.max-age = 5\"\"\" s\npassphrase = hunter2\"\"\"",
                "target = \"\"\"iqn.2026-11.org.example:disk1\npassphrase = hunter2\"\"\"",
                "compression = \"\"\"1\npassphrase = hunter2\"\"\"",
                "store { type = s3, bucket = \"\"\"abc\npassphrase = hunter2\"\"\" }",
            })
    void isNotInTheMistake(String line) {
        ConfigurationResult result = new ConfigurationFolder(directory)
                .variable("PASSPHRASE", SECRET)
                .goodLunWith(line)
                .load();
        assertInstanceOf(ConfigurationResult.Unusable.class, result);
        assertFalse(result.toString().contains(SECRET), result::toString);
    }

    @Test
    void isNotInTheTextFormOfAUsableConfiguration() {
        ConfigurationResult result = new ConfigurationFolder(directory)
                .variable("PASSPHRASE", SECRET)
                .file("luns.d/secret", SECRET)
                .goodLunWith("""
                        encryption { passphrase { env = PASSPHRASE } }
                        store {
                          type = s3, bucket = abc
                          credentials { access-key-id = A, secret-access-key { file = secret } }
                        }
                        """)
                .load();
        assertInstanceOf(ConfigurationResult.Usable.class, result, result::toString);
        assertFalse(result.toString().contains(SECRET), result::toString);
    }

    /** Found by the test below (seed 1044385240489137035): a quote made the name of a substitution of it. */
    @Test
    void isNotShownAsTheNameOfASubstitution() {
        ConfigurationResult result = new ConfigurationFolder(directory)
                .server(ConfigurationFolder.GOOD_SERVER)
                .lun("""
                        target = "iqn.2026-11.org.example:disk1"
                        size = 1 GiB
                        volume = disk1
                        encryption ' passphrase =${"hunter2" }
                        """)
                .load();
        assertInstanceOf(ConfigurationResult.Unusable.class, result, result::toString);
        assertFalse(result.toString().contains(SECRET), result::toString);
    }

    /** Files garbled at random: the loader always answers, and never with the secret. */
    @Test
    void isNotShownWhateverHappensToTheFile() {
        long seed = Long.getLong("sluice.fuzz.seed", 20261121);
        Random random = new Random(seed);
        String original = """
                target = "iqn.2026-11.org.example:disk1"
                size = 1 GiB
                volume = disk1
                encryption { passphrase = "hunter2" }
                store {
                  type = s3, bucket = abc
                  credentials { access-key-id = A, secret-access-key = hunter2 }
                }
                flush { max-age = 5 s, uploads = 4 }
                """;
        for (int round = 0; round < Integer.getInteger("sluice.fuzz.rounds", 1000); round++) {
            String garbled = garble(original, random);
            ConfigurationResult result = new ConfigurationFolder(directory)
                    .server(ConfigurationFolder.GOOD_SERVER)
                    .lun(garbled)
                    .load();
            String message = "seed " + seed + ", round " + round + "\n" + garbled + "\n" + result;
            assertFalse(result.toString().contains(SECRET), message);
        }
    }

    /** Takes out, doubles or replaces some of the punctuation, and leaves the secret whole. */
    private static String garble(String original, Random random) {
        List<String> parts = new ArrayList<>(List.of(original.split("(?<=\\W)|(?=\\W)", -1)));
        int changes = 1 + random.nextInt(4);
        for (int change = 0; change < changes; change++) {
            int position = random.nextInt(parts.size());
            String[] replacements = {
                "", "{", "}", "[", "]", "\"", "=", ":", "$", "${", "\n", "'", "\\", ",", "#", "\"\"\""
            };
            if (!parts.get(position).matches("\\w+")) {
                parts.set(position, replacements[random.nextInt(replacements.length)]);
            }
        }
        return String.join("", parts);
    }

    @Test
    void passphraseFileThatOthersCanReadIsAWarning() throws IOException {
        ConfigurationFolder folder = new ConfigurationFolder(directory)
                .file("luns.d/pass", SECRET)
                .goodLunWith("encryption { passphrase { file = pass } }");
        Path file = folder.path("luns.d/pass");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertEquals(
                List.of("luns.d/a.conf:5: encryption.passphrase.file: others than its owner may read the file;"
                        + " chmod 600 DIR/luns.d/pass"),
                folder.warnings());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertEquals(List.of(), folder.warnings());
    }
}
