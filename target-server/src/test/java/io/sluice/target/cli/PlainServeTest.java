package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code serve} without the library for command lines does what it does with it. */
final class PlainServeTest {
    @TempDir
    private Path directory = Path.of(".");

    private static CommandRun plainly(ServerLauncher launcher, String... arguments) {
        assertTrue(PlainServe.takes(arguments));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = PlainServe.run(arguments, launcher, new PrintWriter(out, true), new PrintWriter(err, true));
        return new CommandRun(status, out.toString(), err.toString());
    }

    private static CommandRun bothWays(ServerLauncher launcher, String... arguments) {
        CommandRun plainly = plainly(launcher, arguments);
        assertEquals(CommandRun.with(launcher, arguments), plainly);
        return plainly;
    }

    @ParameterizedTest
    @ValueSource(strings = {"-c", "--config"})
    void theServerGetsFileConfigurationAndStreams(String option) {
        ServerFolder folder = new ServerFolder(directory).lun(0, "first", ServerFolder.encrypted());
        ServerLauncher told = (file, configuration, out, errors) -> {
            out.println("ready: " + file + " " + configuration.luns().size());
            errors.println("told");
            return 7;
        };
        CommandRun run =
                bothWays(told, "serve", option, folder.configurationFile().toString());
        assertEquals(new CommandRun(7, "ready: " + folder.configurationFile() + " 1\n", "told\n"), run);
    }

    @Test
    void mistakesOfTheConfigurationAreToldTheSame() {
        ServerFolder folder = new ServerFolder(directory).lun(0, "first", "no-such-key = 1");
        CommandRun run = bothWays(
                (file, configuration, out, errors) -> 7,
                "serve",
                "--config",
                folder.configurationFile().toString());
        assertEquals(ExitStatus.CONFIGURATION, run.status());
        assertTrue(run.err().contains("no-such-key"), run.err());
    }

    @Test
    void aMissingFileIsToldTheSame() {
        bothWays((file, configuration, out, errors) -> 7, "serve", "-c", directory + "/nowhere.conf")
                .expect(ExitStatus.CONFIGURATION);
    }

    @Test
    void aFailureOfTheServerIsToldTheSame() {
        ServerFolder folder = new ServerFolder(directory).lun(0, "first", ServerFolder.encrypted());
        CommandRun run = bothWays(
                (file, configuration, out, errors) -> {
                    throw new CommandFailure(ExitStatus.FAILED, "the portal is taken");
                },
                "serve",
                "--config",
                folder.configurationFile().toString());
        assertEquals(new CommandRun(ExitStatus.FAILED, "", "sluice: the portal is taken\n"), run);
    }

    @Test
    void withoutAFileItIsTheOneThatTheHelpNames() {
        assertTrue(PlainServe.takes(new String[] {"serve"}));
        assertTrue(CommandRun.of("serve", "--help").out().contains(ConfigurationOption.DEFAULT_FILE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "serv",
                "serve --help",
                "serve --config",
                "serve --config=a.conf",
                "serve --config -h",
                "serve --config @words",
                "serve --config \"a.conf\"",
                "serve a.conf b.conf",
                "serve -c a.conf b.conf",
                "config check --config"
            })
    void everythingElseIsTheLibrarys(String line) {
        assertFalse(PlainServe.takes(line.isEmpty() ? new String[0] : line.split(" ")));
    }
}
