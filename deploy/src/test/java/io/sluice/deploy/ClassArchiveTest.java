package io.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class archive: made by the launcher, used only as it was made, and worth it. */
final class ClassArchiveTest {
    /** Makes an "archive", as a rehearsal does when it ends; else writes down its arguments. */
    private static final String FAKE_JAVA = """
            #!/bin/sh
            if [ "$1" = -version ]; then echo 'openjdk version "17.0.15" 2025-04-15' >&2; exit; fi
            for argument; do
                case $argument in
                -XX:ArchiveClassesAtExit=*)
                    [ ! -e "${0%/*}/broken" ] || { echo "no memory"; exit 1; }
                    echo classes >"${argument#*=}"
                    exit 0
                    ;;
                esac
                echo "$argument"
            done
            """;

    /** Of Sluice and Bouncy Castle. Without an archive, or one in which the latter is signed, it is many times as many. */
    private static final long LOADED_FROM_JARS_MAX = 50;

    @TempDir
    private Path directory = Path.of("");

    private Path java = Path.of("");

    private record Outcome(int exitCode, String output) {}

    @BeforeEach
    void makeFakeJava() throws IOException {
        java = Files.createDirectories(directory.resolve("jdk/bin")).resolve("java");
        Files.writeString(java, FAKE_JAVA);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Path archives() {
        return directory.resolve("class archives");
    }

    private Process begin(Path javaHome, String options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Distribution.home().resolve("bin/sluice").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment()
                .putAll(Map.of(
                        "JAVA_HOME",
                        javaHome.toString(),
                        "SLUICE_JAVA_OPTS",
                        options,
                        "SLUICE_CLASS_ARCHIVE",
                        archives().toString()));
        return builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        Process process = begin(java.resolve("../..").normalize(), "", arguments);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the launcher hangs");
        return new Outcome(process.exitValue(), Files.readString(directory.resolve("output")));
    }

    private boolean isUsed() throws IOException, InterruptedException {
        return run("serve").output().contains("\n-XX:SharedArchiveFile=" + archives() + "/java-17.0.15.jsa\n");
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(archives())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aServerUsesTheArchiveThatWasMade() throws Exception {
        assertTrue(!isUsed());
        Outcome made = run("archive-classes");
        assertEquals(0, made.exitCode(), made.output());
        assertEquals(List.of("java-17.0.15.jsa", "java-17.0.15.jsa.of"), files());
        assertTrue(isUsed());
        assertTrue(!run("status").output().contains("SharedArchiveFile"), "a command of a moment does not need it");
    }

    @Test
    void anArchiveThatWasCutOffIsNotShownToTheJvm() throws Exception {
        run("archive-classes");
        Files.writeString(archives().resolve("java-17.0.15.jsa"), "class");
        assertTrue(!isUsed(), "the JVM dies of it");
        run("archive-classes", "--if-absent");
        assertTrue(isUsed());
    }

    @Test
    void anotherJavaNeedsAnotherArchive() throws Exception {
        run("archive-classes");
        Files.writeString(java, FAKE_JAVA + "# changed\n");
        assertTrue(!isUsed());
        run("archive-classes", "--if-absent");
        assertTrue(isUsed());
    }

    @Test
    void withoutAnArchiveItIsToldWhyAndTheServerStarts() throws Exception {
        Files.writeString(java.resolveSibling("broken"), "");
        Outcome outcome = run("archive-classes");
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.output().contains("no memory") && outcome.output().contains("starts without one"));
        assertEquals(List.of(), files());
        assertEquals(0, run("serve").exitCode());
    }

    @Test
    void theRealServerStartsWithoutACompilerAndFromTheArchive() throws Exception {
        Path home = Path.of(System.getProperty("java.home"));
        Process archiving = begin(home, "", "archive-classes");
        assertTrue(archiving.waitFor(10, TimeUnit.MINUTES));
        assertEquals(0, archiving.exitValue(), () -> output());
        assertHolds("io/sluice/target/iscsi/login/LoginMachine", "a host logged in");
        assertHolds("software/amazon/awssdk/protocols/query/unmarshall/XmlDomParser", "the bucket answered");
        Path configuration = configuration();
        assertTrue(begin(home, "", "volume", "create", "--config", configuration.toString(), "disk")
                .waitFor(10, TimeUnit.MINUTES));
        Path classes = directory.resolve("classes");
        Process server = begin(home, "-Xlog:class+load:file=" + classes, "serve", "--config", configuration.toString());
        try {
            while (!output().contains("ready: ")) {
                assertTrue(server.isAlive(), this::output);
                Thread.sleep(100);
            }
        } finally {
            server.destroy();
            server.waitFor();
        }
        List<String> loaded = Files.readAllLines(classes);
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(line -> line.contains(" com.sun.tools.javac.comp."))
                        .toList());
        // Java 17 archives no classes of a format older than Java 6, and some of the libraries' are.
        List<String> fromJars = loaded.stream()
                .filter(line -> line.contains(" source: file:"))
                .filter(line -> line.contains(" io.sluice.") || line.contains(" org.bouncycastle."))
                .toList();
        assertTrue(loaded.size() > 2000, loaded.size() + " classes");
        assertTrue(fromJars.size() < LOADED_FROM_JARS_MAX, () -> fromJars.size() + " of them: " + fromJars);
    }

    /** Names of classes stand in the archive as they are. */
    private void assertHolds(String className, String when) throws IOException {
        String archive = archives().resolve(files().get(0)).toString();
        assertTrue(
                Files.readString(Path.of(archive), StandardCharsets.ISO_8859_1).contains(className), when);
    }

    private String output() {
        try {
            return Files.readString(directory.resolve("output"));
        } catch (IOException failure) {
            return failure.toString();
        }
    }

    private Path configuration() throws IOException {
        Files.writeString(directory.resolve("passphrase"), "a passphrase of a test");
        Files.setPosixFilePermissions(directory.resolve("passphrase"), PosixFilePermissions.fromString("rw-------"));
        Files.createDirectories(directory.resolve("bucket"));
        Path luns = Files.createDirectories(directory.resolve("luns.d"));
        Files.writeString(luns.resolve("disk.conf"), """
                target = "iqn.2026-11.io.sluice:archive"
                lun = 0
                size = 64 MiB
                volume = disk
                """);
        return Files.writeString(directory.resolve("sluice.conf"), """
                portals = ["127.0.0.1:0"]
                admin-socket = admin.sock
                data-directory = cache
                stores.near { type = file, directory = bucket }
                defaults { store = near, encryption { passphrase { file = passphrase } } }
                """);
    }
}
