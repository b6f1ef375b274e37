package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.admin.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sluice scrub} without a server, and {@code sluice volume rebuild}. */
class ScrubCommandTest {
    private ServerFolder folder;

    @BeforeEach
    void configure(@TempDir Path temporary) {
        folder = new ServerFolder(temporary).lun(0, "disk", ServerFolder.encrypted());
        folder.run("volume", "create", "disk").expect(ExitStatus.OK);
    }

    private List<Path> objects(String kind) throws IOException {
        Path directory = folder.path("bucket/disk/" + kind);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }

    private static void flip(Path file, int offset) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[offset] ^= 4;
        Files.write(file, bytes);
    }

    @Test
    void aCleanVolumeIsToldSo() {
        CommandRun run = folder.run("scrub", "disk").expect(0);
        assertTrue(run.out().contains("clean: every byte is as it was written"), run.out());
        Map<String, Object> report =
                Json.parse(folder.run("scrub", "disk", "--json").expect(0).out());
        assertEquals(true, report.get("clean"));
        assertEquals(1, report.get("manifests"));
        assertEquals(1, report.get("identityCopies"));
    }

    @Test
    void damageIsNamedAndHasAStatusOfItsOwn() throws IOException {
        flip(objects("identity").get(0), 60);
        CommandRun run = folder.run("scrub", "disk", "--bandwidth", "64 MiB").expect(1);
        assertTrue(run.out().contains("DAMAGED: disk/identity/0000000000000001"), run.out());
        Map<String, Object> report =
                Json.parse(folder.run("scrub", "disk", "--json").expect(1).out());
        assertEquals(false, report.get("clean"));
        assertEquals(
                "disk/identity/0000000000000001",
                ServerFolder.firstRow(report, "findings").get("object"));
    }

    @Test
    void whatCannotBeFoundOutHasAThird() throws IOException {
        flip(objects("manifest").get(0), 60);
        CommandRun run = folder.run("scrub", "disk").expect(2);
        assertTrue(run.err().contains("disk/manifest/0000000000000001"), run.err());
        folder.run("scrub", "disk", "--bandwidth", "plenty").expect(ExitStatus.USAGE);
        assertTrue(folder.run("scrub", "disk", "--status").expect(2).err().contains("no running server"));
    }

    @Test
    void aVolumeWithoutManifestsComesBack() throws IOException {
        String before = folder.run("volume", "info", "disk").out();
        Files.delete(objects("manifest").get(0));
        assertTrue(folder.run("volume", "info", "disk").expect(1).err().contains("there is no volume"));
        CommandRun create = folder.run("volume", "create", "disk").expect(1);
        assertTrue(create.err().contains("sluice volume rebuild"), create.err());
        folder.run("volume", "rebuild", "disk", "--json").expect(ExitStatus.USAGE);
        CommandRun dry = folder.run("volume", "rebuild", "disk", "--dry-run").expect(0);
        assertTrue(dry.out().contains("NOT the newest manifest"), dry.out());
        assertTrue(dry.out().contains("persistent reservations are lost"), dry.out());
        assertEquals(List.of(), objects("manifest"));
        Map<String, Object> report = Json.parse(folder.run("volume", "rebuild", "disk", "--yes", "--json")
                .expect(0)
                .out());
        assertEquals(true, report.get("written"));
        String after = folder.run("volume", "info", "disk").expect(0).out();
        assertEquals(line(before, "identity"), line(after, "identity"));
        assertEquals(line(before, "serial-number"), line(after, "serial-number"));
        assertFalse(line(after, "identity").isEmpty());
        folder.run("scrub", "disk").expect(0);
    }

    private static String line(String text, String name) {
        return text.lines().filter(line -> line.startsWith(name)).findFirst().orElse("");
    }

    @Test
    void withoutManifestAndCopyTheKeyIsGoneAndItSaysSo() throws IOException {
        flip(objects("manifest").get(0), 60);
        flip(objects("identity").get(0), 60);
        CommandRun run = folder.run("volume", "rebuild", "disk", "--yes").expect(1);
        assertTrue(run.err().contains("its key is lost"), run.err());
    }
}
