package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
    @ParameterizedTest
    @CsvSource({
        "'', backed by object storage",
        "serve, Serves the configured LUNs",
        "status, not in the bucket yet",
        "reload, without touching other LUNs or sessions",
        "drain, is in the bucket",
        "config, Looks at the configuration",
        "config check, tells every mistake",
        "volume, 'Creates, lists, describes and deletes'",
        "volume create, Creates the volume that a LUN file names",
        "volume list, Lists the volumes",
        "volume info, Needs no passphrase",
        "volume delete, There is no way back",
        "passphrase, Looks after the passphrases",
        "passphrase change, no data is encrypted anew"
    })
    void helpSaysWhatACommandIsFor(String command, String purpose) {
        CommandRun run = CommandRun.of((command + " --help").strip().split(" ")).expect(ExitStatus.OK);
        assertTrue(run.out().replaceAll("\\s+", " ").contains(purpose), run.out());
        assertEquals("", run.err());
    }

    @Test
    void helpListsTheExitStatuses() {
        String out = CommandRun.of("--help").out();
        assertTrue(out.contains("Exit status"), out);
        assertTrue(out.contains("the configuration has mistakes"), out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "serve --version", "volume create --version"})
    void everyCommandTellsTheVersion(String command) {
        CommandRun run = CommandRun.of(command.split(" ")).expect(ExitStatus.OK);
        assertTrue(run.out().contains("sluice ") && run.out().contains("Java "), run.out());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--no-such-option",
                "volume create",
                "volume",
                "passphrase change disk",
                "passphrase change disk --new-env A --new-file B",
                "volume delete disk",
                "nonsense"
            })
    void aWrongCommandLineEndsWithTwoAndPointsToTheHelp(String command) {
        CommandRun run = CommandRun.of(command.split(" ")).expect(ExitStatus.USAGE);
        assertTrue(run.err().startsWith("sluice: "), run.err());
        assertTrue(run.err().contains("--help"), run.err());
        assertEquals("", run.out());
    }

    @Test
    void noCommandAtAllIsAWrongCommandLine() {
        CommandRun run = CommandRun.of().expect(ExitStatus.USAGE);
        assertTrue(run.err().contains("--help"), run.err());
    }

    @Test
    void aMistypedCommandGetsASuggestion() {
        assertTrue(CommandRun.of("stauts").err().contains("status"));
    }
}
