package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.journal.ReferenceRuns;
import io.sluice.storage.segment.SealedSegment;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One segment on its way from plan to commit.
 *
 * <pre>
 *   planned ─▶ built ─▶ (uploaded) ─▶ committed ─▶ released
 * </pre>
 *
 * <p>{@link #build} runs on a worker, everything else on the volume's lane; the lane hands over by its queue.
 */
final class SegmentJob {
    private final FlushPlan plan;
    /** Address of a pattern to where it is stored; NONE: it is zeros. */
    private final Map<Long, Slot> patterns = new HashMap<>();
    /** Block to journal address: what is stored by itself, carriers of patterns included. */
    private SortedMap<Long, Long> stored;

    private @Nullable SealedSegment sealed;
    private byte @Nullable [] buffer;
    private @Nullable PlannedBlocks blocks;

    private record Slot(int frame, int index) {
        static final Slot NONE = new Slot(-1, -1);
    }

    SegmentJob(FlushPlan plan) {
        this.plan = plan;
        this.stored = plan.addresses();
    }

    long number() {
        return header().number();
    }

    FlushPlan plan() {
        return plan;
    }

    /**
     * Reads the planned blocks from the journal into one of {@code buffers}, packs, compresses, seals. Blocks of zeros become extents. A pattern is
     * stored once, as the content of the first block of its first extent; the others share that slot.
     *
     * @throws IOException when the journal cannot be read
     */
    SealedSegment build(Journal journal, SegmentBuilder builder, SegmentBuffers buffers) throws IOException {
        placePatterns();
        byte[] room = buffers.take(stored.size());
        buffer = room;
        PlannedBlocks read = new PlannedBlocks(stored, journal, room);
        blocks = read;
        if (!patterns.isEmpty()) {
            notePatterns(read);
        }
        byte[] packingRoom = buffers.takeForPacking(stored.size());
        builder.packInto(packingRoom);
        for (int frame = 0; frame < read.frames(); frame++) {
            builder.addFrame(read.lbas(frame), read.content(frame));
        }
        plan.extents().forEach((from, extent) -> addExtent(builder, from, extent));
        addZeroRuns(builder, read.zeroBlocks());
        SealedSegment result = builder.seal(plan.from(), plan.end(), plan.wallTimeMillis());
        sealed = result;
        buffers.giveBack(packingRoom);
        return result;
    }

    private void notePatterns(PlannedBlocks read) {
        for (int i = 0; i < read.count(); i++) {
            Slot slot = new Slot(i / Locator.FRAME_SLOTS, i % Locator.FRAME_SLOTS);
            patterns.computeIfPresent(read.address(i), (address, none) -> slot);
        }
    }

    private void placePatterns() {
        TreeMap<Long, Long> carriers = new TreeMap<>();
        plan.extents().forEach((from, extent) -> {
            long address = Locator.address(extent.locator());
            if (Locator.isJournal(extent.locator()) && patterns.putIfAbsent(address, Slot.NONE) == null) {
                carriers.put(from, address);
            }
        });
        if (!carriers.isEmpty()) {
            carriers.putAll(plan.addresses());
            stored = carriers;
        }
    }

    private void addExtent(SegmentBuilder builder, long from, FlushPlan.Extent extent) {
        ReferenceRuns runs = extent.runs();
        if (runs != null) {
            runs.forEachRun(
                    from - extent.origin(),
                    extent.end() - extent.origin(),
                    (index, run) -> builder.addShared(extent.origin() + index, run, List.of()));
            return;
        }
        // The block that carries the pattern is stored, or was found to be zeros, by itself.
        long first = stored.containsKey(from) ? from + 1 : from;
        Slot slot = patternAt(extent.locator());
        if (first == extent.end()) {
            return;
        }
        if (slot.equals(Slot.NONE)) {
            builder.addZeros(first, extent.end() - first);
        } else {
            builder.addShared(first, extent.end() - first, slot.frame(), slot.index(), List.of());
        }
    }

    private Slot patternAt(long locator) {
        return Locator.isJournal(locator) ? patterns.getOrDefault(Locator.address(locator), Slot.NONE) : Slot.NONE;
    }

    /** Where the blocks of a ZERO or JOURNAL extent stand in the sealed segment. */
    long placeOf(FlushPlan.Extent extent) {
        Slot slot = patternAt(extent.locator());
        return slot.equals(Slot.NONE)
                ? Locator.ZERO
                : Locator.shared(header().frames().get(slot.frame()).locator(number(), slot.index()));
    }

    private static void addZeroRuns(SegmentBuilder builder, List<Long> zeroBlocks) {
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

    private SealedSegment sealed() {
        SealedSegment result = sealed;
        if (result == null) {
            throw new IllegalStateException("the segment of the plan from " + plan.from() + " is not built");
        }
        return result;
    }

    SegmentHeader header() {
        return sealed().header();
    }

    /** Journal address of what stands in slot {@code slot} of frame {@code frame}. */
    long addressAt(int frame, int slot) {
        return blocks().address(frame * Locator.FRAME_SLOTS + slot);
    }

    /** Journal address of one of {@link #zeroBlocks}. */
    long addressOfZeros(long lba) {
        Long address = stored.get(lba);
        if (address == null) {
            throw new IllegalStateException("block " + lba + " is in the segment but not in its plan");
        }
        return address;
    }

    /** The raw blocks of frame {@code i}, until {@link #release}. */
    ByteBuffer frame(int i) {
        return blocks().content(i);
    }

    /** Blocks that turned out to hold zeros only. */
    List<Long> zeroBlocks() {
        return blocks().zeroBlocks();
    }

    private PlannedBlocks blocks() {
        PlannedBlocks result = blocks;
        if (result == null) {
            throw new IllegalStateException("the blocks of the plan from " + plan.from() + " are not read, or let go");
        }
        return result;
    }

    /** Nobody needs the raw blocks any more. */
    void release(SegmentBuffers buffers) {
        byte[] room = buffer;
        buffer = null;
        blocks = null;
        if (room != null) {
            buffers.giveBack(room);
        }
    }
}
