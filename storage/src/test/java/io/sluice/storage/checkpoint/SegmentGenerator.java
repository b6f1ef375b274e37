package io.sluice.storage.checkpoint;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/** Random segments of a volume that is written in some places only. */
final class SegmentGenerator {
    /** Blocks around a base that are written. */
    static final int SPREAD = 200;

    private final Random random;
    private final long blocks;
    final long[] bases;
    long epoch = 1;

    SegmentGenerator(Random random, long sizeBytes, int places) {
        this.random = random;
        this.blocks = sizeBytes / 4096;
        bases = new long[places];
        for (int i = 0; i < bases.length; i++) {
            bases[i] = (random.nextLong() >>> 1) % (blocks - (2 * SPREAD));
        }
    }

    long someBlock() {
        return bases[random.nextInt(bases.length)] + random.nextInt(SPREAD);
    }

    /** What hosts wrote: blocks, zeros, patterns, references to blocks that stand in {@code now}. */
    SegmentHeader data(long number, MappingModel now) {
        SegmentSketch sketch = new SegmentSketch(number, Kind.DATA, 0);
        sketch.epoch = epoch;
        zeros(sketch);
        int count = random.nextInt(random.nextBoolean() ? 5 : 150);
        long carrier = -1;
        for (int i = 0; i < count; i++) {
            long lba = someBlock();
            if (!sketch.names(lba)) {
                sketch.store(lba);
                carrier = lba;
            }
        }
        if (carrier >= 0 && random.nextInt(4) == 0) {
            long from = carrier;
            free(sketch).forEach((lba, length) -> sketch.pattern(lba, length, from));
        }
        Map.Entry<Long, Long> source = now.places.ceilingEntry(someBlock());
        if (source != null && random.nextInt(4) == 0) {
            free(sketch).forEach((lba, length) -> sketch.refer(lba, run(source.getValue(), length)));
        }
        return sketch.header();
    }

    private LocatorRun run(long place, int length) {
        boolean repeated = random.nextBoolean() || Locator.slot(place) + length > 32;
        return new LocatorRun(Locator.shared(place), length, repeated);
    }

    /** A range, or none, of which {@code sketch} says nothing. */
    private Map<Long, Integer> free(SegmentSketch sketch) {
        long first = someBlock();
        int length = 0;
        int wanted = 1 + random.nextInt(random.nextInt(3) == 0 ? 60 : 8);
        while (length < wanted && !sketch.names(first + length)) {
            length++;
        }
        return length == 0 ? Map.of() : Map.of(first, length);
    }

    private void zeros(SegmentSketch sketch) {
        switch (random.nextInt(14)) {
            case 0 -> sketch.zero(0, blocks);
            case 1 -> {
                long first = (random.nextLong() >>> 1) % blocks;
                sketch.zero(first, 1 + ((random.nextLong() >>> 1) % (blocks - first)));
            }
            case 2, 3, 4, 5 -> sketch.zero(someBlock(), 1 + random.nextInt(90));
            case 6 -> {
                long page = someBlock() / 4096 * 4096;
                sketch.zero(page, Math.min(4096, blocks - page));
            }
            default -> {}
        }
    }

    /** What a collector moves that looked at {@code seen}: some of the blocks there, as it may choose. */
    void moves(SegmentSketch sketch, NavigableMap<Long, Long> seen) {
        int parts = 1 + random.nextInt(4);
        for (int i = 0; i < parts; i++) {
            int count = 1 + random.nextInt(40);
            long lba = seen.isEmpty() ? -1 : from(seen, someBlock());
            while (count > 0 && lba >= 0) {
                if (!sketch.names(lba)) {
                    moveFrom(sketch, seen, lba);
                }
                Long next = seen.higherKey(lba);
                lba = next == null ? -1 : next;
                count--;
            }
        }
    }

    private static long from(NavigableMap<Long, Long> seen, long lba) {
        Long key = seen.ceilingKey(lba);
        return key == null ? seen.firstKey() : key;
    }

    void moveFrom(SegmentSketch sketch, NavigableMap<Long, Long> seen, long lba) {
        long old = seen.getOrDefault(lba, Locator.ZERO);
        sketch.move(lba, old);
        if (!Locator.isShared(old) || random.nextInt(3) == 0) {
            return;
        }
        List<Long> olds = new ArrayList<>();
        long next = lba + 1;
        while (olds.size() < 30 && seen.getOrDefault(next, Locator.ZERO) == old && !sketch.names(next)) {
            olds.add(old);
            next++;
        }
        if (!olds.isEmpty()) {
            sketch.movePattern(lba + 1, olds, lba);
        }
    }

    /** As {@link #moves}, with old places that are mostly wrong. */
    void wildMoves(SegmentSketch sketch, NavigableMap<Long, Long> seen) {
        List<Long> places = new ArrayList<>(seen.values());
        TreeMap<Long, Long> wrong = new TreeMap<>();
        seen.forEach((lba, place) -> {
            long other = places.get(random.nextInt(places.size()));
            wrong.put(lba, random.nextInt(3) == 0 ? flip(place) : other);
        });
        moves(sketch, wrong);
    }

    private static long flip(long place) {
        long segment = Locator.segment(
                Locator.segmentNumber(place),
                Locator.frameOffsetBytes(place),
                Locator.frameStoredBytes(place),
                Locator.slot(place));
        return Locator.isShared(place) ? segment : Locator.shared(segment);
    }
}
