package io.sluice.storage.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Kind;
import io.sluice.storage.segment.SegmentHeader.SharedExtent;
import io.sluice.storage.segment.SegmentHeader.Tombstone;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is left of a series of segments gives the mapping that the whole series gave. */
final class SeriesFoldTest {
    private static final long SIZE_BYTES = 9L << 30;
    /** A MOVED segment is told at most so many segments after the collector looked. */
    private static final int WINDOW = 12;

    static LongStream seeds() {
        return TestSeeds.orAsked(1, 8);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void versionsGiveTheMappingOfTheFoldOnACompleteSeries(long seed) {
        run(new Run(seed, false));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void versionsGiveTheSameMappingWhenDeadSegmentsWereDeleted(long seed) {
        Run run = new Run(seed, true);
        run(run);
        assertTrue(run.deleted > run.numbers / 2, "deleted " + run.deleted + " of " + run.numbers);
        assertTrue(run.tombstones > 20, "tombstones " + run.tombstones);
        assertTrue(run.carriedOn > 5, "references carried on " + run.carriedOn);
        assertTrue(run.stale > 20, "stale moves " + run.stale);
        assertTrue(run.dropped > 5, "tombstones dropped " + run.dropped);
    }

    private static void run(Run run) {
        try {
            run.go();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + run.seed, failure);
        }
    }

    /** Writers, a collector with one MOVED segment under way at a time, and deletion by the rules. */
    private static final class Run {
        final long seed;
        final boolean deletes;
        final Random random;
        final SegmentGenerator segments;
        final MappingModel model = new MappingModel();
        final TreeMap<Long, SegmentHeader> series = new TreeMap<>();
        final TreeSet<Long> deadBefore = new TreeSet<>();
        final TreeSet<Long> referredSince = new TreeSet<>();
        final int numbers;
        long deleted;
        long tombstones;
        long carriedOn;
        long stale;
        long dropped;

        /** What the collector will tell, but for the number. */
        @Nullable
        Look look;

        /** The mapping as of a segment, and what is to be made of it. */
        private record Look(MappingModel seen, List<Long> victims, List<Long> settled, long lowest, long due) {}

        Run(long seed, boolean deletes) {
            this.seed = seed;
            this.deletes = deletes;
            this.random = new Random(seed);
            this.segments = new SegmentGenerator(random, SIZE_BYTES, 5);
            this.numbers = 900;
        }

        void go() {
            for (int i = 1; i <= numbers; i++) {
                tell(next(i));
                if (look == null && random.nextInt(3) == 0) {
                    look = look();
                }
                if (deletes && random.nextInt(7) == 0) {
                    checkpoint();
                }
                if (i % 90 == 0) {
                    compare();
                }
            }
        }

        private SegmentHeader next(long number) {
            Look due = look;
            if (due != null && (number >= due.due() || random.nextInt(6) == 0)) {
                look = null;
                SegmentSketch moved = moved(number, due);
                if (!moved.isEmpty()) {
                    return moved.header();
                }
            }
            if (random.nextInt(25) == 0) {
                segments.epoch++;
                SegmentSketch fence = new SegmentSketch(number, Kind.FENCE, 0);
                fence.epoch = segments.epoch;
                return fence.header();
            }
            return segments.data(number, model);
        }

        private void tell(SegmentHeader header) {
            if (header.kind() == Kind.MOVED) {
                countStale(header);
            }
            model.fold(header);
            series.put(header.number(), header);
            header.shared()
                    .forEach(extent ->
                            referredSince.add(Locator.segmentNumber(extent.run().first())));
        }

        private void countStale(SegmentHeader header) {
            for (SegmentHeader.Frame frame : header.frames()) {
                long[] old = MappingModel.olds(frame.old());
                for (int slot = 0; slot < old.length; slot++) {
                    stale += model.places.getOrDefault(frame.lbas()[slot], 0L) == old[slot] ? 0 : 1;
                }
            }
        }

        private Look look() {
            Map<Long, Long> live = model.liveBlocks();
            List<Long> victims = new ArrayList<>();
            List<Long> settled = new ArrayList<>();
            for (SegmentHeader header : series.values()) {
                long blocks = live.getOrDefault(header.number(), 0L);
                boolean oldest = header.number() < lowest() + 20;
                boolean chosen = random.nextInt(4) < (oldest ? 3 : 1);
                if (chosen && blocks > 0 && (oldest || blocks <= 1 + (header.blockCount() / 2)) && victims.size() < 4) {
                    victims.add(header.number());
                }
                boolean moves = victims.contains(header.number());
                if (model.zeros.contains(header.number()) && chosen && (blocks == 0 || moves)) {
                    settled.add(header.number());
                }
            }
            long due = model.lastSegment() + 1 + random.nextInt(WINDOW);
            return new Look(model.copy(), victims, settled, lowest(), due);
        }

        private long lowest() {
            return series.values().stream()
                    .filter(header -> header.kind() != Kind.FENCE)
                    .mapToLong(SegmentHeader::number)
                    .findFirst()
                    .orElse(0);
        }

        private SegmentSketch moved(long number, Look due) {
            SegmentSketch sketch =
                    new SegmentSketch(number, Kind.MOVED, due.seen().lastSegment());
            sketch.epoch = segments.epoch;
            TreeMap<Long, Long> toMove = new TreeMap<>(due.seen().places);
            toMove.values().removeIf(place -> !due.victims().contains(Locator.segmentNumber(place)));
            for (long lba : List.copyOf(toMove.keySet())) {
                if (!sketch.names(lba)) {
                    segments.moveFrom(sketch, toMove, lba);
                }
            }
            SettledFacts facts = new SettledFacts(due.lowest(), WINDOW);
            for (long segment : due.settled()) {
                SegmentHeader header = due.seen().segments.get(segment);
                if (header != null) {
                    facts.add(header);
                    sketch.settle(segment);
                    dropped += header.tombstones().stream()
                            .filter(stone -> stone.version() + WINDOW < due.lowest())
                            .count();
                }
            }
            facts.tombstones().forEach(stone -> tombstone(sketch, stone));
            facts.references().forEach(extent -> carryOn(sketch, extent, due.seen()));
            return sketch;
        }

        private void tombstone(SegmentSketch sketch, Tombstone stone) {
            boolean written = !model.places
                    .subMap(stone.lba(), stone.lba() + stone.count())
                    .isEmpty();
            if (stone.count() == 1 && written && random.nextBoolean()) {
                return; // known not to read as zeros any more
            }
            sketch.tombstone(stone.lba(), stone.count(), stone.version());
            tombstones++;
        }

        private void carryOn(SegmentSketch sketch, SharedExtent extent, MappingModel seen) {
            for (int i = 0; i < extent.run().count(); i++) {
                long place = extent.run().locator(i);
                long lba = extent.lba() + i;
                if (seen.places.getOrDefault(lba, Locator.ZERO) == place && !sketch.names(lba)) {
                    sketch.carryOn(lba, new LocatorRun(place, 1, false));
                    carriedOn++;
                }
            }
        }

        /** Deletes what was dead at the checkpoint before this one already, unless something refers to it. */
        private void checkpoint() {
            Map<Long, Long> live = model.liveBlocks();
            TreeSet<Long> dead = new TreeSet<>();
            for (SegmentHeader header : series.values()) {
                long number = header.number();
                if (header.kind() != Kind.FENCE && !live.containsKey(number) && !model.zeros.contains(number)) {
                    dead.add(number);
                }
            }
            for (long number : dead) {
                if (deadBefore.contains(number) && !referredSince.contains(number) && !isHeld(number)) {
                    series.remove(number);
                    deleted++;
                }
            }
            deadBefore.clear();
            deadBefore.addAll(dead);
            referredSince.clear();
        }

        /** What the collector is about to refer to, or to settle. */
        private boolean isHeld(long number) {
            Look due = look;
            return due != null && due.seen().places.containsValue(placeIn(number, due.seen()));
        }

        private static Long placeIn(long number, MappingModel seen) {
            return seen.places.values().stream()
                    .filter(place -> Locator.segmentNumber(place) == number)
                    .findFirst()
                    .orElse(0L);
        }

        private void compare() {
            CheckpointRig rig = new CheckpointRig(seed, SIZE_BYTES);
            SeriesFold.Result result = rig.await(SeriesFold.into(rig.map, all(series.values()), 1 + random.nextInt(4)));
            assertEquals(Map.of(), result.missing(), "segments that are needed were deleted");
            assertEquals(series.size(), result.segments());
            assertEquals(model.lastSegment(), result.root().coversSegment());
            assertEquals(segments.epoch, result.root().coversEpoch());
            for (TreeCommittedMap map : List.of(rig.map, rig.open(result.root()))) {
                for (long base : segments.bases) {
                    for (int i = 0; i < 6; i++) {
                        long leaf = (base / 64) + i;
                        assertArrayEquals(model.leaf(leaf), rig.await(map.leaf(leaf)), "leaf " + leaf);
                    }
                }
            }
            assertEquals(model.places.size(), rig.map.usage().liveBlocks());
            Map<Long, Long> live = model.liveBlocks();
            for (SegmentUse use : rig.await(rig.map.sparseSegments(1, Integer.MAX_VALUE))) {
                assertEquals(live.getOrDefault(use.number(), 0L), use.liveBlocks(), "live of " + use.number());
                assertEquals(model.zeros.contains(use.number()), use.zeros(), "zeros of " + use.number());
            }
        }
    }

    private static SeriesFold.Series all(Iterable<SegmentHeader> headers) {
        return consumer -> {
            headers.forEach(consumer);
            return CompletableFuture.completedFuture(null);
        };
    }

    private static SegmentHeader written(long number, long epoch, long... lbas) {
        SegmentSketch sketch = new SegmentSketch(number, Kind.DATA, 0);
        sketch.epoch = epoch;
        for (long lba : lbas) {
            sketch.store(lba);
        }
        return sketch.header();
    }

    @Test
    void whatAFencedGatewayWroteBehindTheFenceDoesNotCount() {
        CheckpointRig rig = new CheckpointRig(1, SIZE_BYTES);
        SegmentSketch fence = new SegmentSketch(2, Kind.FENCE, 0);
        fence.epoch = 5;
        List<SegmentHeader> series = List.of(written(1, 4, 7, 8), fence.header(), written(3, 4, 7), written(4, 5, 8));
        SeriesFold.Result result = rig.await(SeriesFold.into(rig.map, all(series), 1));
        assertEquals(1, result.orphans());
        assertEquals(3, result.segments());
        assertEquals(1, Locator.segmentNumber(rig.leaf(0)[7]));
        assertEquals(4, Locator.segmentNumber(rig.leaf(0)[8]));
    }

    /** The collector looked before block 7 was unmapped, and told of it only afterwards. */
    @Test
    void zerosAreToldOnWhileALateMoveOfOlderBlocksIsThere() {
        SegmentHeader late = new SegmentSketch(3, Kind.MOVED, 1)
                .move(7, Locator.segment(1, 4096, 1024, 0))
                .move(8, Locator.segment(1, 4096, 1024, 1))
                .header();
        SegmentHeader carrier =
                new SegmentSketch(4, Kind.MOVED, 3).tombstone(7, 1, 2).settle(2).header();
        SettledFacts facts = new SettledFacts(3);
        facts.add(carrier);
        SegmentSketch next = new SegmentSketch(5, Kind.MOVED, 4).settle(4);
        facts.tombstones().forEach(stone -> next.tombstone(stone.lba(), stone.count(), stone.version()));
        CheckpointRig rig = new CheckpointRig(1, SIZE_BYTES);
        rig.await(SeriesFold.into(rig.map, all(List.of(late, next.header())), 1));
        assertEquals(Locator.ZERO, rig.leaf(0)[7]);
        assertEquals(3, Locator.segmentNumber(rig.leaf(0)[8]));
    }

    /** What was unmapped is known before anything else of that part of the volume is told. */
    @Test
    void aLateMoveDoesNotBringBackWhatWasUnmappedBefore() {
        SegmentHeader zeros = new SegmentSketch(2, Kind.DATA, 0)
                .zero(0, 1 << 20)
                .zero(1 << 20, 5)
                .header();
        SegmentHeader late = new SegmentSketch(3, Kind.MOVED, 1)
                .move(7, Locator.segment(1, 4096, 1024, 0))
                .header();
        CheckpointRig rig = new CheckpointRig(1, SIZE_BYTES);
        rig.await(SeriesFold.into(rig.map, all(List.of(zeros, late)), 1));
        assertEquals(Locator.ZERO, rig.leaf(0)[7]);
        assertEquals(0, rig.map.usage().liveBlocks());
    }

    @Test
    void ofTwoMovesFromOnePlaceTheFirstCountsAsInTheFold() {
        List<SegmentHeader> series = List.of(
                written(1, 1, 7),
                new SegmentSketch(2, Kind.MOVED, 1)
                        .move(7, Locator.segment(1, 4096, 1024, 0))
                        .header(),
                new SegmentSketch(3, Kind.MOVED, 1)
                        .move(7, Locator.segment(1, 4096, 1024, 0))
                        .header());
        CheckpointRig rig = new CheckpointRig(1, SIZE_BYTES);
        series.forEach(rig.map::commit);
        assertEquals(2, Locator.segmentNumber(rig.leaf(0)[7]));
        CheckpointRig rebuilt = new CheckpointRig(1, SIZE_BYTES);
        rebuilt.await(SeriesFold.into(rebuilt.map, all(series), 1));
        assertEquals(2, Locator.segmentNumber(rebuilt.leaf(0)[7]));
    }

    @Test
    void zerosAreToldOnceAndOnlyWhileTheyAreNeeded() {
        SegmentHeader first = new SegmentSketch(5, Kind.DATA, 0).zero(10, 20).header();
        SegmentHeader second = new SegmentSketch(9, Kind.DATA, 0)
                .zero(20, 20)
                .refer(100, new LocatorRun(Locator.shared(Locator.segment(2, 4096, 1024, 0)), 3, true))
                .header();
        SettledFacts facts = new SettledFacts(1);
        facts.add(second);
        facts.add(first);
        assertEquals(List.of(new Tombstone(10, 10, 5), new Tombstone(20, 20, 9)), facts.tombstones());
        assertEquals(second.shared(), facts.references());
        assertEquals(new TreeSet<>(List.of(5L, 9L)), facts.segments());
        SettledFacts later = new SettledFacts(5 + 1024 + 1);
        later.add(first);
        later.add(second);
        assertEquals(List.of(new Tombstone(20, 20, 9)), later.tombstones());
    }

    @Test
    void aBlockWhoseSegmentIsMissingIsNeitherZerosNorAnOlderVersion() {
        CheckpointRig rig = new CheckpointRig(1, SIZE_BYTES);
        SegmentSketch copy = new SegmentSketch(3, Kind.DATA, 0);
        LocatorRun lost = new LocatorRun(Locator.shared(Locator.segment(2, 4096, 1024, 0)), 2, true);
        copy.refer(5000, lost);
        List<SegmentHeader> series = List.of(written(1, 1, 5000, 5001), copy.header());
        SeriesFold.Result result = rig.await(SeriesFold.into(rig.map, all(series), 1));
        assertEquals(Map.of(2L, 2L), result.missing());
        assertEquals(lost.first(), rig.leaf(5000 / 64)[5000 % 64]);
        assertEquals(3, result.root().coversSegment());
        assertEquals(List.of(1L), rig.map.deadSegments());
    }

    @Test
    void memoryIsBoundedByReadingTheSeriesMoreThanOnce() {
        CheckpointRig rig = new CheckpointRig(1, SIZE_BYTES);
        List<SegmentHeader> series = List.of(
                written(1, 1, 5, 4096 * 3, 4096 * 9, 4096 * 9 + 1),
                new SegmentSketch(2, Kind.DATA, 0).zero(4096 * 3, 4096 * 6 + 1).header(),
                written(3, 1, 4096 * 5, 4096 * 7));
        SeriesFold.Result result = rig.await(SeriesFold.into(rig.map, all(series), 2));
        assertEquals(3, result.passes(), "five pages are touched, two of them at a time");
        assertEquals(4, rig.map.usage().liveBlocks());
        assertEquals(Locator.ZERO, rig.leaf(64 * 3)[0]);
        assertEquals(3, Locator.segmentNumber(rig.leaf(64 * 7)[0]));
        assertEquals(Locator.ZERO, rig.leaf(64 * 9)[0]);
        assertEquals(1, Locator.segmentNumber(rig.leaf(64 * 9)[1]));
    }
}
