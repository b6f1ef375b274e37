package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file system of real files goes through iSCSI into a bucket and comes back from the bucket alone, byte for byte; nothing
 * of it can be read in the bucket or on the local disk; the bill is bounded, and an idle server adds nothing to it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealFileSystemTest {
    private static final Logger log = LoggerFactory.getLogger(RealFileSystemTest.class);
    private static final Duration COPY_LIMIT = Duration.ofMinutes(3);
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);
    private static final Duration QUIET = Duration.ofSeconds(7);
    private static final int SNIPPETS_MIN = 50;
    private static final long PUTS_BESIDE_DATA_MAX = 64;
    private static final long GETS_BESIDE_DATA_MAX = 32;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    static Path imageDirectory;

    @SuppressWarnings("NullAway.Init")
    private FileSystemImage image;

    @SuppressWarnings("NullAway.Init")
    private PlainText text;

    @BeforeAll
    void makeImage() throws Exception {
        image = FileSystemImage.make(imageDirectory);
        text = new PlainText(image.snippets());
        int found = text.findBelow(image.file()).size();
        assertTrue(found >= SNIPPETS_MIN, "only " + found + " pieces of text are in the image");
        log.info("{} different pieces of text are in the image", found);
    }

    @Test
    void comesBackFromAnS3BucketByteForByte(@WorkDirectory Path directory) throws Exception {
        try (S3ProxyServer s3 = S3ProxyServer.start(directory)) {
            s3.createBucket("disks");
            ConfigurationFiles files = files(directory).s3StoreWithSecretInEnvironment(s3.endpoint(), "disks");
            prove(files, s3.buckets().resolve("disks"));
        }
    }

    /** Not compressed, so that only encryption hides the text. */
    @Test
    void comesBackFromADirectoryByteForByte(@WorkDirectory Path directory) throws Exception {
        ConfigurationFiles files = files(directory).fileStore().defaults("compression = none");
        prove(files, files.bucketDirectory());
    }

    private ConfigurationFiles files(Path directory) throws IOException {
        return ConfigurationFiles.in(directory)
                .lun(
                        "disk",
                        "size = " + image.bytes(),
                        "journal.capacity = 512 MiB",
                        "read-cache.capacity = 256 MiB",
                        "flush { max-age = 1 s, drain-timeout = 2 minutes }",
                        "checkpoint.interval = 3 s");
    }

    private void prove(ConfigurationFiles files, Path bucket) throws Exception {
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
            convert("written", image.file().toString(), server.url("disk"));
            awaitDrained(server);
            checkBill(files, server, bucket);
            assertEquals(0, server.stop(), server.log());
            assertTrue(server.log().contains("the bucket holds everything"), server.log());
        }
        checkNothingIsReadable(bucket);
        checkNothingIsReadable(files.cacheDirectory("disk"));
        Trees.delete(files.cacheDirectory("disk"));
        Path copy = files.directory().resolve("copy.raw");
        try (SluiceProcess server = SluiceProcess.start(files)) {
            convert("read back without the cache", server.url("disk"), copy.toString());
            checkReadingIsCheap(server);
            assertEquals(0, server.stop(), server.log());
        }
        assertEquals(-1, Files.mismatch(image.file(), copy), "first byte that differs");
        FileSystemImage.checkIsClean(copy);
    }

    private static void convert(String what, String from, String to) throws InterruptedException {
        String[] arguments = {"convert", "-n", "-f", "raw", "-O", "raw", from, to};
        if (!to.startsWith("iscsi:")) {
            arguments = new String[] {"convert", "-f", "raw", "-O", "raw", from, to};
        }
        Programs.Outcome outcome =
                Programs.run(COPY_LIMIT, "qemu-img", arguments).expect(0);
        log.info("{} in {} ms", what, outcome.took().toMillis());
    }

    private static void awaitDrained(SluiceProcess server) throws InterruptedException {
        long startNanos = System.nanoTime();
        LunStatus.awaitDrained(server, "disk", DRAIN_LIMIT);
        log.info("everything in the bucket {} ms later", (System.nanoTime() - startNanos) / 1_000_000);
    }

    private static void checkBill(ConfigurationFiles files, SluiceProcess server, Path bucket) throws Exception {
        LunStatus status = awaitQuiet(files, server);
        long written = status.number("bytesWritten");
        long stored = Trees.bytes(bucket);
        log.info(
                "{} MiB written by the host, {} MiB uploaded, {} MiB in {} objects ({} %); requests: {}",
                written >> 20,
                status.number("bytesUploaded") >> 20,
                stored >> 20,
                Trees.files(bucket).size(),
                stored * 100 / written,
                status.requests());
        assertTrue(status.requests("put") <= (written >> 20) + PUTS_BESIDE_DATA_MAX, status::toString);
        assertTrue(stored <= written + (written >> 5), () -> "stored " + stored + " of " + written);
    }

    /** A host is logged in. The last checkpoint may still be on its way; from then on nothing happens. */
    private static LunStatus awaitQuiet(ConfigurationFiles files, SluiceProcess server) throws Exception {
        try (ScsiHost idle = new ScsiHost(files.port(), ConfigurationFiles.target("disk"), 0, 512, 1)) {
            LunStatus status = LunStatus.of(server, "disk");
            for (int round = 0; round < 4; round++) {
                Thread.sleep(QUIET.toMillis());
                LunStatus later = LunStatus.of(server, "disk");
                if (later.requests().equals(status.requests())) {
                    idle.awaitReady();
                    return later;
                }
                status = later;
            }
            throw new AssertionError("an idle server makes requests: " + status);
        }
    }

    /** Frames are read in ranges, not block by block. */
    private static void checkReadingIsCheap(SluiceProcess server) throws Exception {
        LunStatus status = LunStatus.of(server, "disk");
        log.info("{} MiB downloaded; requests: {}", status.number("bytesDownloaded") >> 20, status.requests());
        assertTrue(
                status.requests("get") <= (status.number("bytesRead") >> 20) + GETS_BESIDE_DATA_MAX, status::toString);
    }

    private void checkNothingIsReadable(Path directory) throws IOException {
        assertFalse(Trees.files(directory).isEmpty(), "nothing is in " + directory);
        Set<String> found = text.findBelow(directory);
        assertTrue(found.isEmpty(), () -> "readable in " + directory + ": " + found);
    }
}
