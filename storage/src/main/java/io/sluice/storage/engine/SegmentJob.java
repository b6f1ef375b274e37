package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.segment.SealedSegment;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One segment on its way from plan to commit.
 *
 * <pre>
 *   planned ─▶ built ─▶ uploaded ─▶ committed
 * </pre>
 *
 * <p>{@link #build} runs on a worker, everything else on the volume's lane; the lane hands over by its queue.
 */
final class SegmentJob {
    private final long number;
    private final FlushPlan plan;
    private final List<ByteBuffer> frames = new ArrayList<>();
    private final List<Long> zeroBlocks = new ArrayList<>();
    private @Nullable SealedSegment sealed;
    private boolean uploaded;
    private int attempts;

    SegmentJob(long number, FlushPlan plan) {
        this.number = number;
        this.plan = plan;
    }

    long number() {
        return number;
    }

    FlushPlan plan() {
        return plan;
    }

    /**
     * Reads the planned blocks from the journal, packs, compresses, seals. Blocks of zeros become extents.
     *
     * @throws IOException when the journal cannot be read
     */
    void build(Journal journal, SegmentBuilder builder) throws IOException {
        ByteBuffer raw = ByteBuffer.allocate(Locator.FRAME_SLOTS * BlockGeometry.BLOCK_BYTES);
        long[] lbas = new long[Locator.FRAME_SLOTS];
        int slots = 0;
        for (Map.Entry<Long, Long> entry : plan.addresses().entrySet()) {
            int start = raw.position();
            boolean kept = journal.read(entry.getValue(), raw);
            Invariant.check(kept, "journal space was released before it was flushed", entry.getValue(), plan.end());
            if (isZero(raw, start)) {
                raw.position(start);
                zeroBlocks.add(entry.getKey());
                continue;
            }
            lbas[slots++] = entry.getKey();
            if (slots == lbas.length) {
                addFrame(builder, lbas, slots, raw);
                raw = ByteBuffer.allocate(raw.capacity());
                slots = 0;
            }
        }
        if (slots > 0) {
            addFrame(builder, lbas, slots, raw);
        }
        plan.zeroEnds().forEach((from, to) -> builder.addZeros(from, to - from));
        addZeroRuns(builder);
        sealed = builder.seal(plan.from(), plan.end(), plan.wallTimeMillis());
    }

    private static boolean isZero(ByteBuffer buffer, int from) {
        for (int i = from; i < buffer.position(); i += Long.BYTES) {
            if (buffer.getLong(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private void addFrame(SegmentBuilder builder, long[] lbas, int slots, ByteBuffer raw) {
        raw.flip();
        frames.add(raw.asReadOnlyBuffer());
        builder.addFrame(java.util.Arrays.copyOf(lbas, slots), raw);
    }

    private void addZeroRuns(SegmentBuilder builder) {
        int i = 0;
        while (i < zeroBlocks.size()) {
            int run = 1;
            while (i + run < zeroBlocks.size() && zeroBlocks.get(i + run) == zeroBlocks.get(i) + run) {
                run++;
            }
            builder.addZeros(zeroBlocks.get(i), run);
            i += run;
        }
    }

    SealedSegment sealed() {
        SealedSegment result = sealed;
        if (result == null) {
            throw new IllegalStateException("segment " + number + " is not built");
        }
        return result;
    }

    SegmentHeader header() {
        return sealed().header();
    }

    /** The raw blocks of frame {@code i}. */
    ByteBuffer frame(int i) {
        return frames.get(i).duplicate();
    }

    /** Blocks that turned out to hold zeros only. */
    List<Long> zeroBlocks() {
        return zeroBlocks;
    }

    boolean isUploaded() {
        return uploaded;
    }

    void markUploaded() {
        uploaded = true;
    }

    /** Counts a failed upload; how many there were. */
    int countFailure() {
        return ++attempts;
    }
}
