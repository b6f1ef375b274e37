package io.sluice.storage.cache;

import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Invariant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Which frame is in which slot. About 45 bytes per slot, in primitive arrays that grow with the file.
 *
 * <pre>
 *  UNKNOWN --scanned, empty--> FREE --take--> TAKEN --publish--> USED
 *     |                          ^              |                  |
 *     |                          +---release----+<---withdraw/evict+
 *     +--scanned, a frame------------------------------------------> USED      (TAKEN for ever: bad disk)
 *
 *  FREE --the disk is full--> ASIDE --there is space--> FREE
 * </pre>
 *
 * <p>Not thread-safe. Invariants:
 * <ol>
 *   <li>A slot is in the index and in a queue of the policy exactly when it is USED; its key is not 0 exactly then.
 *   <li>The version of a slot grows each time it leaves USED: a reader that finds the same version before and after its
 *       read has read what was published with that version.
 *   <li>A frame key is in one slot at most.
 * </ol>
 */
final class SlotMap {
    static final int NONE = -1;

    private final SlotIndex index = new SlotIndex(this::keyOf);
    private final SegmentedFifoPolicy policy = new SegmentedFifoPolicy(this::keyOf);
    private final BitSet unproven = new BitSet();
    private final CheckTable checks = new CheckTable();
    private long[] keys = new long[0];
    private int[] versions = new int[0];
    private int[] free = new int[16];
    private int freeCount;
    private int[] aside = new int[0];
    private int asideCount;
    private int slotCount;

    /** Makes slots up to {@code slots} known, in state UNKNOWN. */
    void grow(int slots) {
        Invariant.check(slots >= slotCount, "slots shrink", slots, slotCount);
        slotCount = slots;
        if (slots > keys.length) {
            int length = Math.max(slots, keys.length + (keys.length >> 2));
            keys = Arrays.copyOf(keys, length);
            versions = Arrays.copyOf(versions, length);
            policy.grow(length);
        }
    }

    /** Fills in {@code lease} for blocks of the frame from {@code block} on and counts the use; false when it is not here. */
    boolean lease(long frameKey, int block, int count, SlotLease lease) {
        int slot = index.find(frameKey);
        if (slot == SlotIndex.ABSENT) {
            return false;
        }
        for (int i = block; i < block + count; i++) {
            policy.touch(slot, i);
        }
        lease.slot = slot;
        lease.version = versions[slot];
        lease.unproven = unproven.get(slot);
        lease.described = checks.describe(lease, block, count);
        return true;
    }

    /** True while the slot still holds what the lease was given for. */
    boolean holds(SlotLease lease) {
        return versions[lease.slot] == lease.version && keys[lease.slot] != 0;
    }

    /** Remembers the header that a reader found for its lease, unless the slot has changed since. */
    void describe(SlotLease lease, RunCiphers ciphers, SlotHeader header) {
        if (holds(lease)) {
            checks.put(header, lease.version, ciphers.of(header.salt()));
        }
    }

    /** The frame of the lease was checked as a whole. */
    void prove(SlotLease lease) {
        if (holds(lease)) {
            unproven.clear(lease.slot);
        }
    }

    boolean contains(long frameKey) {
        return index.find(frameKey) != SlotIndex.ABSENT;
    }

    /** FREE to TAKEN; {@link #NONE} when none is free. */
    int take() {
        return freeCount == 0 ? NONE : free[--freeCount];
    }

    /** FREE to ASIDE, all: there may be no space behind them. */
    void setFreeAside() {
        if (asideCount + freeCount > aside.length) {
            aside = Arrays.copyOf(aside, Math.max(asideCount + freeCount, 2 * asideCount));
        }
        System.arraycopy(free, 0, aside, asideCount, freeCount);
        asideCount += freeCount;
        freeCount = 0;
    }

    int asideCount() {
        return asideCount;
    }

    /** ASIDE to FREE, {@code count} of them. */
    void bringBack(int count) {
        for (int i = 0; i < count; i++) {
            release(aside[--asideCount]);
        }
    }

    /** USED to TAKEN for the slot needed least; {@link #NONE} when none is used. */
    int evict() {
        int slot = policy.evict();
        if (slot != NONE) {
            forget(slot);
        }
        return slot;
    }

    /** USED to TAKEN. */
    void withdraw(int slot) {
        policy.remove(slot);
        forget(slot);
    }

    /** TAKEN or UNKNOWN to FREE. */
    void release(int slot) {
        Invariant.check(keys[slot] == 0, "a used slot was released", slot, keys[slot]);
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, freeCount * 2);
        }
        free[freeCount++] = slot;
    }

    /** TAKEN to USED: the frame was written. */
    void publish(SlotHeader header, ReadCache.Origin origin, RunCiphers ciphers) {
        int slot = header.slot();
        name(slot, header.frameKey());
        policy.insert(slot, origin);
        checks.put(header, versions[slot], ciphers.of(header.salt()));
    }

    /** UNKNOWN to USED: the frame was here before the start. Nothing of it is believed until it was read. */
    void adopt(int slot, long frameKey, SegmentedFifoPolicy.Place place, int reuses, boolean proven) {
        name(slot, frameKey);
        policy.restore(slot, place, reuses);
        unproven.set(slot, !proven);
    }

    /** Withdraws the frames of {@code segments} among slots {@code from} to {@code to - 1}; says which to {@code visitor}. */
    void withdraw(Set<Long> segments, int from, int to, IntConsumer visitor) {
        for (int slot = from; slot < Math.min(to, slotCount); slot++) {
            if (keys[slot] != 0 && segments.contains(Locator.segmentNumber(keys[slot]))) {
                withdraw(slot);
                visitor.accept(slot);
            }
        }
    }

    long keyOf(int slot) {
        return keys[slot];
    }

    boolean isProven(int slot) {
        return !unproven.get(slot);
    }

    SegmentedFifoPolicy policy() {
        return policy;
    }

    int slotCount() {
        return slotCount;
    }

    int usedCount() {
        return index.size();
    }

    private void name(int slot, long frameKey) {
        Invariant.check(keys[slot] == 0, "slot is used", slot, keys[slot]);
        Invariant.check(frameKey != 0 && !contains(frameKey), "frame is here already or no frame", frameKey, slot);
        keys[slot] = frameKey;
        index.add(slot);
    }

    private void forget(int slot) {
        index.remove(slot);
        keys[slot] = 0;
        versions[slot]++;
        unproven.clear(slot);
    }
}
