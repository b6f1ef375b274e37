package io.sluice.storage.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ZeroRangesTest {
    private static final int LEAVES = 100;

    @Test
    void agreesWithAnArrayWhateverTheOrderOfArrival() {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            ZeroRanges ranges = new ZeroRanges();
            long[] expected = new long[LEAVES];
            Arrays.fill(expected, ZeroRanges.NONE);
            for (int i = 0; i < 300; i++) {
                if (random.nextInt(10) > 0) {
                    int first = random.nextInt(LEAVES);
                    int end = first + random.nextInt(LEAVES - first + 1);
                    long address = random.nextInt(20) + (long) i;
                    ranges.add(first, end, address);
                    for (int leaf = first; leaf < end; leaf++) {
                        expected[leaf] = Math.max(expected[leaf], address);
                    }
                } else {
                    // Nothing older than this may come any more.
                    ranges.settleBelow(i);
                    for (int leaf = 0; leaf < LEAVES; leaf++) {
                        expected[leaf] = expected[leaf] < i ? ZeroRanges.NONE : expected[leaf];
                    }
                }
                for (int leaf = 0; leaf < LEAVES; leaf++) {
                    assertEquals(expected[leaf], ranges.addressAt(leaf), "seed " + seed + " leaf " + leaf);
                }
            }
            ranges.settleBelow(1000);
            assertEquals(0, ranges.size());
        }
    }

    @Test
    void forgetsRecordsThatComeAfterTheyWereSettled() {
        ZeroRanges ranges = new ZeroRanges();
        ranges.settleBelow(100);
        ranges.add(0, 10, 99);
        assertEquals(ZeroRanges.NONE, ranges.addressAt(5));
        ranges.add(0, 10, 100);
        assertEquals(100, ranges.addressAt(5));
        assertTrue(ranges.size() == 1);
    }
}
