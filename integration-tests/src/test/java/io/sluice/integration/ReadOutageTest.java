package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * S3Proxy is stopped under a host: what is cached is served beside a read that waits for the bucket; that one gets BUSY after
 * {@code read-wait}, never MEDIUM ERROR; so does a flush into the bucket; and all works when S3Proxy is back.
 */
final class ReadOutageTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long WAIT_MILLIS = 3000;
    private static final int BLOCKS = 256;

    @WorkDirectory
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void aColdReadGetsBusyAndCachedOnesAreServedWhileTheBucketIsAway() throws Exception {
        try (S3ProxyServer s3 = S3ProxyServer.start(directory.resolve("s3"))) {
            s3.createBucket("outage");
            ConfigurationFiles files = ConfigurationFiles.in(directory)
                    .s3Store(s3.endpoint(), "outage")
                    .defaults("journal { capacity = 32 MiB, file-size = 4 MiB, full-timeout = 3 s }")
                    .defaults("read-cache { capacity = 16 MiB, read-ahead = 0 }", "read-wait = 3 s")
                    .defaults("flush.max-age = 100 ms", "durability = s3")
                    .lun("disk", "size = 64 MiB");
            byte[] data = new byte[BLOCKS * ScsiHost.BLOCK_BYTES];
            new Random(7).nextBytes(data);
            try (SluiceProcess server = SluiceProcess.startWithVolumes(files)) {
                try (ScsiHost host = host(files)) {
                    write(host, data);
                }
                assertEquals(0, server.stop(), server.log());
            }
            Trees.delete(files.cacheDirectory("disk"));
            try (SluiceProcess server = SluiceProcess.start(files);
                    ScsiHost host = host(files)) {
                assertEquals(0, host.readNow(0, 1).status());
                s3.stop();
                outage(host, data);
                s3.start();
                ScsiHost.Completion back = host.readNow(BLOCKS - 1, 1);
                assertEquals(0, back.status());
                assertArrayEquals(block(data, BLOCKS - 1), back.data());
                host.flush();
                assertEquals(0, host.complete().status());
                LunStatus.awaitDrained(server, "disk", LIMIT);
                assertTrue(!server.log().contains("MEDIUM ERROR"), server.log());
                assertEquals(0, server.stop(), server.log());
            }
        }
    }

    private static void outage(ScsiHost host, byte[] data) throws IOException {
        long begin = System.nanoTime();
        int cold = host.read(BLOCKS - 1, 1);
        for (int i = 0; i < 50; i++) {
            int warm = host.read(0, 1);
            ScsiHost.Completion read = host.complete();
            assertEquals(warm, read.tag(), "a cached read does not wait behind a cold one");
            assertEquals(0, read.status());
            assertArrayEquals(block(data, 0), read.data());
        }
        assertTrue(millisSince(begin) < WAIT_MILLIS, millisSince(begin) + " ms for 50 cached reads");
        ScsiHost.Completion busy = host.complete();
        assertEquals(cold, busy.tag());
        assertEquals(ScsiHost.BUSY, busy.status());
        long waited = millisSince(begin);
        assertTrue(waited >= WAIT_MILLIS && waited < 3 * WAIT_MILLIS, waited + " ms");
        assertEquals(0, host.writeNow(1, block(data, 1)).status(), "writes go on");
        begin = System.nanoTime();
        host.flush();
        assertEquals(ScsiHost.BUSY, host.complete().status(), "durability = s3");
        assertTrue(millisSince(begin) < 3 * WAIT_MILLIS, millisSince(begin) + " ms");
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    private static byte[] block(byte[] data, int block) {
        return Arrays.copyOfRange(data, block * ScsiHost.BLOCK_BYTES, (block + 1) * ScsiHost.BLOCK_BYTES);
    }

    private static ScsiHost host(ConfigurationFiles files) throws IOException {
        return new ScsiHost(files.port(), ConfigurationFiles.target("disk"), 0, 512, 1);
    }

    private static void write(ScsiHost host, byte[] data) throws IOException {
        int piece = ScsiHost.WRITE_BLOCKS_MAX;
        for (int block = 0; block < BLOCKS; block += piece) {
            byte[] part =
                    Arrays.copyOfRange(data, block * ScsiHost.BLOCK_BYTES, (block + piece) * ScsiHost.BLOCK_BYTES);
            assertEquals(0, host.writeNow(block, part).status());
        }
    }
}
