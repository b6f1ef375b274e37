package io.sluice.storage.cache;

import io.sluice.storage.format.Locator;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way to the disk: copies, in plain text, at most {@link #FRAMES_MAX} (8 MiB). A frame can be read from
 * here until its slot is published. Buffers are recycled. Not thread-safe.
 */
final class PendingFrames {
    static final int FRAMES_MAX = 64;

    private final ArrayDeque<PendingFrame> waiting = new ArrayDeque<>();
    private final Map<Long, PendingFrame> byKey = new HashMap<>();
    private final ArrayDeque<ByteBuffer> pool = new ArrayDeque<>();
    private int inUse;

    /** One frame; {@code cancelled} when its segment was dropped meanwhile. */
    static final class PendingFrame {
        final long frameKey;
        final ByteBuffer blocks;
        final ReadCache.Origin origin;
        boolean cancelled;

        private PendingFrame(long frameKey, ByteBuffer blocks, ReadCache.Origin origin) {
            this.frameKey = frameKey;
            this.blocks = blocks;
            this.origin = origin;
        }
    }

    /** Copies the frame; false when too many wait. */
    boolean offer(long frameKey, ByteBuffer blocks, ReadCache.Origin origin) {
        if (inUse == FRAMES_MAX) {
            return false;
        }
        inUse++;
        ByteBuffer copy = pool.isEmpty()
                ? ByteBuffer.allocateDirect(CacheFormat.SLOT_BLOCKS * CacheFormat.BLOCK_BYTES)
                : pool.pop().clear();
        copy.put(blocks.duplicate()).flip();
        PendingFrame frame = new PendingFrame(frameKey, copy, origin);
        waiting.add(frame);
        byKey.put(frameKey, frame);
        return true;
    }

    /** The next to write, or null. It can still be read from here until {@link #done}. */
    @Nullable
    PendingFrame next() {
        return waiting.poll();
    }

    /** The frame is in its slot, or given up. */
    void done(PendingFrame frame) {
        byKey.remove(frame.frameKey, frame);
        pool.push(frame.blocks);
        inUse--;
    }

    boolean contains(long frameKey) {
        return inUse > 0 && byKey.containsKey(frameKey);
    }

    /** As {@link ReadCache#read}. */
    boolean read(long frameKey, int block, int from, ByteBuffer destination) {
        PendingFrame frame = inUse == 0 ? null : byKey.get(frameKey);
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
