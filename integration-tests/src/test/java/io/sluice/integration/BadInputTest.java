package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator can get wrong ends in a clear message: the LUN that it is about is not served and says why, in the log
 * and in {@code sluice status}, the LUN beside it serves; a server that can serve nothing ends with a status other than 0.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadInputTest {
    private static final Duration END_LIMIT = Duration.ofSeconds(90);
    private static final String SMALL_JOURNAL = "journal { capacity = 32 MiB, file-size = 4 MiB }";
    private static final String SMALL_CACHE = "read-cache.capacity = 16 MiB";

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private S3ProxyServer s3;

    @SuppressWarnings("NullAway.Init")
    private ConfigurationFiles files;

    private int made;

    @BeforeAll
    void startStore(@TempDir Path storeDirectory) throws Exception {
        s3 = S3ProxyServer.start(storeDirectory);
    }

    @AfterAll
    void stopStore() {
        s3.close();
    }

    @BeforeEach
    void twoLuns() throws IOException {
        files = ConfigurationFiles.in(directory.resolve("case-" + ++made))
                .fileStore()
                .defaults(SMALL_JOURNAL, SMALL_CACHE)
                .lun("good", "size = 64 MiB")
                .lun("bad", "size = 64 MiB");
    }

    private void createVolumes() throws IOException, InterruptedException {
        files.write();
        for (String volume : files.volumes()) {
            SluiceProcess.sluice(files, "volume", "create", volume).expect(0);
        }
    }

    @Test
    void aWrongPassphraseIsNamedWithItsSource() throws Exception {
        createVolumes();
        Path wrong = Files.writeString(files.directory().resolve("wrong-one"), "not the passphrase\n");
        files.lun("bad", "size = 64 MiB", "encryption { passphrase { file = \"../wrong-one\" } }");
        assertOnlyBadIsRefused("wrong passphrase", wrong.toString());
    }

    @Test
    void aMissingDirectoryOfAFileStoreIsNamed() throws Exception {
        Path gone = files.directory().resolve("gone");
        files.store("gone", "type = file", "directory = gone").lun("bad", "size = 64 MiB", "store = gone");
        files.write();
        Programs.Outcome refused =
                SluiceProcess.sluice(files, "volume", "create", "bad").expect(1);
        assertTrue(refused.errors().contains("bucket directory " + gone + " is missing"), refused.toString());
        SluiceProcess.sluice(files, "volume", "create", "good").expect(0);
        assertOnlyBadIsRefused("bucket directory " + gone + " is missing", "create it, or mount");
        assertFalse(Files.exists(gone), "the server makes no bucket of its own in place of one that is not mounted");
    }

    @Test
    void aMissingBucketIsNamed() throws Exception {
        s3Store("no-such-bucket");
        files.write();
        Programs.Outcome refused =
                SluiceProcess.sluice(files, "volume", "create", "bad").expect(1);
        assertTrue(refused.errors().contains("bucket is missing"), refused.toString());
        SluiceProcess.sluice(files, "volume", "create", "good").expect(0);
        assertOnlyBadIsRefused("no-such-bucket", "bucket is missing");
    }

    @Test
    void wrongCredentialsAreNamedAndNotShown() throws Exception {
        s3.createBucket("denied");
        s3Store("denied");
        createVolumes();
        String wrong = "a-secret-nobody-knows";
        files.environment(ConfigurationFiles.SECRET_VARIABLE, wrong);
        Programs.Outcome refused =
                SluiceProcess.sluice(files, "volume", "info", "bad").expect(1);
        assertTrue(refused.errors().contains("credentials"), refused.toString());
        assertFalse(refused.toString().contains(wrong), refused.toString());
        String log = assertOnlyBadIsRefused("denied", "credentials");
        assertFalse(log.contains(wrong), log);
    }

    private void s3Store(String bucket) {
        files.environment(ConfigurationFiles.SECRET_VARIABLE, S3ProxyServer.SECRET_ACCESS_KEY)
                .store(
                        "remote",
                        "type = s3",
                        "bucket = " + bucket,
                        "endpoint = \"" + s3.endpoint() + "\"",
                        "credentials { access-key-id = " + S3ProxyServer.ACCESS_KEY_ID,
                        "secret-access-key { env = " + ConfigurationFiles.SECRET_VARIABLE + " } }")
                .lun("bad", "size = 64 MiB", "store = remote");
    }

    @Test
    void aVolumeThatWasNeverCreatedIsNamed() throws Exception {
        files.write();
        SluiceProcess.sluice(files, "volume", "create", "good").expect(0);
        assertOnlyBadIsRefused("there is no volume \"bad\"", "sluice volume create");
    }

    @Test
    void aFileInPlaceOfTheCacheDirectoryIsNamed() throws Exception {
        createVolumes();
        Path inTheWay = Files.writeString(files.directory().resolve("in-the-way"), "a file");
        files.lun("bad", "size = 64 MiB", "cache-directory = \"../in-the-way\"");
        assertOnlyBadIsRefused("the directory " + inTheWay + " cannot be created", "a file stands in its way");
    }

    @Test
    void aCacheDirectoryThatCannotBeWrittenIsNamed() throws Exception {
        createVolumes();
        // Even the superuser makes no directory there.
        files.lun("bad", "size = 64 MiB", "cache-directory = /proc/sluice-test");
        assertOnlyBadIsRefused("the directory /proc/sluice-test cannot be created");
    }

    @Test
    void aTakenPortIsNamedAndTheVolumesAreClosedInOrder() throws Exception {
        createVolumes();
        try (ServerSocket taken = new ServerSocket(files.port(), 1, InetAddress.getLoopbackAddress());
                SluiceProcess server = SluiceProcess.launch(files)) {
            assertEquals(1, server.awaitEnd(END_LIMIT), server.log());
            assertTrue(taken.isBound());
            assertTrue(
                    server.log().contains("sluice: cannot listen on 127.0.0.1:" + files.port() + ": "), server.log());
            assertTrue(server.log().contains("Address already in use"), server.log());
            assertTrue(server.log().contains("volume good closed: the bucket holds everything"), server.log());
            assertEquals(List.of(), server.urls());
        }
        Programs.Outcome info =
                SluiceProcess.sluice(files, "volume", "info", "--json", "good").expect(0);
        assertTrue(info.out().contains("\"closed-cleanly\" : true"), info.toString());
    }

    @Test
    void allMistakesOfALunFileAreToldInOneRun() throws Exception {
        files.lun("bad", "size = 64 Mega", "blok-size = 512", "durability = sometimes")
                .write();
        String file = "luns.d/" + files.lunFile("bad").getFileName();
        for (String command : List.of("config check", "serve", "volume list")) {
            Programs.Outcome outcome =
                    SluiceProcess.sluice(files, command.split(" ", -1)).expect(3);
            String errors = outcome.errors();
            assertTrue(errors.contains(file + ":3: size: "), outcome.toString());
            assertTrue(errors.contains(file + ":4: blok-size: "), outcome.toString());
            assertTrue(errors.contains("block-size"), "what to write instead: " + outcome);
            assertTrue(errors.contains(file + ":5: durability: "), outcome.toString());
            assertTrue(errors.contains("the configuration has 3 mistakes"), outcome.toString());
        }
    }

    /** Beside "good", then alone. Returns the log of the first. */
    private String assertOnlyBadIsRefused(String... said) throws IOException, InterruptedException {
        files.write();
        String log;
        try (SluiceProcess server = SluiceProcess.launch(files)) {
            server.awaitReady(1);
            assertEquals(List.of(files.url("good")), server.urls());
            assertTold(server.log(), said);
            String status = SluiceProcess.sluice(files, "status").expect(0).out();
            assertTrue(status.contains("volume bad is not served: "), status);
            for (String text : said) {
                assertTrue(status.contains(text), status);
            }
            assertServes();
            assertEquals(0, server.stop(), server.log());
            log = server.log();
        }
        Files.delete(files.lunFile("good"));
        try (SluiceProcess alone = SluiceProcess.launch(files)) {
            assertEquals(1, alone.awaitEnd(END_LIMIT), alone.log());
            assertTold(alone.log(), said);
            assertTrue(alone.log().contains("sluice: no LUN can be served"), alone.log());
        }
        return log;
    }

    private static void assertTold(String log, String... said) {
        String line = log.lines()
                .filter(each -> each.contains("volume bad is not served: "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(log));
        assertTrue(line.contains(" ERROR "), line);
        assertTrue(line.contains(ConfigurationFiles.target("bad") + " LUN 0: "), line);
        for (String text : said) {
            assertTrue(line.contains(text), "\"" + text + "\" is not said: " + line);
        }
        assertFalse(line.contains("Exception"), "not for operators: " + line);
    }

    private void assertServes() throws IOException {
        byte[] content = new byte[ScsiHost.BLOCK_BYTES];
        new Random(1).nextBytes(content);
        try (ScsiHost host = new ScsiHost(files.port(), ConfigurationFiles.target("good"), 0, 512, 1)) {
            assertEquals(0, host.writeNow(7, content).status());
            assertArrayEquals(content, host.readNow(7, 1).data());
        }
    }
}
