package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Objects that are part of nothing, of each kind, after an unclean end: all of them go, and nothing else does. */
@SuppressForbidden("seeded generators")
final class OrphanTest {
    private static final int BLOCK = 4096;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final ObjectNames names = new ObjectNames("sim");
    private final SimulatedGateway gateway =
            new SimulatedGateway(bucket, 77, SimulatedSettings.plain().checkpoint(Duration.ofSeconds(10), 1_000_000));
    private final TreeMap<String, byte[]> seen = new TreeMap<>();
    private final byte[] content = new byte[64 * BLOCK];

    private void look() {
        bucket.keys().forEach(key -> seen.put(key, Objects.requireNonNull(bucket.bytes(key))));
    }

    private void write(long seed) {
        new Random(seed).nextBytes(content);
        gateway.port().write(0, content);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofSeconds(15));
        look();
    }

    private byte[] segmentOfEpochOne(long number) {
        SimulatedRuntime other = new SimulatedRuntime(3);
        SegmentCodec codec = new SegmentCodec(
                gateway.opened().volume().description().id(), new ChecksumSealing(other.entropy()), other.entropy(), 0);
        var builder = codec.builder(number, 1, SegmentHeader.Kind.DATA);
        builder.addFrame(new long[] {5}, ByteBuffer.allocate(BLOCK));
        ByteBuffer bytes = builder.seal(1, 2, 0).bytes();
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    private byte[] body(String key) {
        return java.util.Objects.requireNonNull(seen.get(key));
    }

    @Test
    void allOfThemGo() throws IOException {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        for (int i = 0; i < 6; i++) {
            write(i);
        }
        String segment = seen.keySet().stream()
                .filter(key -> key.contains("/segment/") && bucket.bytes(key) == null && body(key).length > 4096)
                .findFirst()
                .orElseThrow();
        String checkpoint = seen.keySet().stream()
                .filter(key -> key.contains("/checkpoint/") && bucket.bytes(key) == null)
                .findFirst()
                .orElseThrow();
        bucket.replace(segment, body(segment));
        bucket.replace(checkpoint, body(checkpoint));
        bucket.replace(names.probePrefix() + "0123", new byte[21]);
        gateway.crashProcess();
        gateway.open();
        long end = gateway.opened().volume().status().lastCommittedSegment();
        // Uploaded by the gateway of before, beside one that never arrived; then one more of another.
        bucket.replace(names.segment(end + 3), segmentOfEpochOne(end + 3));
        bucket.replace(names.segment(end + 5), segmentOfEpochOne(end + 5));
        gateway.crashProcess();
        gateway.open();
        assertTrue(gateway.opened().report().orphanSegments() > 0);
        gateway.runtime().runFor(Duration.ofMinutes(30));
        assertFalse(bucket.keys().contains(segment), segment);
        assertFalse(bucket.keys().contains(checkpoint), checkpoint);
        assertFalse(bucket.keys().contains(names.probePrefix() + "0123"));
        // Fences are part of nothing either, and covered by the checkpoint; they stay.
        assertTrue(bucket.keys().contains(names.segment(1)), "the fence of the first epoch");
        BucketChecker checker = new BucketChecker(bucket);
        checker.everythingReachedIsThere();
        checker.nothingUnreachedIsLeft();
        assertArrayEquals(content, gateway.port().read(0, content.length));
        gateway.loseDisk();
        gateway.open();
        assertArrayEquals(content, gateway.port().read(0, content.length));
    }

    private String deleted(String folder) {
        return seen.keySet().stream()
                .filter(key -> key.contains(folder) && bucket.bytes(key) == null)
                .findFirst()
                .orElseThrow();
    }

    /** Puts again, as a request that was given up does, what was there once; and an object of a test nobody waits for. */
    private List<String> arriveLate() {
        List<String> late = List.of(deleted("/segment/"), deleted("/checkpoint/"), names.probePrefix() + "77");
        bucket.replace(late.get(0), body(late.get(0)));
        bucket.replace(late.get(1), body(late.get(1)));
        bucket.replace(late.get(2), new byte[21]);
        return late;
    }

    private void workOn() {
        for (int i = 0; i < 6; i++) {
            write(i);
        }
    }

    private void idleForDaysWithoutARequest() {
        gateway.requests().forget();
        gateway.runtime().runFor(Duration.ofDays(2));
        assertEquals(Map.of(), gateway.requests().kinds());
    }

    @Test
    void whatArrivesRightAfterACleanOpeningGoesAndLaterNothingIsAsked() throws IOException {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        workOn();
        List<String> late = arriveLate();
        gateway.runtime().runFor(Duration.ofHours(1));
        assertTrue(Collections.disjoint(bucket.keys(), late), () -> bucket.keys() + " holds of " + late);
        idleForDaysWithoutARequest();
    }

    @Test
    void whatArrivesLaterGoesAfterTheNextOpening() throws IOException {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        workOn();
        gateway.runtime().runFor(Duration.ofHours(1));
        List<String> late = arriveLate();
        idleForDaysWithoutARequest();
        assertTrue(bucket.keys().containsAll(late), "nobody looks");
        gateway.close();
        gateway.reopenDisk();
        gateway.open();
        gateway.runtime().runFor(Duration.ofHours(1));
        assertTrue(Collections.disjoint(bucket.keys(), late), () -> bucket.keys() + " holds of " + late);
        idleForDaysWithoutARequest();
    }

    @Test
    void afterAPutWithAnOpenOutcomeItIsLookedForAgain() throws IOException {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        workOn();
        gateway.runtime().runFor(Duration.ofHours(1));
        gateway.faults().loseReplies(1);
        workOn();
        List<String> late = arriveLate();
        gateway.runtime().runFor(Duration.ofHours(1));
        assertTrue(Collections.disjoint(bucket.keys(), late), () -> bucket.keys() + " holds of " + late);
        idleForDaysWithoutARequest();
    }

    @Test
    void checkpointObjectsAheadOfTheRootArePassed() throws IOException {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        workOn();
        String ahead = names.checkpoint(60);
        bucket.replace(ahead, body(deleted("/checkpoint/")));
        gateway.runtime().runFor(Duration.ofHours(1));
        assertFalse(bucket.keys().contains(ahead), () -> bucket.keys().toString());
        idleForDaysWithoutARequest();
    }

    @Test
    void segmentsAsShortAsFencesGoAndFencesStay() throws IOException {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        workOn();
        List<String> fences = List.of(names.segment(1));
        String shortOne = deleted("/segment/");
        SimulatedRuntime other = new SimulatedRuntime(4);
        SegmentCodec codec = new SegmentCodec(
                gateway.opened().volume().description().id(), new ChecksumSealing(other.entropy()), other.entropy(), 0);
        long number = names.segmentNumber(shortOne).orElseThrow();
        ByteBuffer empty =
                codec.builder(number, 1, SegmentHeader.Kind.MOVED).seal(1, 1, 0).bytes();
        byte[] bytes = new byte[empty.remaining()];
        empty.duplicate().get(bytes);
        bucket.replace(shortOne, bytes);
        gateway.runtime().runFor(Duration.ofHours(1));
        assertFalse(bucket.keys().contains(shortOne));
        assertTrue(bucket.keys().containsAll(fences), () -> bucket.keys().toString());
    }
}
