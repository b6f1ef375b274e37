package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Room for the blocks of segments that are being made, used again from one segment to the next: 4 KiB for each 4 KiB that is
 * flushed would otherwise be new, and zeroed, memory. At most {@link #RESTING_MAX} rest, and none when nothing was
 * flushed for a while. Thread-safe.
 */
final class SegmentBuffers {
    private static final int RESTING_MAX = 4;
    /** A plan may be longer than a segment by part of a batch. */
    private static final int SPARE_BLOCKS = 256;
    /** A segment that fills less than this part of a buffer gets one of its own size. */
    private static final int SMALL_PART = 4;

    private static final byte[] NOTHING = {};

    private final int bufferBytes;
    private final ConcurrentLinkedQueue<byte[]> resting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /** {@code segmentBlocks}: what a full segment holds. */
    SegmentBuffers(int segmentBlocks) {
        this.bufferBytes = (segmentBlocks + SPARE_BLOCKS) << BlockGeometry.BLOCK_SHIFT;
    }

    /** At least {@code blocks} blocks, of any content. */
    byte[] take(int blocks) {
        return fitsBuffer(blocks) ? takeBuffer() : new byte[blocks << BlockGeometry.BLOCK_SHIFT];
    }

    /** Room to pack so many blocks in, of any content; none when they are so few that what they need is not worth a buffer. */
    byte[] takeForPacking(int blocks) {
        return fitsBuffer(blocks) ? takeBuffer() : NOTHING;
    }

    private boolean fitsBuffer(int blocks) {
        int bytes = blocks << BlockGeometry.BLOCK_SHIFT;
        return bytes <= bufferBytes && bytes >= bufferBytes / SMALL_PART;
    }

    private byte[] takeBuffer() {
        byte[] taken = poll();
        return taken == null ? new byte[bufferBytes] : taken;
    }

    /** {@code buffer} came from {@link #take} or {@link #takeForPacking}, and nobody looks at it any more. */
    void giveBack(byte[] buffer) {
        if (buffer.length == bufferBytes && count.get() < RESTING_MAX) {
            count.incrementAndGet();
            resting.add(buffer);
        }
    }

    boolean hasResting() {
        return !resting.isEmpty();
    }

    /** Lets go of what rests. */
    void clear() {
        while (poll() != null) {
            // the collector of garbage takes it
        }
    }

    private byte @Nullable [] poll() {
        byte[] taken = resting.poll();
        if (taken != null) {
            count.decrementAndGet();
        }
        return taken;
    }
}
