package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.SuppressForbidden;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressForbidden("seeded generators, printed seeds")
final class FlushPlanTest {
    private static final int BLOCKS = 64;
    private static final long ZEROED = -1;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void isTheNetEffectOfItsEntries(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            FlushPlan plan = new FlushPlan(100);
            Map<Long, Long> model = new TreeMap<>();
            int entries = random.nextInt(60);
            for (int i = 0; i < entries; i++) {
                add(plan, model, random, 100L + i);
            }
            assertEquals(entries, plan.entries(), "seed " + seed);
            assertEquals(model, contentOf(plan), "seed " + seed + ", round " + round);
            assertEquals(model.isEmpty(), plan.isEmpty(), "seed " + seed);
        }
    }

    private static void add(FlushPlan plan, Map<Long, Long> model, Random random, long address) {
        int lba = random.nextInt(BLOCKS);
        if (random.nextInt(3) > 0) {
            plan.block(lba, address);
            model.put((long) lba, address);
        } else {
            int count = 1 + random.nextInt(Math.min(20, BLOCKS - lba));
            plan.zero(lba, count, address);
            for (long block = lba; block < lba + count; block++) {
                model.put(block, ZEROED);
            }
        }
    }

    /** Fails when a block stands in it twice. */
    private static Map<Long, Long> contentOf(FlushPlan plan) {
        Map<Long, Long> content = new TreeMap<>(plan.addresses());
        plan.extents().forEach((from, extent) -> {
            long end = extent.end();
            assertTrue(from < end, "an empty extent at " + from);
            for (long block = from; block < end; block++) {
                assertNull(content.put(block, ZEROED), "block " + block + " stands there twice");
            }
        });
        return content;
    }

    @Test
    void coversTheLogUpToWhereItWasTold() {
        FlushPlan plan = new FlushPlan(7);
        assertEquals(7, plan.end());
        plan.block(1, 8);
        plan.reaches(9, 500);
        plan.reaches(12, 400);
        assertEquals(7, plan.from());
        assertEquals(12, plan.end());
        assertEquals(500, plan.wallTimeMillis());
        assertFalse(plan.isEmpty());
    }

    @Test
    void zeroingPartOfAZeroedRangeKeepsTheRest() {
        FlushPlan plan = new FlushPlan(1);
        plan.zero(0, 100, 1);
        plan.block(50, 2);
        plan.zero(40, 5, 3);
        Map<Long, Long> content = contentOf(plan);
        assertEquals(100, content.size());
        assertEquals(2, content.get(50L));
    }
}
