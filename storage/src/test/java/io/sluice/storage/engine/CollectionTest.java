package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.format.Locator;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumeStatus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The collector at work: bounds of space and of requests, readers that meet it, what it leaves alone. */
@SuppressForbidden("seeded generators")
final class CollectionTest {
    private static final int BLOCK = 4096;
    private static final int SEGMENT = 64 << 10;
    private static final double BOUND = 1.3;
    private static final int CHECKPOINT_SEGMENTS = 8;
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(10);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final Random random = new Random(5);
    private final Map<Integer, Long> stamps = new TreeMap<>();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 31, settings());
    private long stamp;

    private static SimulatedSettings settings() {
        return SimulatedSettings.plain()
                .segmentSize(new ByteSize(SEGMENT))
                .maxAge(Duration.ofSeconds(1))
                .checkpoint(CHECKPOINT_INTERVAL, CHECKPOINT_SEGMENTS)
                .collector(collector(1000));
    }

    private static VolumeSettings.Collector collector(int requests) {
        return collector(BOUND, requests);
    }

    private static VolumeSettings.Collector collector(double bound, int requests) {
        return new VolumeSettings.Collector(bound, ByteSize.ofMiB(32), requests, Duration.ofMillis(200));
    }

    private void open(int blocks) {
        gateway.create(new ByteSize((long) blocks * BLOCK));
        gateway.open();
    }

    private long bytes(String kind) {
        return keys(kind).stream()
                .mapToLong(key -> Objects.requireNonNull(bucket.bytes(key)).length)
                .sum();
    }

    private List<String> keys(String kind) {
        return bucket.keys().stream()
                .filter(key -> key.contains("/" + kind + "/"))
                .toList();
    }

    /** Cannot be compressed. */
    private static byte[] block(long stamp) {
        byte[] block = new byte[BLOCK];
        new Random(stamp).nextBytes(block);
        return block;
    }

    private void write(int block) {
        stamps.put(block, ++stamp);
        gateway.port().write((long) block * BLOCK, block(stamp));
    }

    private void fill(int from, int end) {
        for (int i = from; i < end; i++) {
            write(i);
        }
        gateway.drain();
    }

    private void assertHolds() {
        stamps.forEach((block, content) ->
                assertArrayEquals(block(content), gateway.port().read((long) block * BLOCK, BLOCK), "block " + block));
    }

    private VolumeStatus.Space space() {
        return gateway.opened().volume().status().space();
    }

    private long requests(RequestCause cause) {
        return gateway.requests().count(request -> request.cause() == cause);
    }

    /** Overwrites most blocks of most segments, so that there is much to collect; then nothing more. */
    private void scatter(int blocks) {
        fill(0, blocks);
        for (int i = 0; i < blocks; i++) {
            if (i % 8 != 0) {
                write(i);
            }
        }
        gateway.drain();
    }

    @Test
    void aSustainedRandomOverwriteOfAFullVolumeStaysWithinTheBound() {
        int blocks = 2048;
        open(blocks);
        fill(0, blocks);
        long full = bytes("segment");
        long most = 0;
        gateway.requests().forget();
        int overwrites = 3 * blocks;
        for (int i = 0; i < overwrites; i++) {
            write(random.nextInt(blocks));
            gateway.runtime().runFor(Duration.ofMillis(5));
            most = Math.max(most, bytes("segment") + bytes("checkpoint"));
        }
        // The slack: eight segments, and what comes together until the victims are deleted: the segments of three
        // checkpoints.
        long slack = (8 + 3 * CHECKPOINT_SEGMENTS) * (long) SEGMENT;
        String figures = "full " + full + ", most " + most + " (" + (double) most / full + "), allowed "
                + (long) (full * BOUND + slack) + ", " + gateway.requests().kinds();
        assertTrue(most <= full * BOUND + slack, figures);
        long moved = gateway.requests()
                .count(request -> request.isPut()
                        && request.subject().contains("/segment/")
                        && request.cause() == RequestCause.GC);
        assertTrue(moved > 50, "it has worked: " + figures);
        // Requests of collecting: bounded for each of the host's segments.
        long hostSegments = overwrites / (SEGMENT / BLOCK);
        assertTrue(requests(RequestCause.GC) <= 12 * hostSegments, figures);
        assertHolds();
        gateway.drain();
        gateway.loseDisk();
        gateway.open();
        assertHolds();
        new BucketChecker(bucket).everythingReachedIsThere();
    }

    @Test
    void anIdleVolumeIsCollectedUntilItIsWithinItsBoundAndThenMakesNoRequest() {
        open(1024);
        scatter(1024);
        gateway.runtime().runFor(Duration.ofMinutes(10));
        long live = 1024L * BLOCK;
        assertTrue(bytes("segment") <= live * BOUND + 8 * SEGMENT, bytes("segment") + " stored");
        assertTrue(space().movedSegments() > 0);
        assertEquals("idle", space().collector());
        gateway.requests().forget();
        gateway.runtime().runFor(Duration.ofDays(2));
        assertEquals(Map.of(), gateway.requests().kinds());
        assertHolds();
        BucketChecker checker = new BucketChecker(bucket);
        checker.everythingReachedIsThere();
        checker.nothingUnreachedIsLeft();
    }

    @Test
    void aVolumeWithinItsBoundIsLeftAlone() {
        open(1024);
        fill(0, 1024);
        gateway.runtime().runFor(Duration.ofMinutes(2));
        for (int i = 0; i < 100; i++) {
            write(random.nextInt(1024));
        }
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(2));
        assertEquals(0, space().movedSegments());
        assertEquals(
                0,
                gateway.requests()
                        .count(request -> request.operation() == ObjectOperation.GET_RANGE
                                && request.subject().contains("/segment/")));
    }

    /** A read that has looked its block up, and then meets a segment that the collector has emptied and deleted. */
    @Test
    void aReaderThatMeetsADeletedSegmentFindsTheNewPlace() {
        // The read waits for longer than a checkpoint and the collector take: its host is patient.
        gateway.settings(settings()
                .readWait(Duration.ofMinutes(1))
                .readCache(new ByteSize(0), new ByteSize(0))
                .checkpoint(Duration.ofSeconds(20), 1_000_000));
        open(1024);
        scatter(1024);
        List<String> before = keys("segment");
        boolean[] deletedMeanwhile = new boolean[1];
        gateway.beforeRequest(
                request -> request.cause() == RequestCause.HOST
                        && request.subject().contains("/segment/"),
                () -> {
                    // The read's GET waits on its way while a checkpoint comes and the collector works.
                    gateway.runtime().runFor(Duration.ofSeconds(28));
                    deletedMeanwhile[0] = !bucket.keys().containsAll(before);
                });
        List<CompletableFuture<Optional<IoFailure>>> reads = new ArrayList<>();
        List<ByteBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            ByteBuffer buffer = ByteBuffer.allocate(BLOCK);
            long offset = 16L * i * BLOCK;
            buffers.add(buffer);
            reads.add(gateway.begin((port, done) -> port.read(offset, buffer, done)));
        }
        for (int i = 0; i < 64; i++) {
            int block = 16 * i;
            assertEquals(Optional.empty(), gateway.runtime().await(reads.get(i)), "block " + block);
            assertArrayEquals(
                    block(stamps.getOrDefault(block, 0L)), buffers.get(i).array(), "block " + block);
        }
        assertTrue(deletedMeanwhile[0], "segments were deleted under the reader");
        assertHolds();
    }

    /** Copies whose records are in the journal alone, of blocks that the collector moves away meanwhile. */
    @Test
    void aSegmentThatARecordInTheJournalNamesIsNotDeleted() {
        gateway.settings(settings()
                .maxAge(Duration.ofHours(10))
                .readCache(new ByteSize(0), new ByteSize(0))
                .checkpoint(Duration.ofSeconds(20), 1_000_000));
        open(2048);
        scatter(1024);
        for (int block = 0; block < 1024; block += 128) {
            gateway.port().copy((long) block * BLOCK, (1024L + block) * BLOCK, BLOCK);
            stamps.put(1024 + block, stamps.getOrDefault(block, 0L));
        }
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertTrue(space().movedSegments() > 0 && space().deletedSegments() > 0, space().toString());
        assertTrue(gateway.opened().volume().status().dirtyBytes() > 0, "the records are in the journal alone");
        assertHolds();
        gateway.drain();
        assertHolds();
        gateway.loseDisk();
        gateway.open();
        assertHolds();
        new BucketChecker(bucket).everythingReachedIsThere();
    }

    @Test
    void aDamagedSegmentIsNamedAndLeftAloneAndTheOthersAreCollected() {
        gateway.settings(settings().readCache(new ByteSize(0), new ByteSize(0)));
        open(1024);
        fill(0, 1024);
        List<String> sources = keys("segment");
        String flipped = sources.get(5);
        String missing = sources.get(9);
        bucket.corrupt(flipped, Objects.requireNonNull(bucket.bytes(flipped)).length / 2, 0x10);
        bucket.remove(missing);
        for (int i = 0; i < 1024; i++) {
            if (i % 8 != 0) {
                write(i);
            }
        }
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertEquals(2, space().damagedSegments().size(), space().toString());
        assertTrue(keys("segment").contains(flipped), "kept for ever");
        assertTrue(space().movedSegments() > 0 && space().deletedSegments() > 20, space().toString());
        int unreadable = 0;
        for (Map.Entry<Integer, Long> entry : stamps.entrySet()) {
            ByteBuffer buffer = ByteBuffer.allocate(BLOCK);
            Optional<IoFailure> failure =
                    gateway.run((port, done) -> port.read((long) entry.getKey() * BLOCK, buffer, done));
            if (failure.isPresent()) {
                unreadable++;
            } else {
                assertArrayEquals(block(entry.getValue()), buffer.array(), "block " + entry.getKey());
            }
        }
        assertTrue(unreadable >= 1 && unreadable <= 6, unreadable + " blocks of the two segments are unreadable");
        gateway.runtime().runFor(Duration.ofMinutes(20)); // the sweep that follows each opening is over
        gateway.requests().forget();
        gateway.runtime().runFor(Duration.ofDays(1));
        assertEquals(Map.of(), gateway.requests().kinds(), "it is not tried again and again");
    }

    @Test
    void theCollectorStandsBackInAnOutageAndGoesOnAfterwards() {
        open(1024);
        scatter(1024);
        long before = space().movedSegments();
        gateway.faults().setOutage(true);
        for (int i = 0; i < 80; i++) {
            write(8 * i);
        }
        gateway.runtime().runFor(Duration.ofSeconds(20));
        gateway.requests().forget();
        gateway.runtime().runFor(Duration.ofMinutes(1));
        long numbers = gateway.requests().requests().stream()
                .filter(request -> request.cause() == RequestCause.GC && request.isPut())
                .map(RecordingObjectStore.Request::subject)
                .distinct()
                .count();
        assertTrue(numbers <= 1, "one may be under way, no more are begun: " + numbers);
        gateway.faults().setOutage(false);
        gateway.runtime().runFor(Duration.ofMinutes(10));
        assertTrue(space().movedSegments() > before);
        assertEquals("idle", space().collector());
        assertHolds();
    }

    @Test
    void theCollectorStandsBackWhileTheJournalIsMoreThanHalfFull() {
        gateway.settings(settings()
                .segmentSize(ByteSize.ofKiB(512))
                .maxAge(Duration.ofMinutes(10))
                .checkpoint(Duration.ofSeconds(20), 1_000_000));
        open(4096);
        scatter(4096);
        for (int i = 0; i < 100; i++) {
            write(8 * i);
        }
        gateway.runtime().runFor(Duration.ofMinutes(1));
        assertEquals("standing back", space().collector(), space().toString());
        assertEquals("the journal is more than half full", space().reason());
        assertEquals(0, space().movedSegments());
        gateway.runtime().runFor(Duration.ofMinutes(30));
        assertTrue(space().movedSegments() > 0, space().toString());
        assertEquals("idle", space().collector());
        assertHolds();
    }

    @Test
    void theLimitOfRequestsPerSecondHolds() {
        gateway.settings(settings().collector(collector(2)));
        open(1024);
        scatter(1024);
        gateway.runtime().runFor(CHECKPOINT_INTERVAL.plusSeconds(1));
        long before = requests(RequestCause.GC);
        Duration time = Duration.ofSeconds(60);
        gateway.runtime().runFor(time);
        long made = requests(RequestCause.GC) - before;
        // What the checkpointer deletes is not the collector's pace.
        assertTrue(made > 30 && made <= 2 * time.toSeconds() + 10, made + " requests");
    }

    /** Blocks that share a slot go on sharing one. */
    @Test
    void whatWasFilledOrCopiedIsMovedOnceForAll() {
        gateway.settings(settings().collector(collector(1.05, 1000)));
        open(4096);
        scatter(1024);
        for (int block = 0; block < 1024; block += 64) {
            for (int copy = 1; copy <= 3; copy++) {
                gateway.port().copy((long) block * BLOCK, (1024L * copy + block) * BLOCK, BLOCK);
                stamps.put(1024 * copy + block, stamps.getOrDefault(block, 0L));
            }
        }
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(5));
        // The bound is one of live bytes, with what frames and headers add to their blocks.
        assertTrue(bytes("segment") <= space().liveBytes() * 1.05 + 8 * SEGMENT, bytes("segment") + ", " + space());
        BucketChecker checker = new BucketChecker(bucket);
        int moved = 0;
        for (int block = 0; block < 1024; block += 64) {
            long place = checker.place(block);
            moved += checker.isMoved(place) ? 1 : 0;
            for (int copy = 1; copy <= 3; copy++) {
                long other = checker.place(1024L * copy + block);
                assertEquals(Locator.frameKey(place), Locator.frameKey(other), "block " + block);
                assertEquals(Locator.slot(place), Locator.slot(other), "block " + block);
            }
        }
        assertTrue(moved >= 8, moved + " of 16 slots were moved, " + space());
        checker.aRebuildGivesTheSameMapping();
        assertHolds();
        gateway.loseDisk();
        gateway.open();
        assertHolds();
    }

    /** Zeros must not vanish with the segment that says them: rebuild would bring back what they replaced. */
    @Test
    void whatSegmentsSayOfZerosIsCarriedOn() {
        open(2048);
        fill(0, 1024);
        for (int i = 0; i < 1024; i++) {
            if (i % 8 != 0) {
                write(i);
            }
            if (i % 32 == 0) {
                gateway.port().unmap((1024L + i) * BLOCK, 8L * BLOCK);
            }
        }
        gateway.drain();
        for (int i = 0; i < 1024; i++) {
            if (i % 8 == 1) {
                write(i);
            }
        }
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertTrue(space().movedSegments() > 0, space().toString());
        assertTrue(bytes("segment") <= 1024L * BLOCK * BOUND + 10 * SEGMENT, bytes("segment") + " stored");
        assertHolds();
        assertTrue(gateway.port().holds(1024L * BLOCK, 1024 * BLOCK, 0));
        long kept = new BucketChecker(bucket).onlySpeakingBytes();
        assertTrue(kept < 2 * SEGMENT, kept + " bytes are kept for a few extents of zeros");
    }

    /**
     * Segments that say of zeros and of copies are settled, so that they go; and what they said can still be rebuilt from
     * those that are left.
     */
    @Test
    void whatSpeaksOfOthersIsSettledAndDeletedAndTheVolumeCanBeRebuilt() {
        gateway.settings(settings().collector(collector(1.05, 1000)));
        open(4096);
        fill(0, 2048);
        for (int i = 0; i < 1024; i += 16) {
            gateway.port().unmap((long) i * BLOCK, 8L * BLOCK);
            gateway.port().copy((1024L + i) * BLOCK, (2048L + i) * BLOCK, 4L * BLOCK);
            for (int j = 0; j < 8; j++) {
                stamps.remove(i + j);
                write(3072 + i + j);
            }
            for (int j = 0; j < 4; j++) {
                stamps.put(2048 + i + j, stamps.getOrDefault(1024 + i + j, 0L));
            }
        }
        gateway.drain();
        Set<Long> speaking = new BucketChecker(bucket).speakingSegments();
        assertTrue(speaking.size() > 20, speaking.toString());
        for (int i = 0; i < 1024; i++) {
            write(3072 + i);
        }
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(10));
        BucketChecker checker = new BucketChecker(bucket);
        checker.aRebuildGivesTheSameMapping();
        speaking.removeAll(checker.speakingSegments());
        assertTrue(speaking.size() > 20, "settled and deleted: " + speaking + ", " + space());
        assertHolds();
        assertTrue(gateway.port().holds(0, 8 * BLOCK, 0), "unmapped");
    }
}
