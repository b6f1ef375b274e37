package io.sluice.storage.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.format.Locator;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.segment.SegmentHeader.Extent;
import io.sluice.storage.segment.SegmentHeader.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A checkpoint written by any version of the format must stay readable for ever. */
final class GoldenCheckpointTest {
    private static final long SIZE_BYTES = 4L << 40;
    private static final CheckpointRoot ROOT = new CheckpointRoot(1, 1, 2325, 145, 3, 1, 40);

    private static final CheckpointRoot ROOT_OF_VERSION_2 = new CheckpointRoot(1, 1, 3413, 155, 4, 1, 50);

    private static final CheckpointRoot ROOT_OF_VERSION_3 = new CheckpointRoot(1, 1, 1610, 158, 8, 1, 80);

    private static Sealing sealing() {
        Entropy fixed = destination -> Arrays.fill(destination, (byte) 0x5a);
        return new GcmSealing(VolumeKey.generate(fixed), fixed);
    }

    private static TreeCommittedMap map(SimulatedRuntime runtime, MemoryObjectStore store, CheckpointRoot root) {
        return new TreeCommittedMap(
                CheckpointRig.VOLUME,
                SIZE_BYTES,
                root,
                store,
                number -> "checkpoint/" + number,
                sealing(),
                runtime.lane("golden"),
                16);
    }

    /** How the golden file was made: writes the one of the present version to the path given. */
    public static void main(String[] arguments) throws IOException {
        SimulatedRuntime runtime = new SimulatedRuntime(1);
        MemoryObjectStore store = new MemoryObjectStore();
        TreeCommittedMap map = map(runtime, store, CheckpointRoot.EMPTY);
        map.commit(CheckpointRig.header(1, Kind.DATA, new long[] {0, 1, 2, 5000, 900_000_000}, List.of()));
        map.commit(CheckpointRig.header(2, Kind.DATA, new long[] {1}, List.of(new Extent(5000, 1))));
        map.commit(CheckpointRig.header(3, Kind.FENCE, new long[0], List.of()));
        map.commit(CheckpointRig.header(
                4,
                Kind.DATA,
                new long[] {6000},
                List.of(),
                List.of(CheckpointRig.pattern(4, 6001, 9000), CheckpointRig.reference(1, 100, 3))));
        map.commit(new SegmentSketch(5, Kind.DATA, 0).zero(900_000_000, 1).header());
        map.commit(new SegmentSketch(6, Kind.DATA, 0).zero(7000, 10).header());
        map.commit(new SegmentSketch(7, Kind.MOVED, 6)
                .move(2, Locator.segment(1, 4096, 1024, 2))
                .move(5000, Locator.segment(1, 4096, 1024, 3))
                .header());
        map.commit(new SegmentSketch(8, Kind.MOVED, 7)
                .tombstone(7000, 10, 6)
                .settle(6)
                .header());
        CheckpointRoot root = runtime.await(map.write());
        byte[] object = store.bytes("checkpoint/1");
        if (object == null) {
            throw new IllegalStateException("nothing was written");
        }
        Files.write(Path.of(arguments[0]), object);
        if (!root.equals(ROOT_OF_VERSION_3)) {
            throw new IllegalStateException("put this into the test: " + root);
        }
    }

    private static TreeCommittedMap golden(SimulatedRuntime runtime, String resource, CheckpointRoot root)
            throws IOException {
        MemoryObjectStore store = new MemoryObjectStore();
        try (InputStream golden = GoldenCheckpointTest.class.getResourceAsStream(resource)) {
            assertNotNull(golden);
            store.replace("checkpoint/1", golden.readAllBytes());
        }
        return map(runtime, store, root);
    }

    @Test
    void readsACheckpointOfVersionThree() throws IOException {
        SimulatedRuntime runtime = new SimulatedRuntime(1);
        TreeCommittedMap map = golden(runtime, "/golden/checkpoint-v3.bin", ROOT_OF_VERSION_3);
        long[] first = runtime.await(map.leaf(0));
        assertEquals(Locator.segment(1, 4096, 1024, 0), first[0]);
        assertEquals(Locator.segment(7, 4096, 1024, 0), first[2]);
        assertEquals(Locator.ZERO, runtime.await(map.leaf(5000 / 64))[5000 % 64], "that move was stale");
        long carrier = Locator.segment(4, 4096, 1024, 0);
        assertEquals(Locator.shared(carrier), runtime.await(map.leaf(15_000 / 64))[15_000 % 64]);
        assertEquals(new CommittedMap.Usage(8997, 9, (7 * 4096) + (4 * 1024), 7), map.usage());
        assertEquals(List.of(6L), map.deadSegments());
        assertEquals(List.of(5L, 8L), map.deadSegmentsWithZeros());
        List<SegmentUse> uses = runtime.await(map.sparseSegments(1, 10));
        assertTrue(uses.contains(new SegmentUse(1, 4, 5, 4096 + 1024, 0, true, false)), uses::toString);
        assertTrue(uses.contains(new SegmentUse(2, 1, 1, 4096 + 1024, 0, false, true)), uses::toString);
        assertTrue(uses.contains(new SegmentUse(4, 8991, 1, 4096 + 1024, 0, false, true)), uses::toString);
        assertTrue(uses.contains(new SegmentUse(6, 0, 0, 4096, 1, false, false)), uses::toString);
        assertTrue(uses.contains(new SegmentUse(7, 1, 2, 4096 + 1024, 0, false, false)), uses::toString);
        assertTrue(uses.contains(new SegmentUse(8, 0, 0, 4096, 1, false, true)), uses::toString);
        assertEquals(1, runtime.await(map.lowestSegment()));
    }

    @Test
    void readsACheckpointOfVersionTwo() throws IOException {
        SimulatedRuntime runtime = new SimulatedRuntime(1);
        TreeCommittedMap map = golden(runtime, "/golden/checkpoint-v2.bin", ROOT_OF_VERSION_2);
        long[] copied = runtime.await(map.leaf(100 / 64));
        assertEquals(Locator.shared(Locator.segment(1, 4096, 1024, 2)), copied[102 % 64]);
        long carrier = Locator.segment(4, 4096, 1024, 0);
        assertEquals(carrier, runtime.await(map.leaf(6000 / 64))[6000 % 64]);
        assertEquals(Locator.shared(carrier), runtime.await(map.leaf(15_000 / 64))[15_000 % 64]);
        assertEquals(Locator.ZERO, runtime.await(map.leaf(15_001 / 64))[15_001 % 64]);
        List<SegmentUse> uses = runtime.await(map.sparseSegments(1, 10));
        assertTrue(uses.contains(new SegmentUse(1, 6, 5, 4096 + 1024, 0, true, false)), uses::toString);
        assertTrue(uses.contains(new SegmentUse(4, 9001, 1, 4096 + 1024, 0, false, false)), uses::toString);
    }

    @Test
    void readsACheckpointOfVersionOne() throws IOException {
        SimulatedRuntime runtime = new SimulatedRuntime(1);
        TreeCommittedMap map = golden(runtime, "/golden/checkpoint-v1.bin", ROOT);
        long[] first = runtime.await(map.leaf(0));
        assertEquals(Locator.segment(1, 4096, 1024, 0), first[0]);
        assertEquals(Locator.segment(2, 4096, 1024, 0), first[1]);
        assertEquals(Locator.segment(1, 4096, 1024, 2), first[2]);
        assertEquals(Locator.ZERO, first[3]);
        assertEquals(Locator.ZERO, runtime.await(map.leaf(5000 / 64))[5000 % 64]);
        assertTrue(Locator.isSegment(runtime.await(map.leaf(900_000_000 / 64))[900_000_000 % 64]));
        assertEquals(new CommittedMap.Usage(4, 6, 3 * 4096 + 2 * 1024, 3), map.usage());
        assertEquals(List.of(3L), map.deadSegments());
        List<SegmentUse> uses = runtime.await(map.sparseSegments(1, 10));
        assertEquals(new SegmentUse(3, 0, 0, 4096, 1, false, false), uses.get(0));
        assertEquals(new SegmentUse(1, 3, 5, 4096 + 1024, 0, false, false), uses.get(1));
        assertEquals(new SegmentUse(2, 1, 1, 4096 + 1024, 0, false, false), uses.get(2));
    }
}
