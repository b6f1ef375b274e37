package io.sluice.target.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import io.sluice.target.admin.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreAndFsckTest {
    private static final int BLOCK = 4096;
    private static final int SIZE = 1 << 20;

    private final byte[] expected = new byte[SIZE];
    private Path directory;
    private ServerFolder folder;

    @BeforeEach
    void makeVolume(@TempDir Path temporary) {
        directory = temporary;
        folder = new ServerFolder(directory).lun(0, "disk", ServerFolder.encrypted());
        folder.run("volume", "create", "disk").expect(ExitStatus.OK);
        byte[] data = new byte[64 * BLOCK];
        new Random(5).nextBytes(data);
        System.arraycopy(data, 0, expected, 16 * BLOCK, data.length);
        VolumeSettings settings = folder.load().luns().get(0).volume();
        boolean closed =
                Engine.run(volumes -> volumes.open(settings).thenCompose(opened -> write(opened, 16 * BLOCK, data)));
        assertTrue(closed);
    }

    private static CompletableFuture<Boolean> write(OpenedVolume opened, long offset, byte[] data) {
        CompletableFuture<Optional<IoFailure>> written = new CompletableFuture<>();
        VolumePort port = opened.volume().openPort(Runnable::run);
        port.write(offset, ByteBuffer.wrap(data), true, failure -> written.complete(Optional.ofNullable(failure)));
        port.submit();
        return written.thenCompose(failure -> {
            assertEquals(Optional.empty(), failure);
            port.close();
            return opened.volume().close().thenApply(report -> report.drained());
        });
    }

    private CommandRun direct(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 4);
        all[arguments.length] = "--store-directory";
        all[arguments.length + 1] = folder.path("bucket").toString();
        all[arguments.length + 2] = "--passphrase-file";
        all[arguments.length + 3] = folder.path("passphrase").toString();
        return CommandRun.of(all);
    }

    private Path image() {
        return folder.path("disk.img");
    }

    private Path largestSegment() throws IOException {
        try (Stream<Path> all = Files.list(folder.path("bucket/disk/segment"))) {
            return all.max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    private void flip(Path object, int offset) throws IOException {
        byte[] bytes = Files.readAllBytes(object);
        bytes[offset] ^= 1;
        Files.write(object, bytes);
    }

    private static int number(Map<?, ?> row, String key) {
        if (row.get(key) instanceof Number number) {
            return number.intValue();
        }
        throw new AssertionError("no number " + key + " in " + row);
    }

    @Test
    void restoresWithTheConfigurationAndWithoutIt() throws IOException {
        CommandRun run =
                folder.run("restore", "disk", "--to", image().toString()).expect(ExitStatus.OK);
        assertArrayEquals(expected, Files.readAllBytes(image()));
        assertTrue(run.out().contains("sequence") && run.out().contains("everything in the bucket"), run.out());
        assertFalse(Files.exists(RestoreState.pathFor(image())));
        Path other = folder.path("other.img");
        CommandRun json =
                direct("restore", "disk", "--json", "--to", other.toString()).expect(ExitStatus.OK);
        assertArrayEquals(expected, Files.readAllBytes(other));
        Map<String, Object> report = Json.parse(json.out());
        assertEquals(64 * BLOCK, report.get("bytes-written"));
        assertEquals(SIZE, report.get("size-bytes"));
        assertEquals(List.of(), report.get("damaged"));
        assertEquals(true, report.get("closed-cleanly"));
        assertFalse(run.all().contains(ServerFolder.PASSPHRASE));
    }

    @Test
    void overwritesNothingWithoutTheWord() throws IOException {
        Files.writeString(image(), "precious");
        CommandRun refused =
                direct("restore", "disk", "--to", image().toString()).expect(ExitStatus.FAILED);
        assertTrue(refused.err().contains("--force"), refused.err());
        assertEquals("precious", Files.readString(image()));
        direct("restore", "disk", "--force", "--to", image().toString()).expect(ExitStatus.OK);
        assertArrayEquals(expected, Files.readAllBytes(image()));
        direct("restore", "disk", "--resume", "--to", image().toString()).expect(ExitStatus.FAILED);
        direct("restore", "disk", "--to", directory.toString(), "--force").expect(ExitStatus.FAILED);
    }

    @Test
    void aStreamHoldsTheImageAndNothingElse() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new ImageStreamCheck(out).restore(folder);
        assertArrayEquals(expected, out.toByteArray());
    }

    @Test
    void damageStopsItAndSkippedDamageIsListed() throws IOException {
        Path segment = largestSegment();
        flip(segment, (int) Files.size(segment) / 2);
        CommandRun stopped =
                direct("restore", "disk", "--to", image().toString()).expect(ExitStatus.FAILED);
        assertTrue(stopped.err().contains("LBA "), stopped.err());
        assertTrue(stopped.err().contains(String.valueOf(segment.getFileName())), stopped.err());
        assertTrue(stopped.err().contains("--skip-damaged"), stopped.err());
        assertTrue(stopped.err().contains("--resume"), stopped.err());
        CommandRun skipped = direct(
                        "restore", "disk", "--resume", "--skip-damaged", "--json", "--to", image().toString())
                .expect(ExitStatus.FAILED);
        Map<?, ?> damage = ServerFolder.firstRow(Json.parse(skipped.out()), "damaged");
        int from = number(damage, "offset-bytes");
        int length = number(damage, "length-bytes");
        assertEquals(32 * BLOCK, length);
        Arrays.fill(expected, from, from + length, (byte) 0);
        assertArrayEquals(expected, Files.readAllBytes(image()));
        flip(segment, (int) Files.size(segment) / 2);
    }

    @Test
    void anInterruptedRestoreIsResumedAndAStateThatIsDamagedIsRefused() throws IOException {
        Path segment = largestSegment();
        flip(segment, (int) Files.size(segment) / 2);
        direct("restore", "disk", "--to", image().toString()).expect(ExitStatus.FAILED);
        flip(segment, (int) Files.size(segment) / 2);
        byte[] state = Files.readAllBytes(RestoreState.pathFor(image()));
        flip(RestoreState.pathFor(image()), 20);
        assertTrue(direct("restore", "disk", "--resume", "--to", image().toString())
                .expect(ExitStatus.FAILED)
                .err()
                .contains("damaged"));
        Files.write(RestoreState.pathFor(image()), state);
        // What an interrupted section left in the image is not believed.
        byte[] rubbish = new byte[SIZE];
        Arrays.fill(rubbish, (byte) 7);
        Files.write(image(), rubbish);
        direct("restore", "disk", "--resume", "--to", image().toString()).expect(ExitStatus.OK);
        assertArrayEquals(expected, Files.readAllBytes(image()));
    }

    @Test
    void wrongPassphrasesAndOptionsAreTold() throws IOException {
        Files.writeString(folder.path("passphrase"), "another\n");
        CommandRun wrong = direct("restore", "disk", "--to", image().toString()).expect(ExitStatus.FAILED);
        assertTrue(wrong.err().contains("wrong passphrase"), wrong.err());
        direct("fsck", "disk").expect(FsckCommand.NOT_CHECKED);
        direct("restore", "disk", "--bucket", "b", "--to", "x").expect(ExitStatus.USAGE);
        CommandRun.of("restore", "disk", "--store-directory", directory.toString(), "--to", "x")
                .expect(ExitStatus.USAGE);
        direct("restore", "nothing", "--to", image().toString()).expect(ExitStatus.FAILED);
        direct("fsck", "nothing").expect(FsckCommand.NOT_CHECKED);
    }

    @Test
    void fsckTellsASoundVolumeFromADamagedOne() throws IOException {
        CommandRun clean = folder.run("fsck", "disk").expect(ExitStatus.OK);
        assertTrue(clean.out().contains("no damage found"), clean.all());
        Path segment = largestSegment();
        flip(segment, 100);
        CommandRun damaged = direct("fsck", "disk").expect(ExitStatus.FAILED);
        assertTrue(
                damaged.out().contains("error: segment-header: disk/segment/" + segment.getFileName()), damaged.out());
        assertTrue(damaged.out().contains("LBA 128 to 639 (64 blocks of 4 KiB)"), damaged.out());
        Map<String, Object> report = Json.parse(
                direct("fsck", "disk", "--json").expect(ExitStatus.FAILED).out());
        assertEquals(false, report.get("clean"));
        assertEquals(1, report.get("errors"));
        Map<?, ?> finding = ServerFolder.firstRow(report, "findings");
        assertEquals("segment-header", finding.get("code"));
        assertEquals("error", finding.get("severity"));
        assertEquals(64 * BLOCK, finding.get("affected-bytes"));
        assertEquals(List.of(Map.of("offset-bytes", 16 * BLOCK, "length-bytes", 64 * BLOCK)), finding.get("affected"));
    }

    @Test
    void fsckLooksAtTheCacheDirectory() throws IOException {
        Path cache = folder.load().luns().get(0).volume().cacheDirectory();
        folder.run("fsck", "disk").expect(ExitStatus.OK);
        Files.writeString(cache.resolve("owner"), "00000000-0000-4000-8000-000000000000");
        CommandRun foreign = folder.run("fsck", "disk").expect(ExitStatus.FAILED);
        assertTrue(foreign.out().contains("cache-foreign"), foreign.out());
        folder.run("fsck", "disk", "--no-cache").expect(ExitStatus.OK);
    }
}
