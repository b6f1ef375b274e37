package io.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launcher with a stand-in for Java that tells its version and writes down its arguments. */
final class LauncherTest {
    private final Path launcher = Distribution.home().resolve("bin/sluice");
    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    private Path directory = Path.of("");

    /** What a run left. */
    private record Outcome(int exitCode, String output) {
        List<String> arguments() {
            return Arrays.asList(output.split("\n", -1));
        }
    }

    private Path fakeJava(String version) throws IOException {
        Path home = directory.resolve("java-" + version);
        Path program = Files.createDirectories(home.resolve("bin")).resolve("java");
        String script = "#!/bin/sh\n"
                + "if [ \"$1\" = -version ]; then echo 'openjdk version \"" + version + "\" 2025-04-15' >&2; exit; fi\n"
                + "for argument; do echo \"$argument\"; done\n";
        Files.writeString(program, script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home;
    }

    private Outcome run(Path program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().remove("SLUICE_JAVA_OPTS");
        builder.environment().putAll(environment);
        Path output = directory.resolve("output");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the launcher hangs");
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    @Test
    void opensWhatTheTestsOpen() throws Exception {
        environment.put("JAVA_HOME", fakeJava("17.0.15").toString());
        List<String> passed = run(launcher, "serve").arguments();
        List<String> expected =
                List.of(Distribution.property("sluice.jvm.opens").split(" +", -1));
        assertTrue(expected.size() > 5 && expected.contains("-Dchronicle.analytics.disable=true"));
        assertEquals(expected, passed.subList(0, expected.size()));
        assertFalse(passed.contains("--sun-misc-unsafe-memory-access=allow"), "an option that Java 17 refuses");
    }

    @Test
    void handsOverArgumentsAsTheyAre() throws Exception {
        environment.put("JAVA_HOME", fakeJava("21").toString());
        List<String> passed =
                run(launcher, "serve", "--config", "a b/*.conf", "").arguments();
        int main = passed.indexOf("io.sluice.target.server.Main");
        assertEquals(List.of("serve", "--config", "a b/*.conf", "", ""), passed.subList(main + 1, passed.size()));
        assertEquals(Distribution.home().toRealPath() + "/lib/*", passed.get(main - 1));
    }

    @Test
    void letsTheUsersOptionsWin() throws Exception {
        environment.put("JAVA_HOME", fakeJava("17").toString());
        environment.put("SLUICE_JAVA_OPTS", "-Xmx3g -XX:+UseParallelGC");
        List<String> passed = run(launcher, "serve").arguments();
        assertTrue(passed.indexOf("-XX:+UseParallelGC") > passed.indexOf("-XX:+ExitOnOutOfMemoryError"));
        assertTrue(passed.indexOf("-Xmx3g") < passed.indexOf("-cp"));
    }

    /** Two collectors are refused by the JVM ("Multiple garbage collectors selected"). */
    @Test
    void aCollectorOfTheUsersReplacesOurs() throws Exception {
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        for (String collector : List.of("G1", "Parallel", "Serial", "Z")) {
            environment.put("SLUICE_JAVA_OPTS", "-XX:+Use" + collector + "GC -XX:+PrintCommandLineFlags --version");
            for (String command : List.of("serve", "status")) {
                Outcome outcome = run(launcher, command);
                assertEquals(0, outcome.exitCode(), outcome.output());
                assertTrue(outcome.output().contains("-XX:+Use" + collector + "GC"), outcome.output());
            }
        }
    }

    @Test
    void worksThroughSymbolicLinksFromAnywhere() throws Exception {
        environment.put("JAVA_HOME", fakeJava("17").toString());
        Path first = Files.createSymbolicLink(directory.resolve("first"), launcher);
        Files.createDirectory(directory.resolve("links"));
        Path second = Files.createSymbolicLink(directory.resolve("links/second"), Path.of("../first"));
        assertEquals(0, run(first, "status").exitCode());
        Outcome outcome = run(second, "status");
        assertEquals(0, outcome.exitCode(), outcome.output());
        assertTrue(outcome.output().contains("io.sluice.target.server.Main\nstatus\n"));
    }

    @Test
    void saysWhatToDoWithAnOldJava() throws Exception {
        for (String version : List.of("11.0.20", "1.8.0_402")) {
            environment.put("JAVA_HOME", fakeJava(version).toString());
            Outcome outcome = run(launcher, "serve");
            assertEquals(1, outcome.exitCode());
            assertTrue(outcome.output().contains("is version " + version + ", but Sluice needs Java 17 or newer"));
        }
    }

    @Test
    void saysWhatToDoWithoutJava() throws Exception {
        environment.put("JAVA_HOME", directory.resolve("nowhere").toString());
        Outcome outcome = run(launcher, "serve");
        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.output().contains("correct JAVA_HOME or unset it"), outcome.output());
    }

    @Test
    void takesTheJavaOfThePathWithoutJavaHome() throws Exception {
        environment.put("PATH", fakeJava("25-ea").resolve("bin") + ":" + System.getenv("PATH"));
        List<String> passed = run(launcher, "serve").arguments();
        assertTrue(passed.contains("--sun-misc-unsafe-memory-access=allow"), "Java 24 and newer would complain");
    }

    @Test
    void usesOptionsThatTheRealJavaUnderstands() throws Exception {
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("SLUICE_JAVA_OPTS", "--version");
        for (String command : List.of("serve", "status")) {
            Outcome outcome = run(launcher, command);
            assertEquals(0, outcome.exitCode(), outcome.output());
            assertFalse(outcome.output().contains("WARNING: Unknown"), outcome.output());
        }
    }
}
