package io.sluice.storage.cache;

import io.sluice.storage.cache.PendingFrames.PendingFrame;
import io.sluice.storage.crypto.LocalCipher;
import io.sluice.storage.disk.DiskFullException;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames into slots, on the cache's blocking lanes. A frame that finds no room in the queue (unless it was lent), no slot
 * or no disk is dropped and counted; that is all that ever happens.
 *
 * <p>Invariants: (1) a slot is written only while it is TAKEN, so no index entry leads to it; (2) every fill has a number
 * of its own under this run's salt, also a fill that failed.
 */
final class SlotFiller {
    private final CacheCore core;
    private final Lane lane;
    /** For what no host has asked for. */
    private final Lane background;

    private final byte[] salt;
    private final LocalCipher cipher;
    private final SlotImage image;
    private final LongAdder dropped = new LongAdder();
    private final SlotGrowth growth;
    /** Guarded by {@code core.writing}. */
    private long nextFill;

    /** {@code lane} writes what hosts wait for, {@code background} what was flushed; each writes the oldest frame. */
    SlotFiller(CacheCore core, Lane lane, Lane background, byte[] salt) {
        this.core = core;
        this.lane = lane;
        this.background = background;
        this.salt = salt;
        this.cipher = core.ciphers.of(salt);
        this.image = new SlotImage(core.codec);
        this.growth = new SlotGrowth(core);
    }

    /** As {@link ReadCache#insert}. */
    void insert(long frameKey, ByteBuffer blocks, ReadCache.Origin origin) {
        ByteBuffer copy = reserve(frameKey, origin);
        if (copy != null) {
            copy.put(blocks.duplicate()).flip();
            if (enqueue(frameKey, copy, origin)) {
                lane.execute(this::writeNext);
            }
        }
    }

    /** As {@link ReadCache#lend}. */
    void lend(long frameKey, ByteBuffer blocks, ReadCache.Origin origin, Runnable letGo) {
        if (enqueueLent(frameKey, blocks, origin, letGo)) {
            background.execute(this::writeNext);
        } else {
            letGo.run();
        }
    }

    private boolean enqueueLent(long frameKey, ByteBuffer blocks, ReadCache.Origin origin, Runnable letGo) {
        core.lock.lock();
        try {
            if (isHere(frameKey)) {
                return false;
            }
            if (core.faults.disabled()) {
                dropped.increment();
                return false;
            }
            core.pending.addLent(frameKey, blocks, origin, letGo);
            return true;
        } finally {
            core.lock.unlock();
        }
    }

    private @Nullable ByteBuffer reserve(long frameKey, ReadCache.Origin origin) {
        core.lock.lock();
        try {
            if (isHere(frameKey)) {
                return null;
            }
            ByteBuffer buffer = core.faults.disabled() ? null : core.pending.reserve(origin);
            if (buffer == null) {
                dropped.increment();
            }
            return buffer;
        } finally {
            core.lock.unlock();
        }
    }

    private boolean enqueue(long frameKey, ByteBuffer copy, ReadCache.Origin origin) {
        core.lock.lock();
        try {
            if (isHere(frameKey)) {
                core.pending.giveBack(copy);
                return false;
            }
            core.pending.add(frameKey, copy, origin);
            return true;
        } finally {
            core.lock.unlock();
        }
    }

    private boolean isHere(long frameKey) {
        return core.closed || core.pending.contains(frameKey) || core.slots.contains(frameKey);
    }

    /** Frames that found no place. */
    long droppedFrames() {
        return dropped.sum();
    }

    /** Erases the headers of TAKEN slots and frees them. */
    void empty(int[] taken) {
        if (taken.length > 0) {
            background.execute(() -> eraseAll(taken));
        }
    }

    /** Writes what still waits: at the end. The caller holds {@code core.writing}. */
    void drain() {
        while (writeOne()) {
            Invariant.check(core.writing.isHeldByCurrentThread(), "draining without the lock");
        }
    }

    private void writeNext() {
        core.writing.lock();
        try {
            if (!core.closed) {
                writeOne();
            }
        } finally {
            core.writing.unlock();
        }
    }

    private boolean writeOne() {
        PendingFrame frame;
        core.lock.lock();
        try {
            frame = core.pending.next();
        } finally {
            core.lock.unlock();
        }
        if (frame == null) {
            return false;
        }
        fill(frame);
        return true;
    }

    private void fill(PendingFrame frame) {
        int slot = frame.cancelled || core.faults.disabled() ? SlotMap.NONE : takeSlot();
        SlotHeader header = null;
        if (slot == SlotMap.NONE) {
            dropped.increment();
        } else {
            header = write(slot, frame);
        }
        boolean published = finish(frame, header);
        if (frame.letGo != null) {
            frame.letGo.run();
        }
        if (header != null && !published) {
            eraseAll(new int[] {slot});
        }
    }

    private @Nullable SlotHeader write(int slot, PendingFrame frame) {
        Invariant.check(nextFill < SlotHeader.FILLS_MAX, "fill numbers are used up", nextFill, slot);
        SlotHeader header = image.build(slot, frame.frameKey, nextFill++, salt, cipher, frame.blocks);
        try {
            core.file.write(slot, image.bytes());
            growth.filled();
            return header;
        } catch (DiskFullException full) {
            dropped.increment();
            growth.foundNoSpace(slot, full);
            return null;
        } catch (IOException error) {
            dropped.increment();
            core.faults.failed("writing failed", error);
            return null;
        }
    }

    /** Publishes the slot unless the frame was dropped meanwhile or the scan found it elsewhere. */
    private boolean finish(PendingFrame frame, @Nullable SlotHeader header) {
        core.lock.lock();
        try {
            core.pending.done(frame);
            if (header == null || frame.cancelled || core.slots.contains(frame.frameKey)) {
                return false;
            }
            core.slots.publish(header, frame.origin, core.ciphers);
            return true;
        } finally {
            core.lock.unlock();
        }
    }

    private int takeSlot() {
        int slot = takeFree();
        if (slot == SlotMap.NONE) {
            growth.grow();
            slot = takeFree();
        }
        return slot == SlotMap.NONE ? evict() : slot;
    }

    private int takeFree() {
        core.lock.lock();
        try {
            return core.slots.take();
        } finally {
            core.lock.unlock();
        }
    }

    private int evict() {
        core.lock.lock();
        try {
            return core.slots.evict();
        } finally {
            core.lock.unlock();
        }
    }

    private void eraseAll(int[] taken) {
        core.writing.lock();
        try {
            if (!core.closed) {
                for (int slot : taken) {
                    erase(slot);
                }
            }
        } finally {
            core.writing.unlock();
        }
    }

    private void erase(int slot) {
        try {
            core.file.erase(slot);
        } catch (IOException error) {
            core.faults.failed("erasing failed", error);
            return;
        }
        core.lock.lock();
        try {
            core.slots.release(slot);
        } finally {
            core.lock.unlock();
        }
    }
}
