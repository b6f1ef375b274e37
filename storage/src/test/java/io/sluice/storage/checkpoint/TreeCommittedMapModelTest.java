package io.sluice.storage.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Extent;
import io.sluice.storage.segment.SegmentHeader.Frame;
import io.sluice.storage.segment.SegmentHeader.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random segments, checkpoints and reopenings against a plain map. */
final class TreeCommittedMapModelTest {
    private static final long[] SIZES = {100L << 20, 9L << 30, 5L << 40, 16L << 40};

    /** The map as it should be, and what a checkpoint under way will have to say. */
    private static final class Model {
        TreeMap<Long, Long> locators = new TreeMap<>();
        final Map<Long, SegmentHeader> segments = new TreeMap<>();
        final TreeSet<Long> deleted = new TreeSet<>();

        void fold(SegmentHeader segment) {
            segments.put(segment.number(), segment);
            for (Extent extent : segment.zeros()) {
                locators.subMap(extent.lba(), extent.lba() + extent.count()).clear();
            }
            for (Frame frame : segment.frames()) {
                for (int slot = 0; slot < frame.lbas().length; slot++) {
                    long lba = frame.lbas()[slot];
                    if (segment.kind() != Kind.MOVED || locators.containsKey(lba)) {
                        locators.put(lba, frame.locator(segment.number(), slot));
                    }
                }
            }
        }

        long[] leaf(long leaf) {
            long[] words = new long[64];
            for (int slot = 0; slot < 64; slot++) {
                words[slot] = locators.getOrDefault((leaf * 64) + slot, Locator.ZERO);
            }
            return words;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void agreesWithAPlainMapThroughCommitsCheckpointsAndReopenings(long seed) {
        try {
            new Run(seed).go();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private static final class Run {
        final Random random;
        final CheckpointRig rig;
        final long[] bases;
        Model model = new Model();
        CheckpointRoot root = CheckpointRoot.EMPTY;

        Run(long seed) {
            random = new Random(seed);
            rig = new CheckpointRig(seed, SIZES[(int) (seed % SIZES.length)]);
            rig.cachePages = 1 + random.nextInt(40);
            rig.dropPagesMax = 1 + random.nextInt(30);
            rig.slackBytes = random.nextInt(3) * 20_000L;
            rig.map = rig.open(CheckpointRoot.EMPTY);
            long blocks = rig.sizeBytes / 4096;
            bases = new long[12];
            for (int i = 0; i < bases.length; i++) {
                bases[i] = (random.nextLong() >>> 1) % (blocks - 200);
            }
        }

        void go() {
            for (int i = 0; i < 600; i++) {
                int choice = random.nextInt(100);
                if (choice < 55) {
                    commit();
                } else if (choice < 90) {
                    check(someLeaf());
                } else if (choice < 97) {
                    checkpoint();
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
            SegmentHeader segment;
            if (kind == 0) {
                segment = rig.commit(Kind.FENCE, new long[0], List.of());
            } else if (kind < 4) {
                segment = rig.commit(Kind.MOVED, someBlocks(), List.of());
            } else {
                List<Extent> zeros = someZeros();
                long[] blocks = kind == 4 ? new long[0] : without(someBlocks(), zeros);
                segment = rig.commit(Kind.DATA, blocks, zeros);
            }
            model.fold(segment);
        }

        private long[] someBlocks() {
            TreeSet<Long> lbas = new TreeSet<>();
            int count = 1 + random.nextInt(random.nextBoolean() ? 5 : 150);
            while (lbas.size() < count) {
                lbas.add(bases[random.nextInt(bases.length)] + random.nextInt(200));
            }
            return lbas.stream().mapToLong(Long::longValue).toArray();
        }

        private static long[] without(long[] lbas, List<Extent> zeros) {
            return Arrays.stream(lbas)
                    .filter(lba ->
                            zeros.stream().noneMatch(zero -> lba >= zero.lba() && lba < zero.lba() + zero.count()))
                    .toArray();
        }

        private List<Extent> someZeros() {
            long blocks = rig.sizeBytes / 4096;
            return switch (random.nextInt(12)) {
                case 0 -> List.of(new Extent(0, blocks));
                case 1 -> {
                    long first = (random.nextLong() >>> 1) % blocks;
                    yield List.of(new Extent(first, 1 + ((random.nextLong() >>> 1) % (blocks - first))));
                }
                case 2, 3, 4 -> {
                    long base = bases[random.nextInt(bases.length)];
                    yield List.of(new Extent(base + random.nextInt(100), 1 + random.nextInt(90)));
                }
                case 5 -> {
                    long page = bases[random.nextInt(bases.length)] / 4096 * 4096;
                    yield List.of(new Extent(page, Math.min(4096, blocks - page)));
                }
                default -> List.of();
            };
        }

        private long someLeaf() {
            return (bases[random.nextInt(bases.length)] + random.nextInt(260)) / 64;
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
            for (long base : bases) {
                for (int i = 0; i < 5; i++) {
                    check((base / 64) + i);
                }
            }
        }

        private void checkpoint() {
            checkpoint(random.nextInt(4) > 0);
        }

        private void checkpoint(boolean adopt) {
            Model before = copy(model);
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

        private void tidy(Model before) {
            for (long dead : rig.map.deadSegments()) {
                assertTrue(
                        before.locators.values().stream().noneMatch(at -> Locator.segmentNumber(at) == dead),
                        "segment " + dead + " is not dead");
            }
            if (random.nextBoolean()) {
                model.deleted.addAll(rig.map.deadSegments());
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

        private void checkCounts(Model before) {
            Map<Long, Integer> live = new HashMap<>();
            before.locators.values().forEach(at -> live.merge(Locator.segmentNumber(at), 1, Integer::sum));
            long liveBlocks = 0;
            for (SegmentUse use : rig.await(rig.map.sparseSegments(1, Integer.MAX_VALUE))) {
                SegmentHeader segment = before.segments.get(use.number());
                assertNotNull(segment);
                assertEquals(
                        (long) live.getOrDefault(use.number(), 0), use.liveBlocks(), "live of segment " + use.number());
                assertEquals(segment.blockCount(), use.totalBlocks());
                assertEquals(segment.storedBytes(), use.storedBytes());
                assertEquals(use.liveBlocks() == 0, use.deadSince() > 0);
                live.remove(use.number());
                liveBlocks += use.liveBlocks();
            }
            assertEquals(Map.of(), live);
            assertEquals(liveBlocks, rig.map.loaded().usage().liveBlocks());
        }

        private static Model copy(Model model) {
            Model copy = new Model();
            copy.locators = new TreeMap<>(model.locators);
            copy.segments.putAll(model.segments);
            return copy;
        }
    }
}
