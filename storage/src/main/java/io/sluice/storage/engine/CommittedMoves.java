package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.journal.ReferenceRuns;
import io.sluice.storage.segment.SegmentHeader;
import java.util.List;

/**
 * Moves the blocks of a committed segment in the index, each whose newest version this is, from the journal to where the
 * segment says. Confined to the volume's lane.
 */
final class CommittedMoves {
    private final BlockIndex index;

    CommittedMoves(BlockIndex index) {
        this.index = index;
    }

    /** Afterwards no block of the index stands below the end of the job's plan. */
    void apply(SegmentJob job) {
        index.committedBelow(job.plan().end());
        List<SegmentHeader.Frame> frames = job.header().frames();
        for (int i = 0; i < frames.size(); i++) {
            moveFrame(job, i, frames.get(i));
        }
        for (long lba : job.zeroBlocks()) {
            index.move(lba, Locator.journal(job.addressOfZeros(lba)), Locator.ZERO);
        }
        job.plan().extents().forEach((from, extent) -> moveExtent(job, from, extent));
    }

    private void moveFrame(SegmentJob job, int at, SegmentHeader.Frame frame) {
        long[] lbas = frame.lbas();
        for (int slot = 0; slot < lbas.length; slot++) {
            index.move(lbas[slot], Locator.journal(job.addressAt(at, slot)), frame.locator(job.number(), slot));
        }
    }

    private void moveExtent(SegmentJob job, long from, FlushPlan.Extent extent) {
        ReferenceRuns runs = extent.runs();
        if (runs != null) {
            runs.forEachRun(
                    from - extent.origin(),
                    extent.end() - extent.origin(),
                    (at, run) -> moveRun(extent.origin() + at, extent.locator(), run));
        } else if (Locator.isJournal(extent.locator())) {
            index.moveRange(from, extent.end() - from, extent.locator(), job.placeOf(extent), 0);
        }
    }

    private void moveRun(long lba, long expected, LocatorRun run) {
        index.moveRange(lba, run.count(), expected, Locator.shared(run.first()), run.repeated() ? 0 : 1);
    }
}
