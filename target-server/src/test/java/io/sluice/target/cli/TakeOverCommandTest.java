package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.engine.SystemEnvironment;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.runtime.SystemRuntime;
import io.sluice.target.admin.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's words on the command line. */
class TakeOverCommandTest {
    private final InputStream input = System.in;
    private ServerFolder folder;

    /** A volume that a gateway has opened and not closed; its cache directory is gone. */
    @BeforeEach
    void abandon(@TempDir Path temporary) throws IOException {
        folder = new ServerFolder(temporary).lun(0, "disk", "cache-directory = \"../elsewhere\"");
        folder.run("volume", "create", "disk").expect(ExitStatus.OK);
        try (SystemRuntime runtime = new SystemRuntime(2)) {
            var unused = new Volumes(SystemEnvironment.on(runtime))
                    .open(folder.load().luns().get(0).volume())
                    .join();
        }
        folder.lun(0, "disk", "");
    }

    @AfterEach
    void giveBackInput() {
        System.setIn(input);
    }

    private static void type(String text) {
        System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private boolean isSaid() {
        return Files.exists(folder.path("cache/disk/word.take-over"));
    }

    @Test
    void tellsWhoHadItAndAsks() {
        type("yes\n");
        CommandRun refused = folder.run("volume", "take-over", "disk").expect(ExitStatus.FAILED);
        assertTrue(refused.out().contains("epoch 1"), refused.out());
        assertTrue(refused.out().contains(":" + folder.path("elsewhere").normalize()), refused.out());
        assertTrue(refused.out().contains("only in the journal"), refused.out());
        assertTrue(refused.out().contains("nothing was changed"), refused.out());
        assertFalse(isSaid());
        type("disk\n");
        CommandRun said = folder.run("volume", "take-over", "disk").expect(ExitStatus.OK);
        assertTrue(said.out().contains("sluice reload"), said.out());
        assertTrue(isSaid());
    }

    @Test
    void withoutInputItDoesNothing() {
        type("");
        CommandRun run = folder.run("volume", "take-over", "disk").expect(ExitStatus.FAILED);
        assertTrue(run.out().contains("add --yes"), run.out());
        assertFalse(isSaid());
    }

    @Test
    void jsonAloneOnlyReports() {
        Map<String, Object> report = Json.parse(folder.run("volume", "take-over", "disk", "--json")
                .expect(ExitStatus.OK)
                .out());
        assertEquals(true, report.get("needed"));
        assertEquals(false, report.get("allowed"));
        assertEquals(1, report.get("epoch"));
        assertFalse(isSaid());
        Map<String, Object> said = Json.parse(folder.run("volume", "take-over", "disk", "--json", "--yes")
                .expect(ExitStatus.OK)
                .out());
        assertEquals(true, said.get("allowed"));
        assertTrue(isSaid());
    }

    @Test
    void whatNeedsNoWordGetsNone() {
        CommandRun rollback =
                folder.run("volume", "accept-rollback", "disk", "--yes").expect(ExitStatus.OK);
        assertTrue(rollback.out().contains("nothing has to be allowed"), rollback.out());
        folder.lun(1, "fresh", "");
        folder.run("volume", "create", "fresh").expect(ExitStatus.OK);
        CommandRun fresh = folder.run("volume", "take-over", "fresh", "--yes").expect(ExitStatus.OK);
        assertTrue(fresh.out().contains("nothing has to be allowed"), fresh.out());
        assertFalse(Files.exists(folder.path("cache/fresh/word.take-over")));
    }
}
