package io.sluice.storage.segment;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import java.util.List;
import java.util.UUID;

/**
 * What a segment says about itself, authenticated: enough to rebuild the index without reading a frame.
 *
 * @param volume whose it is
 * @param number its place in the series, from 1
 * @param epoch of the gateway that wrote it
 * @param kind why it exists
 * @param attemptTag random, drawn once when it was sealed: tells our own put from another's after a lost reply
 * @param firstSequence and {@code endSequence}: the part of the write history it holds, end exclusive; equal for a fence
 * @param wallTimeMillis when its newest write was acknowledged, milliseconds since 1970
 * @param frames its frames, ascending by offset
 * @param zeros blocks that read as zeros from here on; disjoint from the frames' blocks; none in a MOVED segment
 * @param shared blocks that stand in slots written for other blocks, of this or of older segments; disjoint from the rest
 * @param tombstones what older segments said of zeros, carried on by a MOVED segment; none in others
 * @param settled segments whose zeros and references a MOVED segment carries on, as far as they are still needed; ascending
 * @param storedBytes length of the whole object
 */
public record SegmentHeader(
        UUID volume,
        long number,
        long epoch,
        Kind kind,
        long attemptTag,
        long firstSequence,
        long endSequence,
        long wallTimeMillis,
        List<Frame> frames,
        List<Extent> zeros,
        List<SharedExtent> shared,
        List<Tombstone> tombstones,
        List<Long> settled,
        long storedBytes) {
    /** Copies the lists. */
    public SegmentHeader {
        frames = List.copyOf(frames);
        zeros = List.copyOf(zeros);
        shared = List.copyOf(shared);
        tombstones = List.copyOf(tombstones);
        settled = List.copyOf(settled);
    }

    /** Why a segment exists. */
    public enum Kind {
        /** Writes of hosts. */
        DATA,
        /** The first segment of an epoch; holds nothing. Behind it, segments of older epochs do not count. */
        FENCE,
        /** Live blocks moved by the collector: a block counts only where it still stood at its old place. */
        MOVED
    }

    /**
     * One frame.
     *
     * @param offsetBytes from the start of the object, a multiple of 512
     * @param storedBytes padded length, a multiple of 512
     * @param lbas the block in each slot, ascending, 1 to 32 of them; not to be changed
     * @param old in a MOVED segment, where each of the blocks stood before, in order; empty in others
     */
    public record Frame(int offsetBytes, int storedBytes, long[] lbas, List<OldPlace> old) {
        /** Copies the list. */
        public Frame {
            old = List.copyOf(old);
        }

        /** A frame of blocks that were written, not moved. */
        public Frame(int offsetBytes, int storedBytes, long[] lbas) {
            this(offsetBytes, storedBytes, lbas, List.of());
        }

        /** The locator of the block in {@code slot}. */
        public long locator(long segment, int slot) {
            return Locator.segment(segment, offsetBytes, storedBytes, slot);
        }
    }

    /** Blocks {@code lba} to {@code lba + count - 1}. */
    public record Extent(long lba, long count) {}

    /**
     * Blocks {@code lba} to {@code lba + run.count() - 1} stand where {@code run} says.
     *
     * @param run locators with the mark {@link Locator#isShared}
     * @param old in a MOVED segment, where each of the blocks stood before, in order; empty in others
     */
    public record SharedExtent(long lba, LocatorRun run, List<OldPlace> old) {
        /** Copies the list. */
        public SharedExtent {
            old = List.copyOf(old);
        }

        /** An extent that was written, not moved. */
        public SharedExtent(long lba, LocatorRun run) {
            this(lba, run, List.of());
        }
    }

    /**
     * Blocks {@code lba} to {@code lba + count - 1} read as zeros as of segment {@code version}, an older one. Says nothing
     * new to who folds a complete series; to who folds what is left of one, it counts where nothing of that version or a
     * newer one is said.
     */
    public record Tombstone(long lba, long count, long version) {}

    /**
     * True when it says something that does not stand in its own frames: blocks that read as zeros, or that stand in other
     * segments. Such a segment may hold no live block and still be needed, by who rebuilds the mapping from segments alone.
     */
    public boolean speaksOfOthers() {
        if (!zeros.isEmpty() || !tombstones.isEmpty()) {
            return true;
        }
        for (SharedExtent extent : shared) {
            if (Locator.segmentNumber(extent.run().first()) != number) {
                return true;
            }
        }
        return false;
    }

    /** Blocks in shared extents. */
    public long sharedBlocks() {
        long count = 0;
        for (SharedExtent extent : shared) {
            count += extent.run().count();
        }
        return count;
    }

    /** Blocks stored in it. */
    public int blockCount() {
        int count = 0;
        for (Frame frame : frames) {
            count += frame.lbas().length;
        }
        return count;
    }
}
