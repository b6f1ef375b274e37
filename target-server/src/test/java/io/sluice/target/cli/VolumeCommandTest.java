package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.admin.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumeCommandTest {
    private Path directory;

    private ServerFolder folder;

    @BeforeEach
    void configure(@TempDir Path temporary) {
        directory = temporary;
        folder = new ServerFolder(directory).lun(0, "disk", "");
    }

    @Test
    void createsListsDescribesAndDeletes() {
        CommandRun created = folder.run("volume", "create", "disk").expect(ExitStatus.OK);
        assertTrue(created.out().startsWith("volume disk created: 1 MiB, NOT encrypted"), created.out());
        String list = folder.run("volume", "list").expect(ExitStatus.OK).out();
        assertTrue(list.contains("disk") && list.contains(ServerFolder.TARGET + " LUN 0"), list);
        Map<String, Object> info =
                Json.parse(folder.run("volume", "info", "disk", "--json").out());
        assertEquals(1 << 20, info.get("size-bytes"));
        assertEquals(true, info.get("closed-cleanly"));
        CommandRun gone =
                folder.run("volume", "delete", "disk", "--confirm", "disk").expect(ExitStatus.OK);
        assertTrue(gone.err().contains("objects deleted"), gone.err());
        assertTrue(gone.out().contains("may be removed"), gone.out());
        assertTrue(folder.run("volume", "list").out().contains("no volumes in"));
        folder.run("volume", "delete", "disk", "--confirm", "disk").expect(ExitStatus.FAILED);
    }

    @Test
    void anExistingVolumeIsNotTouched() {
        folder.run("volume", "create", "disk").expect(ExitStatus.OK);
        String before = folder.run("volume", "info", "disk").out();
        CommandRun again = folder.run("volume", "create", "disk").expect(ExitStatus.FAILED);
        assertTrue(again.err().contains("exists already"), again.err());
        CommandRun tolerated =
                folder.run("volume", "create", "disk", "--if-absent").expect(ExitStatus.OK);
        assertEquals("volume disk exists\n", tolerated.out());
        assertEquals(before, folder.run("volume", "info", "disk").out());
    }

    @Test
    void deletingNeedsTheRightNameTwice() {
        folder.run("volume", "create", "disk").expect(ExitStatus.OK);
        CommandRun run =
                folder.run("volume", "delete", "disk", "--confirm", "dusk").expect(ExitStatus.USAGE);
        assertTrue(run.err().contains("nothing was deleted"), run.err());
        folder.run("volume", "info", "disk").expect(ExitStatus.OK);
    }

    @Test
    void volumesOfAStoreThatNoLunNamesAreListedToo() {
        folder.run("volume", "create", "disk").expect(ExitStatus.OK);
        folder.lun(0, "other", "");
        assertTrue(directory.resolve("luns.d/disk.conf").toFile().delete());
        CommandRun run = folder.run("volume", "list", "--json").expect(ExitStatus.OK);
        Map<?, ?> row = ServerFolder.firstRow(Json.parse(run.out()), "volumes");
        assertEquals("disk", row.get("volume"));
        assertEquals("(not configured)", row.get("lun"));
    }

    @Test
    void anUnknownNameIsAnsweredWithTheKnownOnes() {
        CommandRun run = folder.run("volume", "create", "dusk").expect(ExitStatus.FAILED);
        assertTrue(run.err().contains("names a volume \"dusk\"; they name disk"), run.err());
    }

    @Test
    void aVolumeThatDoesNotExistIsToldWithTheRemedy() {
        CommandRun run = folder.run("volume", "info", "disk").expect(ExitStatus.FAILED);
        assertTrue(run.err().contains("there is no volume \"disk\""), run.err());
        assertTrue(run.err().contains("sluice volume create"), run.err());
    }

    @Test
    void aMissingBucketDirectoryIsToldWithTheRemedy() throws IOException {
        Files.delete(directory.resolve("bucket"));
        for (String command : List.of("create disk", "info disk", "list", "delete disk --confirm disk")) {
            CommandRun run = folder.run(("volume " + command).split(" ")).expect(ExitStatus.FAILED);
            String told = "bucket directory " + directory.toAbsolutePath().resolve("bucket") + " is missing: create it";
            assertTrue(run.err().contains(told), run.err());
        }
        assertFalse(Files.exists(directory.resolve("bucket")));
    }

    @Test
    void noMessageNamesAJavaClass() throws IOException {
        Files.delete(directory.resolve("bucket"));
        folder.write("bucket", "a file");
        CommandRun run = folder.run("volume", "create", "disk").expect(ExitStatus.FAILED);
        assertFalse(run.all().contains("java."), run.all());
    }
}
