package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What a host feels of the collector, in virtual time, on a link where a full segment takes much longer than {@code
 * gc.host-wait-max}: a flush into the bucket waits for the segment that is being moved, and for no more than that; writes and
 * reads do not wait at all.
 */
@SuppressForbidden("seeded generators")
final class CollectorHostWaitTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 4096;
    private static final Duration WAIT_MAX = Duration.ofMillis(200);
    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final long FAST = 8L << 20;
    /** A full segment of 128 blocks takes 350 ms, one of 64 blocks, the smallest that are moved, 190. */
    private static final long SLOW = 1536L << 10;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 31, settings(1000));
    private final Random random = new Random(5);
    private @Nullable SlowLink link;

    /** What was felt in a time of work. */
    private record Felt(Duration longestFlush, Duration longestWrite, Duration longestRead, int late, long moved) {}

    private static SimulatedSettings settings(double bound) {
        return SimulatedSettings.plain()
                .segmentSize(ByteSize.ofKiB(512))
                .maxAge(Duration.ofSeconds(1))
                .durability(VolumeSettings.Durability.S3)
                .journal(ByteSize.ofMiB(16), ByteSize.ofMiB(1), Duration.ofSeconds(20))
                .readCache(ByteSize.ofMiB(1), ByteSize.ofKiB(0))
                .checkpoint(Duration.ofSeconds(10), 8)
                .collector(new VolumeSettings.Collector(bound, ByteSize.ofMiB(64), 1000, WAIT_MAX));
    }

    private void write(int block) {
        byte[] content = new byte[BLOCK];
        random.nextBytes(content);
        gateway.port().write((long) block * BLOCK, content);
    }

    /** A volume with so much garbage that the collector, which was not allowed to begin before, has work for a test. */
    private void volumeWithGarbage() throws IOException {
        gateway.create(new ByteSize((long) BLOCKS * BLOCK));
        gateway.open();
        for (int i = 0; i < BLOCKS; i++) {
            write(i);
        }
        for (int i = 0; i < 2 * BLOCKS; i++) {
            write(random.nextInt(BLOCKS));
        }
        assertTrue(gateway.close().drained());
    }

    private void open(long bytesPerSecond, double bound) throws IOException {
        gateway.endpoint(store -> {
            link = new SlowLink(store, gateway.runtime().lane("link"), LATENCY, bytesPerSecond);
            return link;
        });
        gateway.settings(settings(bound));
        gateway.reopenDisk();
        gateway.open();
    }

    private void awaitCollector() {
        for (int i = 0; i < 600 && moved() == 0; i++) {
            gateway.runtime().runFor(Duration.ofMillis(100));
        }
        assertTrue(moved() > 0, () -> gateway.opened().volume().status().space().toString());
    }

    private Duration timeOf(CompletableFuture<Optional<IoFailure>> operation) {
        long before = gateway.runtime().clock().monotonicNanos();
        assertEquals(Optional.empty(), gateway.runtime().await(operation));
        return Duration.ofNanos(gateway.runtime().clock().monotonicNanos() - before);
    }

    private long moved() {
        return gateway.opened().volume().status().space().movedSegments();
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** A host that writes, reads what it wrote, and flushes, with a pause; {@code late} flushes took longer than {@code limit}. */
    private Felt work(int rounds, Duration limit) {
        Duration flush = Duration.ZERO;
        Duration write = Duration.ZERO;
        Duration read = Duration.ZERO;
        int late = 0;
        long before = moved();
        for (int i = 0; i < rounds; i++) {
            byte[] content = new byte[BLOCK];
            random.nextBytes(content);
            long offset = (long) random.nextInt(BLOCKS) * BLOCK;
            write = max(write, timeOf(gateway.port().beginWrite(offset, content, false)));
            long asked = gateway.runtime().clock().monotonicNanos();
            byte[] found = gateway.port().read(offset, BLOCK);
            assertEquals(content[0], found[0]);
            read = max(read, Duration.ofNanos(gateway.runtime().clock().monotonicNanos() - asked));
            Duration took = timeOf(gateway.begin(VolumePort::flush));
            flush = max(flush, took);
            late += took.compareTo(limit) > 0 ? 1 : 0;
            gateway.runtime().runFor(Duration.ofMillis(30));
        }
        return new Felt(flush, write, read, late, moved() - before);
    }

    @Test
    void aFlushWaitsForNoMoreThanOneMovedSegmentOfTheAllowedTime() throws IOException {
        volumeWithGarbage();
        open(SLOW, 1000);
        Duration alone = work(50, WAIT_MAX).longestFlush();
        assertTrue(alone.compareTo(LATENCY.multipliedBy(3)) < 0, () -> "a flush alone takes " + alone);
        assertTrue(gateway.close().drained());
        open(SLOW, 1.05);
        awaitCollector();
        Felt felt = work(100, WAIT_MAX.plus(alone));
        assertTrue(felt.moved() > 10, felt::toString);
        assertEquals(0, felt.late(), felt::toString);
        assertTrue(
                felt.longestFlush().compareTo(alone.multipliedBy(2)) > 0, () -> "the collector was not felt: " + felt);
        assertEquals(Duration.ZERO, felt.longestWrite(), felt::toString);
        assertEquals(Duration.ZERO, felt.longestRead(), felt::toString);
    }

    @Test
    void whenTheLinkBecomesSlowTheLimitIsExceededOncePerHalving() throws IOException {
        volumeWithGarbage();
        open(FAST, 1.05);
        awaitCollector();
        Duration limit = WAIT_MAX.plus(LATENCY.multipliedBy(3));
        Felt fast = work(20, limit);
        assertTrue(fast.moved() > 1, fast::toString);
        assertEquals(0, fast.late(), fast::toString);
        Objects.requireNonNull(link).bytesPerSecond(SLOW);
        int late = 0;
        long moved = 0;
        for (int i = 0; i < 60 && moved < 6; i++) {
            Felt slow = work(20, limit);
            late += slow.late();
            moved += slow.moved();
        }
        assertTrue(moved >= 6, "moved " + moved);
        assertTrue(late <= 1, "128 to 64 blocks, and not " + late + " times");
    }
}
