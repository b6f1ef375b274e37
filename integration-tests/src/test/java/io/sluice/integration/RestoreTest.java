package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.target.admin.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged {@code sluice restore} and {@code sluice fsck}: beside a server under load, and after it was killed with its
 * local disk gone. The image is judged as a disk after a crash: a prefix of what was written, with all that was flushed to
 * the bucket.
 */
final class RestoreTest {
    private static final int BLOCKS = 8192;
    private static final int SECTOR_BYTES = 512;
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int WORK_MILLIS = 4000;
    private static final long SEED = Long.getLong("sluice.test.seed", 20261121);

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final DiskHistory history = new DiskHistory("disk", BLOCKS);
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void endEverything() throws Exception {
        threads.shutdownNow();
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private ConfigurationFiles files(boolean s3) throws Exception {
        ConfigurationFiles files = ConfigurationFiles.in(directory);
        if (s3) {
            S3ProxyServer server = S3ProxyServer.start(directory);
            open.add(server);
            server.createBucket("disks");
            files.s3Store(server.endpoint(), "disks");
        } else {
            files.fileStore();
        }
        return files.defaults(
                        "journal { capacity = 48 MiB, file-size = 4 MiB }",
                        "flush { max-age = 200 ms, segment-size = 1 MiB }",
                        "read-cache.capacity = 16 MiB",
                        "checkpoint.interval = 1 s")
                .lun("disk", "size = " + (long) BLOCKS * ScsiHost.BLOCK_BYTES, "durability = local");
    }

    /** Without the configuration: from the options for the store alone. */
    private List<String> directOptions(ConfigurationFiles files, boolean s3) {
        List<String> options = new ArrayList<>();
        if (s3) {
            S3ProxyServer server = (S3ProxyServer) open.get(0);
            options.addAll(
                    List.of("--bucket", "disks", "--endpoint", server.endpoint().toString()));
            options.addAll(List.of("--access-key-id", S3ProxyServer.ACCESS_KEY_ID));
            options.addAll(List.of(
                    "--secret-access-key-file", directory.resolve("secret").toString()));
        } else {
            options.addAll(List.of("--store-directory", files.bucketDirectory().toString()));
        }
        options.addAll(
                List.of("--passphrase-file", directory.resolve("passphrase").toString()));
        return options;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theImageIsAPointOfTheHistoryUnderLoadAndAfterTheGatewayIsLost(boolean s3) throws Exception {
        ConfigurationFiles files = files(s3);
        SluiceProcess server = SluiceProcess.startWithVolumes(files);
        open.add(server);
        ScsiHost host = new ScsiHost(files.port(), ConfigurationFiles.target("disk"), 0, SECTOR_BYTES, 1);
        Future<Long> work = threads.submit(new BusyHost(host, history, SEED, false, true));
        Thread.sleep(WORK_MILLIS);
        Path live = directory.resolve("live.img");
        SluiceProcess.sluice(files, "restore", "disk", "--to", live.toString()).expect(0);
        SluiceProcess.sluice(files, "fsck", "disk").expect(0);
        server.kill();
        long answers = work.get(30, TimeUnit.SECONDS);
        host.close();
        assertTrue(answers > 0, "the host did nothing");
        assertTrue(Files.size(live) == (long) BLOCKS * ScsiHost.BLOCK_BYTES);
        expectPrefix(live, history.copy());
        Trees.delete(files.cacheDirectory("disk"));
        expectSameWithoutConfiguration(files, s3);
        expectPrefix(directory.resolve("lost.img"), history);
    }

    private static void expectPrefix(Path image, DiskHistory history) throws IOException {
        long unused = history.recovered(Files.readAllBytes(image), false);
    }

    private void expectSameWithoutConfiguration(ConfigurationFiles files, boolean s3) throws Exception {
        Path image = directory.resolve("lost.img");
        List<String> arguments = new ArrayList<>(List.of("restore", "disk", "--json", "--to", image.toString()));
        arguments.addAll(directOptions(files, s3));
        String report = Programs.run(Programs.SHORT, environment(files), Distribution.launcher(), arguments)
                .expect(0)
                .out();
        Map<String, Object> told = Json.parse(report);
        assertEquals(false, told.get("closed-cleanly"));
        List<String> piped = new ArrayList<>(List.of("restore", "disk", "--to", "-"));
        piped.addAll(directOptions(files, s3));
        Path stream = directory.resolve("stream.img");
        ProcessBuilder builder = new ProcessBuilder(command(piped))
                .redirectOutput(stream.toFile())
                .redirectError(directory.resolve("stream.log").toFile());
        builder.environment().putAll(environment(files));
        Process process = builder.start();
        assertTrue(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), Files.readString(directory.resolve("stream.log")));
        assertEquals(-1, Files.mismatch(image, stream));
    }

    private static Map<String, String> environment(ConfigurationFiles files) {
        Map<String, String> environment = new HashMap<>(files.environment());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        return environment;
    }

    private static List<String> command(List<String> arguments) {
        List<String> all = new ArrayList<>();
        all.add(Distribution.launcher().toString());
        all.addAll(arguments);
        return all;
    }

    @Test
    void whatWasDrainedIsInTheImageByteByByte() throws Exception {
        ConfigurationFiles files = files(false);
        byte[] data = new byte[BLOCKS * ScsiHost.BLOCK_BYTES];
        new Random(SEED).nextBytes(data);
        try (SluiceProcess server = SluiceProcess.startWithVolumes(files);
                ScsiHost host = new ScsiHost(files.port(), ConfigurationFiles.target("disk"), 0, SECTOR_BYTES, 1)) {
            int piece = ScsiHost.WRITE_BLOCKS_MAX * ScsiHost.BLOCK_BYTES;
            for (int from = 0; from < data.length; from += piece) {
                byte[] part = Arrays.copyOfRange(data, from, from + piece);
                assertEquals(0, host.writeNow(from / ScsiHost.BLOCK_BYTES, part).status());
            }
            LunStatus.awaitDrained(server, "disk", LIMIT);
            Path image = directory.resolve("drained.img");
            SluiceProcess.sluice(files, "restore", "disk", "--to", image.toString())
                    .expect(0);
            Path written = directory.resolve("written.img");
            Files.write(written, data);
            assertEquals(-1, Files.mismatch(written, image));
        }
    }
}
