package io.sluice.storage.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.cache.ReadCache.Origin;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SegmentedFifoPolicyTest {
    private static final int SLOTS = 1000;

    private final long[] keys = new long[SLOTS];
    private final Map<Long, Integer> slotOfKey = new HashMap<>();
    private final SegmentedFifoPolicy policy = new SegmentedFifoPolicy(slot -> keys[slot]);
    private int filled;

    SegmentedFifoPolicyTest() {
        policy.grow(SLOTS);
    }

    /** Reads every block of the frame once, as a host does that reads from end to end; true when it was here. */
    private boolean pass(long key, Origin origin) {
        Integer slot = slotOfKey.get(key);
        boolean hit = slot != null;
        int place = hit ? slot : insert(key, origin);
        for (int block = 0; block < 32; block++) {
            policy.touch(place, block);
        }
        return hit;
    }

    private int insert(long key, Origin origin) {
        int slot = filled < SLOTS ? filled++ : policy.evict();
        slotOfKey.remove(keys[slot], slot);
        keys[slot] = key;
        slotOfKey.put(key, slot);
        policy.insert(slot, origin);
        return slot;
    }

    private int slotOf(long key) {
        return slotOfKey.getOrDefault(key, -1);
    }

    private long hotHits(int hot) {
        long hits = 0;
        for (int key = 1; key <= hot; key++) {
            hits += slotOfKey.containsKey((long) key) ? 1 : 0;
        }
        return hits;
    }

    private void useHotSet(int hot) {
        for (int round = 0; round < 3; round++) {
            for (int key = 1; key <= hot; key++) {
                pass(key, Origin.READ);
            }
        }
    }

    @Test
    void aScanOfTenTimesTheCacheLeavesTheHotSetAlone() {
        for (Origin origin : Origin.values()) {
            useHotSet(SLOTS / 2);
            for (int frame = 0; frame < 10 * SLOTS; frame++) {
                pass(1_000_000L * (origin.name().length() + 1) + frame, origin);
            }
            assertEquals(SLOTS / 2, hotHits(SLOTS / 2), "after a scan by " + origin);
        }
    }

    @Test
    void aHotSetThatReturnsDuringAScanIsKept() {
        Random random = new Random(11);
        useHotSet(SLOTS / 2);
        long hits = 0;
        for (int frame = 0; frame < 10 * SLOTS; frame++) {
            pass(1_000_000 + frame, Origin.READ_AHEAD);
            hits += pass(1 + random.nextInt(SLOTS / 2), Origin.READ) ? 1 : 0;
        }
        assertEquals(10 * SLOTS, hits);
    }

    @Test
    void aFrameReadAgainSoonAfterItsEvictionIsTakenForHot() {
        useHotSet(SLOTS / 2);
        for (int frame = 0; frame < 2 * SLOTS; frame++) {
            pass(1_000_000 + frame, Origin.READ);
        }
        long evicted = 1_000_000L + 2 * SLOTS - 700;
        assertFalse(slotOfKey.containsKey(evicted));
        pass(evicted, Origin.READ);
        assertEquals(SegmentedFifoPolicy.Place.MAIN, policy.placeOf(slotOf(evicted)));
    }

    @Test
    void readAheadAndFlushedFramesStartSmallEvenWhenTheyReturn() {
        useHotSet(SLOTS / 2);
        for (int frame = 0; frame < 2 * SLOTS; frame++) {
            pass(1_000_000 + frame, Origin.READ_AHEAD);
        }
        for (Origin origin : new Origin[] {Origin.READ_AHEAD, Origin.FLUSHED}) {
            long evicted = 1_000_000L + 2 * SLOTS - 650 - origin.name().length();
            assertFalse(slotOfKey.containsKey(evicted));
            pass(evicted, origin);
            assertEquals(SegmentedFifoPolicy.Place.SMALL, policy.placeOf(slotOf(evicted)));
        }
    }

    @Test
    void readingAFrameOnceInPiecesIsNoReuse() {
        int slot = insert(1, Origin.READ);
        for (int block = 0; block < 32; block++) {
            policy.touch(slot, block);
        }
        assertEquals(0, policy.reusesOf(slot));
        for (int block = 0; block < 32; block++) {
            policy.touch(slot, block);
        }
        assertEquals(1, policy.reusesOf(slot), "a second pass is one reuse");
    }

    @Test
    void aHotSetThatMovesIsFollowed() {
        useHotSet(SLOTS / 2);
        for (int round = 0; round < 20; round++) {
            for (int key = 0; key < SLOTS * 8 / 10; key++) {
                pass(5_000_000 + key, Origin.READ);
            }
        }
        long hits = 0;
        for (int key = 0; key < SLOTS * 8 / 10; key++) {
            hits += pass(5_000_000 + key, Origin.READ) ? 1 : 0;
        }
        assertTrue(hits > SLOTS * 75 / 100, "hits " + hits);
    }

    @Test
    void givesUpEverySlotOnce() {
        for (int key = 1; key <= SLOTS; key++) {
            pass(key, Origin.READ);
        }
        policy.remove(slotOf(5));
        boolean[] seen = new boolean[SLOTS];
        for (int count = 0; count < SLOTS - 1; count++) {
            int slot = policy.evict();
            assertFalse(seen[slot]);
            seen[slot] = true;
        }
        assertEquals(-1, policy.evict());
    }
}
