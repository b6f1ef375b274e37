package io.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The commands of the README, as far as they go without building or serving. */
final class ScriptsTest {
    private record Outcome(int exitCode, String output) {}

    private static Outcome run(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(Distribution.top().resolve(program).toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return new Outcome(process.exitValue(), output);
    }

    @Test
    void quickstartExplainsItself() throws Exception {
        Outcome outcome = run("deploy/quickstart", "--help");
        assertEquals(0, outcome.exitCode());
        assertTrue(outcome.output().contains("deploy/quickstart [--port 3260] [--data DIR] [--size 1GiB]"));
    }

    @Test
    void quickstartRefusesWhatItDoesNotUnderstandBeforeItDoesAnything() throws Exception {
        for (String[] arguments : new String[][] {
            {"--bogus"},
            {"--port"},
            {"--port", "0"},
            {"--port", "70000"},
            {"--port", "x"},
            {"--size", "big"},
            {"--data="}
        }) {
            Outcome outcome = run("deploy/quickstart", arguments);
            assertEquals(1, outcome.exitCode(), outcome.output());
            assertTrue(outcome.output().startsWith("quickstart: "), outcome.output());
        }
    }

    @Test
    void everyScriptIsAProgramThatTheShellUnderstands() throws Exception {
        for (String name :
                List.of("deploy/quickstart", "integration-tests/run", ".ci/run", "deploy/src/dist/bin/sluice")) {
            assertTrue(Files.isExecutable(Distribution.top().resolve(name)), name);
            Process process = new ProcessBuilder(
                            "sh", "-n", Distribution.top().resolve(name).toString())
                    .inheritIO()
                    .start();
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue(), name);
        }
    }

    @Test
    void theDistributionIsComplete() {
        assertEquals(List.of("sluice"), Distribution.namesIn("bin"));
        assertEquals(List.of("luns.d", "sluice.conf"), Distribution.namesIn("conf"));
        assertEquals(List.of("sluice.service"), Distribution.namesIn("systemd"));
        assertTrue(Distribution.namesIn("").containsAll(List.of("NOTICE", "README.md", "bin", "conf", "lib")));
    }
}
