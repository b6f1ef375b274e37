package io.sluice.target.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.cli.ServerFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process as the launcher starts it. */
@Timeout(120)
class MainTest {
    /** The warm-up thread logs, too: did it begin first, the main thread would get a substitute and fail. */
    @Test
    void loggingIsSetUpBeforeThereIsASecondThread(@TempDir Path directory) throws IOException, InterruptedException {
        ServerFolder folder = new ServerFolder(directory).lun(0, "disk", "");
        assertEquals(0, folder.run("volume", "create", "disk").status());
        Process server = new ProcessBuilder(commandLine(folder))
                .redirectErrorStream(true)
                .start();
        try {
            String said = saidUntilReady(server);
            assertTrue(said.contains("INFO  [main] StartupBanner: "), said);
            server.destroy();
            assertTrue(server.waitFor(60, TimeUnit.SECONDS), said);
            assertEquals(0, server.exitValue(), said);
        } finally {
            server.destroyForcibly();
        }
    }

    private static List<String> commandLine(ServerFolder folder) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--add-"))
                .forEach(line::add);
        line.addAll(List.of("-Dchronicle.analytics.disable=true", "-Dslf4j.provider=" + SlowLogging.class.getName()));
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        line.addAll(List.of("serve", "--config", folder.configurationFile().toString()));
        return line;
    }

    private static String saidUntilReady(Process server) throws IOException {
        StringBuilder said = new StringBuilder();
        BufferedReader output = server.inputReader();
        String line = output.readLine();
        while (line != null && !line.startsWith("ready: ")) {
            said.append(line).append('\n');
            line = output.readLine();
        }
        assertTrue(line != null, () -> "not ready: " + said);
        return said.toString();
    }
}
