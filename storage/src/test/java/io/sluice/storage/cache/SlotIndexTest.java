package io.sluice.storage.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SlotIndexTest {
    @Test
    void findsWhatAMapFinds() {
        for (long seed = 1; seed <= 20; seed++) {
            compareWithMap(seed);
        }
    }

    private static void compareWithMap(long seed) {
        Random random = new Random(seed);
        long[] keys = new long[500];
        SlotIndex index = new SlotIndex(slot -> keys[slot]);
        Map<Long, Integer> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            int slot = random.nextInt(keys.length);
            if (keys[slot] == 0) {
                long key = 1L + random.nextInt(2000);
                if (!model.containsKey(key)) {
                    keys[slot] = key;
                    index.add(slot);
                    model.put(key, slot);
                }
            } else if (random.nextBoolean()) {
                index.remove(slot);
                model.remove(keys[slot]);
                keys[slot] = 0;
            }
            long key = 1L + random.nextInt(2000);
            assertEquals(model.getOrDefault(key, SlotIndex.ABSENT), index.find(key), "seed " + seed);
            assertEquals(model.size(), index.size(), "seed " + seed);
        }
    }
}
