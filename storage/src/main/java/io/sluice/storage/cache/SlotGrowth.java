package io.sluice.storage.cache;

import io.sluice.storage.disk.DiskFullException;
import java.io.IOException;

/**
 * Where free slots come from: the end of the file, up to the capacity, or those that were set aside when the disk was full.
 *
 * <pre>
 *  GROWING --the disk is full--> FULL --256 fills later there is space--> TRYING --a frame was written--> GROWING
 *     |                           ^ ^                                       |
 *     |                           | +-----------the disk is full------------+
 *     +--capacity, other error--> ENDED --a slot finds the disk full--> FULL
 * </pre>
 *
 * <p>Guarded by {@code core.writing}. Invariants:
 * <ol>
 *   <li>In FULL only slots are free that were emptied or scanned since: frames replace each other where there is space.
 *   <li>A full disk is no error, for it passes: it never counts towards switching the cache off. It is told once, and
 *       once when a frame has found space again.
 *   <li>FULL costs one look at the disk's free space in {@value #FILLS_BETWEEN_LOOKS} fills. It ends when twice the space is
 *       there that growing needs: otherwise it would end and begin all the time.
 * </ol>
 */
final class SlotGrowth {
    /** Fills that find no free slot, from one look for space to the next: 33 MiB of full frames. */
    static final int FILLS_BETWEEN_LOOKS = 256;

    private enum State {
        GROWING,
        FULL,
        TRYING,
        ENDED
    }

    private final CacheCore core;
    private State state = State.GROWING;
    private int fillsSinceLook;

    SlotGrowth(CacheCore core) {
        this.core = core;
    }

    /** A fill finds no free slot: makes some free, if that is possible now. */
    void grow() {
        if (!isDue()) {
            return;
        }
        fillsSinceLook = 0;
        int aside = asideCount();
        int wanted = aside > 0 ? Math.min(aside, SlotFile.GROWTH_SLOTS) : core.file.slotsToGrow(core.slots.slotCount());
        if (wanted == 0) {
            state = State.ENDED;
            return;
        }
        try {
            if (core.file.hasSpaceFor(state == State.FULL ? 2 * wanted : wanted)) {
                add(wanted, aside > 0);
                state = state == State.FULL ? State.TRYING : state;
            } else {
                stop("the disk has too little space left");
            }
        } catch (DiskFullException full) {
            stop(full.toString());
        } catch (IOException error) {
            state = State.ENDED;
            core.faults.failed("growing failed", error);
        }
    }

    /** {@code slot}, which is TAKEN, has found no space on the disk. */
    void foundNoSpace(int slot, DiskFullException full) {
        core.lock.lock();
        try {
            core.slots.release(slot);
        } finally {
            core.lock.unlock();
        }
        stop(full.toString());
    }

    /** A frame was written. */
    void filled() {
        if (state == State.TRYING) {
            state = State.GROWING;
            core.faults.spaceAgain();
        }
    }

    private boolean isDue() {
        return switch (state) {
            case GROWING, TRYING -> true;
            case FULL -> ++fillsSinceLook >= FILLS_BETWEEN_LOOKS;
            case ENDED -> false;
        };
    }

    private int asideCount() {
        core.lock.lock();
        try {
            return core.slots.asideCount();
        } finally {
            core.lock.unlock();
        }
    }

    private void add(int wanted, boolean fromAside) throws IOException {
        int before = core.slots.slotCount();
        if (!fromAside) {
            core.file.grow(before, wanted);
        }
        core.lock.lock();
        try {
            if (fromAside) {
                core.slots.bringBack(wanted);
            } else {
                core.slots.grow(before + wanted);
                for (int slot = before + wanted - 1; slot >= before; slot--) {
                    core.slots.release(slot);
                }
            }
        } finally {
            core.lock.unlock();
        }
    }

    /** From here on frames replace each other in the slots that have their space already. */
    private void stop(String why) {
        boolean known = state == State.FULL || state == State.TRYING;
        state = State.FULL;
        fillsSinceLook = 0;
        core.lock.lock();
        try {
            core.slots.setFreeAside();
        } finally {
            core.lock.unlock();
        }
        if (!known) {
            core.faults.full(why);
        }
    }
}
