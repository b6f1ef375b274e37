package io.sluice.storage.cache;

import io.sluice.storage.runtime.Invariant;
import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * Finds the slot of a frame key: open addressing with linear probing over one int per place. The keys themselves stay
 * with the slots, so that a slot costs 4 to 8 bytes here. Grows by doubling. Not thread-safe.
 *
 * <p>Invariants: (1) a place holds slot + 1, or 0 when empty; (2) between a slot's home and its place no place is empty;
 * (3) at most two thirds of the places are taken.
 */
final class SlotIndex {
    static final int ABSENT = -1;

    private final IntToLongFunction keyOfSlot;
    private int[] places = new int[64];
    private int count;

    SlotIndex(IntToLongFunction keyOfSlot) {
        this.keyOfSlot = keyOfSlot;
    }

    /** The slot of {@code key}, or {@link #ABSENT}. */
    int find(long key) {
        int mask = places.length - 1;
        for (int place = home(key, mask); places[place] != 0; place = (place + 1) & mask) {
            int slot = places[place] - 1;
            if (keyOfSlot.applyAsLong(slot) == key) {
                return slot;
            }
        }
        return ABSENT;
    }

    /** Adds {@code slot} under its key, which is not here yet. */
    void add(int slot) {
        if ((count + 1) * 3L > places.length * 2L) {
            enlarge();
        }
        place(slot);
        count++;
    }

    /** Removes {@code slot}, which is here, under its key. */
    void remove(int slot) {
        int mask = places.length - 1;
        int place = home(keyOfSlot.applyAsLong(slot), mask);
        while (places[place] != slot + 1) {
            Invariant.check(places[place] != 0, "slot is not in the index", slot, count);
            place = (place + 1) & mask;
        }
        closeGap(place, mask);
        count--;
    }

    int size() {
        return count;
    }

    private void place(int slot) {
        int mask = places.length - 1;
        int place = home(keyOfSlot.applyAsLong(slot), mask);
        while (places[place] != 0) {
            place = (place + 1) & mask;
        }
        places[place] = slot + 1;
    }

    /** Moves later members of the run back over the gap (invariant 2). */
    private void closeGap(int start, int mask) {
        int gap = start;
        for (int place = (gap + 1) & mask; places[place] != 0; place = (place + 1) & mask) {
            int home = home(keyOfSlot.applyAsLong(places[place] - 1), mask);
            if (((place - home) & mask) >= ((place - gap) & mask)) {
                places[gap] = places[place];
                gap = place;
            }
        }
        places[gap] = 0;
    }

    private void enlarge() {
        int[] old = places;
        places = new int[Math.multiplyExact(old.length, 2)];
        Arrays.stream(old).filter(entry -> entry != 0).forEach(entry -> place(entry - 1));
    }

    private static int home(long key, int mask) {
        return (int) (mix(key) >>> 32) & mask;
    }

    /** Spreads the bits of a frame key (Fibonacci hashing, twice). */
    static long mix(long key) {
        long mixed = key * 0x9e37_79b9_7f4a_7c15L;
        return (mixed ^ (mixed >>> 29)) * 0xbf58_476d_1ce4_e5b9L;
    }
}
