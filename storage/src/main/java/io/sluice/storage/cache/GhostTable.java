package io.sluice.storage.cache;

/**
 * Remembers fingerprints of the last keys that left the small queue unused: who comes back soon is no one-time visitor.
 * Four-way buckets of 32-bit fingerprints with the number of their insertion; older than {@code lifetime} insertions
 * means forgotten. A wrong answer costs a little hit rate, nothing else. Not thread-safe.
 */
final class GhostTable {
    private static final int WAYS = 4;

    private final int[] fingerprints;
    private final int[] stamps;
    private final int buckets;
    private final int lifetime;
    private int clock;

    GhostTable(int lifetime) {
        this.lifetime = Math.max(1, lifetime);
        this.buckets = Math.max(1, Integer.highestOneBit(Math.max(1, this.lifetime - 1)) * 2 / WAYS);
        this.fingerprints = new int[buckets * WAYS];
        this.stamps = new int[buckets * WAYS];
    }

    /** Remembers {@code key}, forgetting the oldest of its bucket. */
    void add(long key) {
        clock++;
        int first = firstOf(key);
        int victim = first;
        for (int way = first; way < first + WAYS; way++) {
            if (fingerprints[way] == 0 || clock - stamps[way] > clock - stamps[victim]) {
                victim = way;
            }
            if (fingerprints[way] == 0) {
                break;
            }
        }
        fingerprints[victim] = fingerprintOf(key);
        stamps[victim] = clock;
    }

    /** True when {@code key} was here; it is forgotten then. */
    boolean remove(long key) {
        int first = firstOf(key);
        for (int way = first; way < first + WAYS; way++) {
            if (fingerprints[way] == fingerprintOf(key)) {
                fingerprints[way] = 0;
                return clock - stamps[way] < lifetime;
            }
        }
        return false;
    }

    private int firstOf(long key) {
        return ((int) (SlotIndex.mix(key) >>> 40) & (buckets - 1)) * WAYS;
    }

    private static int fingerprintOf(long key) {
        return (int) SlotIndex.mix(key) | 1;
    }
}
