package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The file system under the cache directory of one LUN is full. Hosts get an error that says so, or BUSY, and nothing that
 * was acknowledged before is lost; it goes on by itself as soon as there is space; the LUN beside it never notices.
 */
final class FullDiskTest {
    private static final int SPACE_ALLOCATION_FAILED = 0x072707;
    private static final int FILE_SYSTEM_MEBIBYTES = 32;
    private static final int PIECE_BYTES = ScsiHost.WRITE_BLOCKS_MAX * ScsiHost.BLOCK_BYTES;
    private static final int VOLUME_PIECES = (128 << 20) / PIECE_BYTES;
    private static final int RECOVERY_ATTEMPTS = 60;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    /** The journal may take more than there is room for. */
    private ConfigurationFiles files(Path cache, String store) throws IOException {
        return ConfigurationFiles.in(directory)
                .fileStore()
                .defaults("read-cache.capacity = 16 MiB", "index.memory = 1 MiB", "flush.max-age = 200 ms")
                .lun("other", "size = 64 MiB")
                .lun(
                        "tight",
                        "size = 128 MiB",
                        store,
                        "cache-directory = \"" + cache + "\"",
                        "journal { capacity = 64 MiB, file-size = 4 MiB, full-timeout = 2 s }");
    }

    @Test
    void writesFailAsTheyShouldAndGoOnWhenThereIsSpace(@TempDir Path storeDirectory) throws Exception {
        try (S3ProxyServer s3 = S3ProxyServer.start(storeDirectory);
                SmallFileSystem small = SmallFileSystem.mount(directory.resolve("small"), FILE_SYSTEM_MEBIBYTES)) {
            s3.createBucket("tight");
            ConfigurationFiles files = files(small.directory().resolve("cache"), "store = remote");
            files.environment(ConfigurationFiles.SECRET_VARIABLE, S3ProxyServer.SECRET_ACCESS_KEY)
                    .store(
                            "remote",
                            "type = s3",
                            "bucket = tight",
                            "endpoint = \"" + s3.endpoint() + "\"",
                            "credentials { access-key-id = " + S3ProxyServer.ACCESS_KEY_ID,
                            "secret-access-key { env = " + ConfigurationFiles.SECRET_VARIABLE + " } }");
            try (SluiceProcess server = SluiceProcess.startWithVolumes(files);
                    ScsiHost host = new ScsiHost(files.port(), ConfigurationFiles.target("tight"), 0, 512, 1)) {
                s3.stop();
                int written = writeUntilItFails(host);
                assertTrue(written > 0, "nothing could be written");
                assertOtherServes(files);
                assertHolds(host, written);
                s3.start();
                assertGoesOn(host, written);
                assertHolds(host, written + 1);
                assertOtherServes(files);
                assertEquals(0, server.stop(), server.log());
            }
        }
    }

    @Test
    void aVolumeThatFindsNoRoomWhenItIsOpenedIsNamed() throws Exception {
        try (SmallFileSystem small = SmallFileSystem.mount(directory.resolve("small"), FILE_SYSTEM_MEBIBYTES)) {
            Path cache = Files.createDirectories(small.directory().resolve("cache"));
            ConfigurationFiles files = files(cache, "store = main").write();
            for (String volume : files.volumes()) {
                SluiceProcess.sluice(files, "volume", "create", volume).expect(0);
            }
            Path ballast = small.fill();
            try (SluiceProcess server = SluiceProcess.launch(files)) {
                server.awaitReady(1);
                String line = server.log()
                        .lines()
                        .filter(each -> each.contains("volume tight is not served: "))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("it is not said"));
                assertTrue(line.contains("no space left") || line.contains("No space left"), line);
                assertTrue(line.contains(cache.toString()), line);
                assertOtherServes(files);
                assertEquals(0, server.stop(), server.log());
            }
            Files.delete(ballast);
            try (SluiceProcess server = SluiceProcess.start(files)) {
                assertEquals(0, server.stop(), server.log());
            }
        }
    }

    /** The number of pieces that were acknowledged. */
    private static int writeUntilItFails(ScsiHost host) throws IOException {
        for (int piece = 0; piece < VOLUME_PIECES; piece++) {
            ScsiHost.Completion written = host.writeNow(piece * ScsiHost.WRITE_BLOCKS_MAX, content(piece));
            if (written.status() != 0) {
                assertProper(written);
                return piece;
            }
        }
        throw new AssertionError("the file system never got full");
    }

    private static void assertProper(ScsiHost.Completion refused) {
        String said = String.format("status %02x sense %06x", refused.status(), refused.senseCode());
        assertTrue(
                refused.status() == ScsiHost.BUSY
                        || (refused.status() == ScsiHost.CHECK_CONDITION
                                && refused.senseCode() == SPACE_ALLOCATION_FAILED),
                said);
        System.out.println("full disk: the host is told " + said);
    }

    private static void assertGoesOn(ScsiHost host, int piece) throws IOException, InterruptedException {
        for (int attempt = 0; attempt < RECOVERY_ATTEMPTS; attempt++) {
            ScsiHost.Completion written = host.writeNow(piece * ScsiHost.WRITE_BLOCKS_MAX, content(piece));
            if (written.status() == 0) {
                return;
            }
            assertProper(written);
            Thread.sleep(500);
        }
        throw new AssertionError("writes never went on");
    }

    private static void assertHolds(ScsiHost host, int pieces) throws IOException {
        for (int piece = 0; piece < pieces; piece++) {
            ScsiHost.Completion read = host.readNow(piece * ScsiHost.WRITE_BLOCKS_MAX, ScsiHost.WRITE_BLOCKS_MAX);
            assertEquals(0, read.status(), "piece " + piece);
            assertArrayEquals(content(piece), read.data(), "piece " + piece);
        }
    }

    private static void assertOtherServes(ConfigurationFiles files) throws IOException {
        try (ScsiHost host = new ScsiHost(files.port(), ConfigurationFiles.target("other"), 0, 512, 2)) {
            assertEquals(0, host.writeNow(0, content(1)).status());
            assertArrayEquals(
                    content(1), host.readNow(0, ScsiHost.WRITE_BLOCKS_MAX).data());
        }
    }

    private static byte[] content(int piece) {
        byte[] content = new byte[PIECE_BYTES];
        new Random(piece).nextBytes(content);
        return content;
    }
}
