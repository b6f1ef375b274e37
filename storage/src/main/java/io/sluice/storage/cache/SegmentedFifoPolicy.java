package io.sluice.storage.cache;

import io.sluice.storage.runtime.Invariant;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Which slot to give up: S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023).
 *
 * <pre>
 *              new            reused                    not reused
 *  frame ----------> SMALL -----------> MAIN --(again)--------------> out
 *     \                \  not reused      ^ \___ reused: once more ___/
 *      \                `------> out, key to GHOST
 *       `---- read again while in GHOST --'
 * </pre>
 *
 * <p>SMALL is a tenth of the cache: a one-time scan runs through it and leaves MAIN alone. What counts as a reuse is a
 * <em>second</em> read of a block since the last reuse: a host that reads a frame once from end to end in small pieces
 * touches it 32 times and has still read it once. Frames that came by read-ahead or flush always start in SMALL.
 *
 * <p>Deterministic. 14 bytes per slot, arrays grow with the file. Not thread-safe.
 *
 * <p>Invariants: (1) a slot is in at most one queue; (2) {@code newer} and {@code older} of a slot in no queue mean
 * nothing; (3) the counts of the queues are their lengths.
 */
final class SegmentedFifoPolicy {
    private static final int NONE = -1;
    private static final int REUSES_MAX = 3;
    private static final int SMALL_SHARE = 10;

    private static final byte OUT = 0;
    private static final byte IN_SMALL = 1;
    private static final byte IN_MAIN = 2;

    /** Where a slot stands. */
    enum Place {
        OUT,
        SMALL,
        MAIN
    }

    private final IntToLongFunction keyOfSlot;
    private final Fifo small = new Fifo();
    private final Fifo main = new Fifo();
    private int[] newer = new int[0];
    private int[] older = new int[0];
    private int[] seen = new int[0];
    private byte[] places = new byte[0];
    private byte[] reuses = new byte[0];
    private @Nullable GhostTable ghosts;

    SegmentedFifoPolicy(IntToLongFunction keyOfSlot) {
        this.keyOfSlot = keyOfSlot;
    }

    /** Makes room for slots below {@code slots}. */
    void grow(int slots) {
        newer = Arrays.copyOf(newer, slots);
        older = Arrays.copyOf(older, slots);
        seen = Arrays.copyOf(seen, slots);
        places = Arrays.copyOf(places, slots);
        reuses = Arrays.copyOf(reuses, slots);
    }

    /** A frame is now in {@code slot}. */
    void insert(int slot, ReadCache.Origin origin) {
        boolean returned = ghosts != null && ghosts.remove(keyOfSlot.applyAsLong(slot));
        restore(slot, returned && origin == ReadCache.Origin.READ ? Place.MAIN : Place.SMALL, 0);
    }

    /** Puts {@code slot} where it stood before a restart, as the newest of its queue. */
    void restore(int slot, Place place, int reuseCount) {
        Invariant.check(places[slot] == OUT, "slot is in a queue already", slot, places[slot]);
        Invariant.check(place != Place.OUT, "a frame is in a queue");
        push(queue(place), slot, place);
        reuses[slot] = (byte) Math.min(REUSES_MAX, reuseCount);
        seen[slot] = 0;
    }

    /** Block {@code block} of {@code slot} was read. */
    void touch(int slot, int block) {
        int bit = 1 << block;
        if ((seen[slot] & bit) == 0) {
            seen[slot] |= bit;
            return;
        }
        seen[slot] = bit;
        if (reuses[slot] < REUSES_MAX) {
            reuses[slot]++;
        }
    }

    /** {@code slot} no longer holds a frame. */
    void remove(int slot) {
        unlink(queue(placeOf(slot)), slot);
    }

    /** Takes out the slot that is needed least; -1 when all queues are empty. */
    int evict() {
        while (small.count + main.count > 0) {
            boolean fromSmall = main.count == 0 || small.count * (long) SMALL_SHARE > (long) small.count + main.count;
            int victim = fromSmall ? evictSmall() : evictMain();
            if (victim != NONE) {
                return victim;
            }
        }
        return NONE;
    }

    Place placeOf(int slot) {
        return switch (places[slot]) {
            case IN_SMALL -> Place.SMALL;
            case IN_MAIN -> Place.MAIN;
            default -> Place.OUT;
        };
    }

    int reusesOf(int slot) {
        return reuses[slot];
    }

    /** Visits the slots of one queue, oldest first. */
    void forEach(Place place, IntConsumer visitor) {
        for (int slot = queue(place).oldest; slot != NONE; slot = newer[slot]) {
            visitor.accept(slot);
        }
    }

    int count(Place place) {
        return queue(place).count;
    }

    private int evictSmall() {
        int slot = small.oldest;
        unlink(small, slot);
        if (reuses[slot] > 0) {
            reuses[slot] = 0;
            push(main, slot, Place.MAIN);
            return NONE;
        }
        if (ghosts == null) {
            ghosts = new GhostTable(places.length);
        }
        ghosts.add(keyOfSlot.applyAsLong(slot));
        return slot;
    }

    private int evictMain() {
        int slot = main.oldest;
        unlink(main, slot);
        if (reuses[slot] == 0) {
            return slot;
        }
        reuses[slot]--;
        push(main, slot, Place.MAIN);
        return NONE;
    }

    private Fifo queue(Place place) {
        Invariant.check(place != Place.OUT, "slot is in no queue");
        return place == Place.SMALL ? small : main;
    }

    private void push(Fifo queue, int slot, Place place) {
        places[slot] = place == Place.SMALL ? IN_SMALL : IN_MAIN;
        newer[slot] = NONE;
        older[slot] = queue.newest;
        if (queue.newest == NONE) {
            queue.oldest = slot;
        } else {
            newer[queue.newest] = slot;
        }
        queue.newest = slot;
        queue.count++;
    }

    private void unlink(Fifo queue, int slot) {
        if (newer[slot] == NONE) {
            queue.newest = older[slot];
        } else {
            older[newer[slot]] = older[slot];
        }
        if (older[slot] == NONE) {
            queue.oldest = newer[slot];
        } else {
            newer[older[slot]] = newer[slot];
        }
        places[slot] = OUT;
        queue.count--;
    }

    /** Ends of one queue; the links are in the arrays. */
    private static final class Fifo {
        private int oldest = NONE;
        private int newest = NONE;
        private int count;
    }
}
