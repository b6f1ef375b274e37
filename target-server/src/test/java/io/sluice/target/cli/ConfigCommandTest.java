package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.admin.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigCommandTest {
    private static final String THREE_MISTAKES = "durability = sometimes\nflush.max-age = 5 parsecs\ncolour = red";

    private Path directory;

    @BeforeEach
    void take(@TempDir Path temporary) {
        directory = temporary;
    }

    @Test
    void aGoodConfigurationIsSummedUp() {
        CommandRun run = new ServerFolder(directory)
                .lun(0, "first", "")
                .lun(1, "second", "")
                .run("config", "check")
                .expect(ExitStatus.OK);
        assertTrue(run.out().contains("no mistakes; 2 LUNs in 1 target\n"), run.out());
        assertTrue(run.out().contains(ServerFolder.TARGET + " LUN 1: volume second, 1 MiB"), run.out());
    }

    @Test
    void everyMistakeIsToldWithFileLineAndRemedyInOneRun() {
        CommandRun run = new ServerFolder(directory)
                .lun(0, "first", THREE_MISTAKES)
                .run("config", "check")
                .expect(ExitStatus.CONFIGURATION);
        assertEquals("", run.out());
        for (int line = 9; line <= 11; line++) {
            assertTrue(run.err().contains("luns.d/first.conf:" + line + ": "), run.err());
        }
        assertTrue(run.err().endsWith("sluice: the configuration has 3 mistakes\n"), run.err());
    }

    @Test
    void mistakesComeAsJsonForPrograms() {
        CommandRun run = new ServerFolder(directory)
                .lun(0, "first", THREE_MISTAKES)
                .run("config", "check", "--json")
                .expect(ExitStatus.CONFIGURATION);
        Map<String, Object> answer = Json.parse(run.out());
        assertEquals(3, answer.get("mistakes") instanceof List<?> mistakes ? mistakes.size() : 0);
        assertEquals(9, ServerFolder.firstRow(answer, "mistakes").get("line"));
    }

    @Test
    void aMissingConfigurationFileIsAMistakeOfTheConfiguration() {
        CommandRun run = CommandRun.of("config", "check", "-c", directory + "/nowhere.conf")
                .expect(ExitStatus.CONFIGURATION);
        assertTrue(run.err().contains("nowhere.conf"), run.err());
    }

    @Test
    void noCommandWorksWithABadConfiguration() {
        ServerFolder folder = new ServerFolder(directory).lun(0, "first", THREE_MISTAKES);
        folder.run("serve").expect(ExitStatus.CONFIGURATION);
        folder.run("status").expect(ExitStatus.CONFIGURATION);
        folder.run("volume", "list").expect(ExitStatus.CONFIGURATION);
        folder.run("volume", "create", "first").expect(ExitStatus.CONFIGURATION);
        folder.run("passphrase", "change", "first", "--new-env", "X").expect(ExitStatus.CONFIGURATION);
    }
}
