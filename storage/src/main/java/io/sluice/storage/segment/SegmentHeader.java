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
 * @param zeros blocks that read as zeros from here on; disjoint from the frames' blocks
 * @param shared blocks that stand in slots written for other blocks, of this or of older segments; disjoint from the rest
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
        long storedBytes) {
    /** Copies the lists. */
    public SegmentHeader {
        frames = List.copyOf(frames);
        zeros = List.copyOf(zeros);
        shared = List.copyOf(shared);
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
    public record Frame(int offsetBytes, int storedBytes, long[] lbas, List<LocatorRun> old) {
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
    public record SharedExtent(long lba, LocatorRun run, List<LocatorRun> old) {
        /** Copies the list. */
        public SharedExtent {
            old = List.copyOf(old);
        }

        /** An extent that was written, not moved. */
        public SharedExtent(long lba, LocatorRun run) {
            this(lba, run, List.of());
        }
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
