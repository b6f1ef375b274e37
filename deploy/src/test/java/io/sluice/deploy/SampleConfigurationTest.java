package io.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.SluiceConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The configuration files that ship, and the one in the README, are free of mistakes. */
final class SampleConfigurationTest {
    private static final Pattern COMMENTED_SETTING = Pattern.compile("(?m)^( *)# ([ a-z}].*[={}].*|})$");

    @TempDir
    private Path directory = Path.of("");

    private final Path samples = Distribution.home().resolve("conf");

    @BeforeEach
    void makeSecrets() throws IOException {
        directory = directory.toRealPath();
        Files.createDirectory(directory.resolve("luns.d"));
        for (String name : List.of("passphrase", "ceph-secret")) {
            writeSecret(name, "secret");
        }
        for (String name : List.of("chap-secret", "chap-secret-db1", "chap-secret-mutual")) {
            writeSecret(name, name.substring(name.length() - 6) + "-bytes");
        }
        Files.writeString(directory.resolve("ceph-ca.pem"), "");
    }

    private void writeSecret(String name, String secret) throws IOException {
        Path file = Files.writeString(directory.resolve(name), secret + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private SluiceConfiguration load(String server, String lun) throws IOException {
        Files.writeString(directory.resolve("luns.d/example.conf"), lun);
        return Configurations.load(Files.writeString(directory.resolve("sluice.conf"), server));
    }

    private static String uncommented(String text) {
        return COMMENTED_SETTING.matcher(text).replaceAll("$1$2");
    }

    @Test
    void theSamplesHaveNoMistakes() throws IOException {
        SluiceConfiguration configuration = load(
                Files.readString(samples.resolve("sluice.conf")),
                Files.readString(samples.resolve("luns.d/example.conf.sample")));
        assertEquals(1, configuration.luns().size());
    }

    @Test
    void whatIsCommentedOutHasNoMistakesEither() throws IOException {
        String server = uncommented(Files.readString(samples.resolve("sluice.conf")));
        assertTrue(server.contains("\n    endpoint = "), server);
        SluiceConfiguration all =
                load(server, uncommented(Files.readString(samples.resolve("luns.d/example.conf.sample"))));
        assertTrue(all.server().discovery().chap().isPresent());
        assertTrue(all.server().targets().containsKey("iqn.2026-11.org.example:disk"));
    }

    @Test
    void theExampleOfTheReadmeHasNoMistakes() throws IOException {
        List<String> blocks = Pattern.compile("```hocon\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Distribution.top().resolve("README.md")))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toList());
        assertEquals(2, blocks.size(), "a server file and a LUN file");
        assertEquals(1, load(blocks.get(0), blocks.get(1)).luns().size());
    }
}
