package io.sluice.storage.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LeafRangesTest {
    private static final int LEAVES = 100;

    @Test
    void agreesWithAnArrayWhateverTheOrderOfArrival() {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            LeafRanges ranges = new LeafRanges();
            long[] expected = new long[LEAVES];
            Arrays.fill(expected, -1);
            for (int i = 0; i < 300; i++) {
                if (random.nextInt(10) > 0) {
                    int first = random.nextInt(LEAVES);
                    int end = first + random.nextInt(LEAVES - first + 1);
                    long address = random.nextInt(20) + (long) i;
                    ranges.add(first, end, random.nextBoolean() ? Locator.zero(address) : Locator.journal(address));
                    for (int leaf = first; leaf < end; leaf++) {
                        expected[leaf] = Math.max(expected[leaf], address);
                    }
                } else {
                    // Nothing older than this may come any more.
                    ranges.settleBelow(i);
                    for (int leaf = 0; leaf < LEAVES; leaf++) {
                        expected[leaf] = expected[leaf] < i ? -1 : expected[leaf];
                    }
                }
                for (int leaf = 0; leaf < LEAVES; leaf++) {
                    assertEquals(
                            expected[leaf], Locator.address(ranges.locatorAt(leaf)), "seed " + seed + " leaf " + leaf);
                }
            }
            ranges.settleBelow(1000);
            assertEquals(0, ranges.size());
        }
    }

    @Test
    void forgetsRecordsThatComeAfterTheyWereSettled() {
        LeafRanges ranges = new LeafRanges();
        ranges.settleBelow(100);
        ranges.add(0, 10, Locator.zero(99));
        assertEquals(Locator.UNKNOWN, ranges.locatorAt(5));
        ranges.add(0, 10, Locator.journal(100));
        assertEquals(Locator.journal(100), ranges.locatorAt(5));
        assertTrue(ranges.size() == 1);
    }
}
