package io.sluice.storage.index;

import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Invariant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The resident leaves in a ring, with a mark each for the second-chance (CLOCK) choice of what to drop.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A leaf stands in exactly one position from {@link #claim} to {@link #release}; both are called by the holder of
 *       its stripe.
 *   <li>Whoever scans the positions after having published something finds every leaf that was claimed before; a leaf
 *       claimed later finds what was published ({@link #claim} and {@link #leafAt} are volatile).
 * </ol>
 *
 * Thread-safe; marks are hints and may get lost.
 */
final class ResidentRing {
    /** No leaf stands at the position. */
    static final long NONE = -1;

    private final AtomicLongArray leafPlusOne;
    private final byte[] marks;
    private final int[] free;
    private int freeCount;
    private final AtomicInteger hand = new AtomicInteger();
    private final AtomicInteger residents = new AtomicInteger();

    /** A ring of {@code positions}. */
    ResidentRing(int positions) {
        leafPlusOne = new AtomicLongArray(positions);
        marks = new byte[positions];
        free = new int[positions];
        for (int i = 0; i < positions; i++) {
            free[i] = positions - 1 - i;
        }
        freeCount = positions;
    }

    /** Gives {@code leaf} a position. */
    int claim(long leaf) {
        Invariant.check(leaf >= 0 && leaf < Locator.ADDRESS_MAX, "leaf out of range", leaf, Locator.ADDRESS_MAX);
        int position = takeFree();
        marks[position] = 1;
        leafPlusOne.set(position, leaf + 1);
        residents.incrementAndGet();
        return position;
    }

    void release(int position) {
        leafPlusOne.set(position, 0);
        residents.decrementAndGet();
        giveFree(position);
    }

    /** The leaf was used. */
    void mark(int position) {
        if (marks[position] == 0) {
            marks[position] = 1;
        }
    }

    /** Takes the mark away; true when it was there. */
    boolean unmark(int position) {
        boolean marked = marks[position] != 0;
        marks[position] = 0;
        return marked;
    }

    /** The position the hand points at; moves it on. */
    int advance() {
        return hand.getAndUpdate(position -> position + 1 == leafPlusOne.length() ? 0 : position + 1);
    }

    /** The leaf at {@code position}, else {@link #NONE}. */
    long leafAt(int position) {
        return leafPlusOne.get(position) - 1;
    }

    int positions() {
        return leafPlusOne.length();
    }

    int residents() {
        return residents.get();
    }

    private synchronized int takeFree() {
        Invariant.check(freeCount > 0, "no room for a leaf: writers went on under pressure", free.length, freeCount);
        freeCount--;
        return free[freeCount];
    }

    private synchronized void giveFree(int position) {
        free[freeCount] = position;
        freeCount++;
    }
}
