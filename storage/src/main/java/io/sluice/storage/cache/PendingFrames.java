package io.sluice.storage.cache;

import io.sluice.storage.format.Locator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way to the disk, in plain text: copies, at most {@link #FRAMES_MAX} (32 MiB, two segments), and what was lent,
 * which the lender bounds. A frame can be read from here until its slot is published. Buffers of copies are recycled. Not
 * thread-safe.
 */
final class PendingFrames {
    static final int FRAMES_MAX = 256;
    /** The last places are kept for frames that a host has asked for. */
    static final int FRAMES_NOT_ASKED_FOR_MAX = 192;

    private final ArrayDeque<PendingFrame> waiting = new ArrayDeque<>();
    private final Map<Long, PendingFrame> byKey = new HashMap<>();
    private final ArrayDeque<ByteBuffer> pool = new ArrayDeque<>();
    /** Copies. */
    private int inUse;

    /**
     * One frame; {@code cancelled} when its segment was dropped meanwhile. {@code letGo} tells the lender, and is null for a
     * copy.
     */
    static final class PendingFrame {
        final long frameKey;
        final ByteBuffer blocks;
        final ReadCache.Origin origin;
        final @Nullable Runnable letGo;
        boolean cancelled;

        private PendingFrame(long frameKey, ByteBuffer blocks, ReadCache.Origin origin, @Nullable Runnable letGo) {
            this.frameKey = frameKey;
            this.blocks = blocks;
            this.origin = origin;
            this.letGo = letGo;
        }
    }

    /** An empty buffer to copy a frame into, outside the lock; null when too many wait. */
    @Nullable
    ByteBuffer reserve(ReadCache.Origin origin) {
        if (inUse >= (origin == ReadCache.Origin.READ ? FRAMES_MAX : FRAMES_NOT_ASKED_FOR_MAX)) {
            return null;
        }
        inUse++;
        return pool.isEmpty()
                ? ByteBuffer.allocateDirect(CacheFormat.SLOT_BLOCKS * CacheFormat.BLOCK_BYTES)
                : pool.pop().clear();
    }

    /** Queues a frame that is not here; {@code blocks} was reserved and holds it. */
    void add(long frameKey, ByteBuffer blocks, ReadCache.Origin origin) {
        add(new PendingFrame(frameKey, blocks, origin, null));
    }

    /** Queues a frame that is not here; {@code blocks} are the lender's until {@code letGo} has run, after {@link #done}. */
    void addLent(long frameKey, ByteBuffer blocks, ReadCache.Origin origin, Runnable letGo) {
        add(new PendingFrame(frameKey, blocks.slice(), origin, letGo));
    }

    private void add(PendingFrame frame) {
        waiting.add(frame);
        byKey.put(frame.frameKey, frame);
    }

    /** A reserved buffer is not needed. */
    void giveBack(ByteBuffer blocks) {
        pool.push(blocks);
        inUse--;
    }

    /** The next to write, or null. It can still be read from here until {@link #done}. */
    @Nullable
    PendingFrame next() {
        return waiting.poll();
    }

    /** The frame is in its slot, or given up. */
    void done(PendingFrame frame) {
        byKey.remove(frame.frameKey, frame);
        if (frame.letGo == null) {
            giveBack(frame.blocks);
        }
    }

    boolean contains(long frameKey) {
        return !byKey.isEmpty() && byKey.containsKey(frameKey);
    }

    /** As {@link ReadCache#read}. */
    boolean read(long frameKey, int block, int from, ByteBuffer destination) {
        PendingFrame frame = byKey.isEmpty() ? null : byKey.get(frameKey);
        int start = block * CacheFormat.BLOCK_BYTES + from;
        if (frame == null || start + destination.remaining() > frame.blocks.limit()) {
            return false;
        }
        destination.put(frame.blocks.slice(start, destination.remaining()));
        return true;
    }

    /** Gives up the frames of {@code segments}. */
    void cancel(Set<Long> segments) {
        byKey.values().removeIf(frame -> {
            boolean dropped = segments.contains(Locator.segmentNumber(frame.frameKey));
            frame.cancelled |= dropped;
            return dropped;
        });
    }
}
