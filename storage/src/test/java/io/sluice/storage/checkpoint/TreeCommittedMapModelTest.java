package io.sluice.storage.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random segments, checkpoints and reopenings against a plain map. */
final class TreeCommittedMapModelTest {
    private static final long[] SIZES = {100L << 20, 9L << 30, 5L << 40, 16L << 40};

    static LongStream seeds() {
        return TestSeeds.orAsked(1, 12);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithAPlainMapThroughCommitsCheckpointsAndReopenings(long seed) {
        try {
            new Run(seed).go();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private static final class Run {
        private static final int SEEN_MAX = 8;

        final Random random;
        final CheckpointRig rig;
        final SegmentGenerator segments;
        MappingModel model = new MappingModel();
        /** The last states, newest at the end: what a collector may have seen. */
        final ArrayDeque<MappingModel> seen = new ArrayDeque<>();

        CheckpointRoot root = CheckpointRoot.EMPTY;

        Run(long seed) {
            random = new Random(seed);
            rig = new CheckpointRig(seed, SIZES[(int) (seed % SIZES.length)]);
            rig.cachePages = 1 + random.nextInt(40);
            rig.dropPagesMax = 1 + random.nextInt(30);
            rig.slackBytes = random.nextInt(3) * 20_000L;
            rig.map = rig.open(CheckpointRoot.EMPTY);
            segments = new SegmentGenerator(random, rig.sizeBytes, 12);
        }

        void go() {
            for (int i = 0; i < 600; i++) {
                int choice = random.nextInt(100);
                if (choice < 55) {
                    commit();
                } else if (choice < 90) {
                    check(someLeaf());
                } else if (choice < 95) {
                    checkpoint();
                } else if (choice < 97) {
                    find();
                } else {
                    reopen();
                }
            }
            do {
                root = rig.checkpoint();
            } while (rig.map.unfinishedDrops() > 0);
            checkAll();
            checkCounts(model);
        }

        private void commit() {
            int kind = random.nextInt(20);
            long number = rig.map.lastSegment() + 1;
            SegmentHeader segment;
            if (kind == 0) {
                segment = new SegmentSketch(number, Kind.FENCE, 0).header();
            } else if (kind < 8 && !seen.isEmpty()) {
                segment = moved(number);
            } else {
                segment = segments.data(number, model);
            }
            rig.map.commit(segment);
            model.fold(segment);
            seen.add(model.copy());
            if (seen.size() > SEEN_MAX) {
                seen.remove();
            }
        }

        /** Of blocks as they stood at some moment, so that some of the moves are stale; now and then of nonsense. */
        private SegmentHeader moved(long number) {
            MappingModel then = new ArrayList<>(seen).get(random.nextInt(seen.size()));
            SegmentSketch sketch = new SegmentSketch(number, Kind.MOVED, number - 1);
            if (random.nextInt(4) > 0) {
                segments.moves(sketch, then.places);
            } else if (!then.places.isEmpty()) {
                segments.wildMoves(sketch, then.places);
            }
            if (random.nextInt(3) == 0) {
                carryOn(sketch);
            }
            if (random.nextInt(3) == 0) {
                sketch.tombstone(segments.someBlock(), 1 + random.nextInt(300), 1 + random.nextInt((int) number - 1));
            }
            for (int i = random.nextInt(4); i > 0; i--) {
                sketch.settle(1 + random.nextInt((int) number - 1));
            }
            return sketch.header();
        }

        private void carryOn(SegmentSketch sketch) {
            Map.Entry<Long, Long> block = model.places.ceilingEntry(segments.someBlock());
            if (block != null && Locator.isShared(block.getValue()) && !sketch.names(block.getKey())) {
                sketch.carryOn(block.getKey(), new LocatorRun(block.getValue(), 1, false));
            }
        }

        /** Searches while other things happen: what stayed is told once, and nothing that never was there. */
        private void find() {
            TreeSet<Long> wanted = new TreeSet<>();
            for (int i = 0; i < 5; i++) {
                wanted.add(1 + (long) random.nextInt((int) Math.max(1, rig.map.lastSegment())));
            }
            TreeMap<Long, Long> stayed = new TreeMap<>(model.places);
            Map<Long, MappingModel> states = new HashMap<>();
            states.put(model.lastSegment(), model.copy());
            List<long[]> told = new ArrayList<>();
            CompletableFuture<Void> walk =
                    rig.map.findBlocks(wanted, (lba, place, asOf) -> told.add(new long[] {lba, place, asOf}));
            while (!walk.isDone()) {
                if (random.nextInt(20) == 0) {
                    commit();
                    states.put(model.lastSegment(), model.copy());
                    stayed.entrySet().removeIf(at -> !at.getValue().equals(model.places.get(at.getKey())));
                } else if (random.nextInt(60) == 0) {
                    root = rig.checkpoint();
                    rig.tidyObjects();
                } else {
                    rig.runtime.step();
                }
            }
            rig.await(walk);
            TreeMap<Long, Long> found = new TreeMap<>();
            for (long[] block : told) {
                MappingModel then = states.get(block[2]);
                assertNotNull(then);
                assertEquals(block[1], then.places.get(block[0]), "block " + block[0]);
                assertTrue(wanted.contains(Locator.segmentNumber(block[1])));
                assertNull(found.put(block[0], block[1]), "told twice");
            }
            stayed.values().removeIf(place -> !wanted.contains(Locator.segmentNumber(place)));
            stayed.forEach((lba, place) -> assertEquals(place, found.get(lba), "block " + lba + " stayed"));
        }

        private long someLeaf() {
            return (segments.someBlock() + random.nextInt(60)) / 64;
        }

        private void check(long leaf) {
            long[] now = rig.map.leafNow(leaf);
            long[] expected = model.leaf(leaf);
            if (now != null) {
                assertTrue(Arrays.equals(expected, now), "leafNow " + leaf);
            }
            assertTrue(Arrays.equals(expected, rig.leaf(leaf)), "leaf " + leaf);
        }

        private void checkAll() {
            for (long base : segments.bases) {
                for (int i = 0; i < 5; i++) {
                    check((base / 64) + i);
                }
            }
        }

        private void checkpoint() {
            checkpoint(random.nextInt(4) > 0);
        }

        private void checkpoint(boolean adopt) {
            MappingModel before = model.copy();
            CompletableFuture<CheckpointRoot> writing = rig.map.write();
            int meanwhile = random.nextInt(6);
            for (int i = 0; i < meanwhile; i++) {
                rig.runtime.step();
                commit();
                check(someLeaf());
            }
            List<CompletableFuture<long[]>> lookups = new ArrayList<>();
            long[] leaves = {someLeaf(), someLeaf(), someLeaf()};
            Arrays.stream(leaves).forEach(leaf -> lookups.add(rig.map.leaf(leaf)));
            CheckpointRoot written = rig.await(writing);
            // Page fetches of these are under way when the checkpoint changes, and its old pages may go away.
            Arrays.stream(leaves).forEach(leaf -> lookups.add(rig.map.leaf(leaf)));
            if (adopt) {
                rig.map.adopt(written);
                root = written;
                if (rig.map.unfinishedDrops() == 0) {
                    checkCounts(before);
                }
                tidy(before);
            } else {
                rig.map.abandon(written);
            }
            for (int i = 0; i < lookups.size(); i++) {
                long[] expected = model.leaf(leaves[i % leaves.length]);
                assertTrue(Arrays.equals(expected, rig.await(lookups.get(i))), "lookup across adoption");
            }
        }

        private void tidy(MappingModel before) {
            for (long dead : rig.map.deadSegments()) {
                assertTrue(
                        before.places.values().stream().noneMatch(at -> Locator.segmentNumber(at) == dead),
                        "segment " + dead + " is not dead");
            }
            if (random.nextBoolean()) {
                rig.tidy();
            }
        }

        private void reopen() {
            rig.map = rig.open(root);
            for (SegmentHeader segment : model.segments.values()) {
                if (segment.number() > root.coversSegment()) {
                    rig.map.commit(segment);
                }
            }
            check(someLeaf());
        }

        private void checkCounts(MappingModel before) {
            Map<Long, Long> live = before.liveBlocks();
            long liveBlocks = 0;
            for (SegmentUse use : rig.await(rig.map.sparseSegments(1, Integer.MAX_VALUE))) {
                SegmentHeader segment = before.segments.get(use.number());
                assertNotNull(segment);
                assertEquals(live.getOrDefault(use.number(), 0L), use.liveBlocks(), "live of segment " + use.number());
                assertEquals(segment.blockCount(), use.totalBlocks());
                assertEquals(segment.storedBytes(), use.storedBytes());
                assertEquals(use.liveBlocks() == 0, use.deadSince() > 0);
                assertEquals(before.zeros.contains(use.number()), use.zeros(), "zeros of segment " + use.number());
                assertEquals(before.shared.contains(use.number()), use.shared(), "shared " + use.number());
                assertEquals(
                        use.liveBlocks() == 0 && !use.zeros(),
                        rig.map.loaded().deadSegments().containsKey(use.number()));
                assertEquals(
                        use.liveBlocks() == 0 && use.zeros(),
                        rig.map.loaded().deadWithZeros().containsKey(use.number()));
                live.remove(use.number());
                liveBlocks += use.liveBlocks();
            }
            assertEquals(Map.of(), live);
            assertEquals(liveBlocks, rig.map.loaded().usage().liveBlocks());
        }
    }
}
