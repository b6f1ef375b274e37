package io.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.LunSettings;
import io.sluice.config.SluiceConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the quickstart in a source tree of its own, with stand-ins for Sluice and Maven that write down their calls. */
final class QuickstartTest {
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir
    private Path directory = Path.of("");

    private Path top = Path.of("");
    private Path data = Path.of("");
    private Path calls = Path.of("");

    private record Outcome(int exitCode, String output) {}

    @BeforeEach
    void makeSourceTree() throws IOException {
        directory = directory.toRealPath();
        top = directory.resolve("top");
        data = directory.resolve("the data");
        calls = directory.resolve("calls");
        Path script = Files.createDirectories(top.resolve("deploy")).resolve("quickstart");
        Files.copy(Distribution.top().resolve("deploy/quickstart"), script);
        program(top.resolve("deploy/target/sluice-1/bin/sluice"), """
                echo "sluice $*" >> '%1$s'
                if [ "$1" = volume ]; then [ ! -e '%2$s/refuse' ] || exit 1; touch '%2$s/made'; fi
                """);
        Files.writeString(top.resolve("deploy/target/sluice-1.tar.gz"), "");
        program(directory.resolve("bin/mvn"), "echo \"mvn $*\" >> '%1$s'\n");
        for (String file :
                List.of("pom.xml", "storage/pom.xml", "storage/src/main/A.java", "storage/src/test/T.java")) {
            Path path = top.resolve(file);
            Files.createDirectories(path.resolve("..").normalize());
            Files.writeString(path, "");
            Files.setLastModifiedTime(path, FileTime.from(LONG_AGO));
        }
    }

    private void program(Path path, String body) throws IOException {
        Files.createDirectories(path.resolve("..").normalize());
        Files.writeString(path, "#!/bin/sh\n" + String.format(body, calls, directory));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(top.resolve("deploy/quickstart").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("XDG_DATA_HOME", directory.resolve("xdg").toString());
        builder.environment().put("XDG_RUNTIME_DIR", "/run/user/0");
        Path output = directory.resolve("output");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the quickstart hangs");
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    private Outcome start(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("--data", "the data"));
        all.addAll(List.of(arguments));
        return run(all.toArray(new String[0]));
    }

    private List<String> calls() throws IOException {
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    @Test
    void makesConfigurationPassphraseAndVolumeAndServes() throws Exception {
        Outcome outcome = start("--port", "3261", "--size", "2GiB");
        assertEquals(0, outcome.exitCode(), outcome.output());
        String file = data.resolve("sluice.conf").toString();
        assertEquals(
                List.of(
                        "sluice config check --config " + file,
                        "sluice volume create --config " + file + " --if-absent demo",
                        "sluice archive-classes --if-absent",
                        "sluice serve --config " + file),
                calls());
        assertTrue(Files.readString(data.resolve("portal.conf")).contains("portals = [\"127.0.0.1:3261\"]"));
        assertTrue(Files.readString(data.resolve("luns.d/demo.conf")).contains("size = 2GiB"));
        assertTrue(outcome.output().contains("iscsi://127.0.0.1:3261/iqn.2026-11.io.sluice:demo/0"));
        assertTrue(outcome.output().contains("everything is in " + data));
    }

    @Test
    void writesAConfigurationWithoutMistakes() throws Exception {
        start("--port", "3261", "--size", "2 GiB");
        SluiceConfiguration configuration = Configurations.load(data.resolve("sluice.conf"));
        LunSettings lun = configuration.luns().get(0);
        assertEquals("iqn.2026-11.io.sluice:demo", lun.targetName());
        assertEquals(ByteSize.ofGiB(2), lun.size());
        assertEquals(data.resolve("cache/demo"), lun.volume().cacheDirectory());
    }

    @Test
    void keepsThePassphraseToItsOwner() throws Exception {
        start();
        Path passphrase = data.resolve("passphrase");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(passphrase)));
        assertTrue(Files.readString(passphrase).length() >= 44, "32 random bytes");
    }

    @Test
    void findsEverythingAgainWithoutTheCache() throws Exception {
        start();
        String passphrase = Files.readString(data.resolve("passphrase"));
        Files.delete(data.resolve("cache"));
        Files.delete(calls);
        Outcome outcome = start("--port=4000", "--size", "5GiB");
        assertEquals(0, outcome.exitCode());
        assertEquals(
                List.of("config", "archive-classes", "serve"),
                calls().stream().map(line -> line.split(" ", 3)[1]).toList());
        assertEquals(passphrase, Files.readString(data.resolve("passphrase")));
        assertTrue(Files.readString(data.resolve("portal.conf")).contains("127.0.0.1:4000"));
        assertTrue(Files.readString(data.resolve("luns.d/demo.conf")).contains("size = 1GiB"));
        assertTrue(outcome.output().contains("--size is not used"));
    }

    @Test
    void stopsWhenTheVolumeCannotBeCreated() throws Exception {
        Files.writeString(directory.resolve("refuse"), "");
        Outcome outcome = start();
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.output().contains("the volume could not be created"), outcome.output());
        Files.delete(directory.resolve("refuse"));
        assertEquals(0, start().exitCode(), "the next start tries again");
        assertTrue(calls().get(calls().size() - 1).startsWith("sluice serve"));
    }

    @Test
    void keepsAnEditedConfiguration() throws Exception {
        start();
        Files.writeString(data.resolve("sluice.conf"), "# mine\n");
        start();
        assertEquals("# mine\n", Files.readString(data.resolve("sluice.conf")));
    }

    @Test
    void putsTheAdminSocketElsewhereWhenThePathIsTooLong() throws Exception {
        start();
        assertTrue(Files.readString(data.resolve("portal.conf")).contains("admin-socket = \"admin.sock\""));
        Path deep = directory.resolve("d".repeat(100));
        Outcome outcome = run("--data", deep.toString());
        assertEquals(0, outcome.exitCode(), outcome.output());
        assertTrue(Files.readString(deep.resolve("portal.conf")).contains("\"/run/user/0/sluice-demo-"));
    }

    @Test
    void keepsItsDataInOnePlaceWhateverTheWorkingDirectory() throws Exception {
        assertEquals(0, run().exitCode());
        assertTrue(Files.exists(directory.resolve("xdg/sluice-demo/sluice.conf")));
    }

    @Test
    void buildsOnlyWhenASourceIsNewer() throws Exception {
        start();
        assertFalse(calls().get(0).startsWith("mvn"));
        Path archive = top.resolve("deploy/target/sluice-1.tar.gz");
        Files.setLastModifiedTime(archive, FileTime.from(LONG_AGO.plusSeconds(60)));
        FileTime later = FileTime.from(LONG_AGO.plusSeconds(120));
        Files.setLastModifiedTime(top.resolve("storage/src/test/T.java"), later);
        Files.delete(calls);
        start();
        assertFalse(calls().get(0).startsWith("mvn"), "tests are not in the distribution");
        Files.setLastModifiedTime(top.resolve("storage/src/main/A.java"), later);
        Files.delete(calls);
        start();
        assertTrue(calls().get(0).startsWith("mvn -q -B "), calls().toString());
        assertTrue(calls().get(0).endsWith(" package -pl deploy -am"), calls().toString());
        assertNotEquals(FileTime.from(LONG_AGO.plusSeconds(60)), Files.getLastModifiedTime(archive));
        Files.delete(calls);
        start();
        assertFalse(calls().get(0).startsWith("mvn"), "built once");
    }
}
