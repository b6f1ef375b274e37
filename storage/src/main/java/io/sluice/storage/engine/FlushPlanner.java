package io.sluice.storage.engine;

import io.sluice.storage.journal.Journal;
import io.sluice.storage.journal.JournalReader;
import java.io.IOException;

/** Cuts the journal into plans of at most one segment each. Blocks on disk reads: runs on a blocking lane. */
final class FlushPlanner {
    /** Extents in one plan; more would make headers long. */
    private static final int EXTENTS_MAX = 4096;
    /** Runs of references in one plan: with those of one more batch, and each cut by a block, a header holds them. */
    private static final int RUNS_MAX = 16384;
    /** Blocks in extents that share: the commit puts each into the committed mapping, on the volume's lane. */
    private static final long EXTENT_BLOCKS_MAX = 1 << 18;

    private final Journal journal;
    private final int blocksMax;

    /** {@code blocksMax}: blocks of one segment. */
    FlushPlanner(Journal journal, int blocksMax) {
        this.journal = journal;
        this.blocksMax = blocksMax;
    }

    /**
     * Takes batches from {@code from} on until {@code end} is reached or the plan is a full segment. The last batch is
     * taken whole, so a plan may be longer than a segment by less than one batch.
     */
    FlushPlan plan(long from, long end) throws IOException {
        FlushPlan plan = new FlushPlan(from);
        JournalReader reader = journal.openReader(from);
        while (hasRoom(plan)) {
            if (!reader.next(end, plan)) {
                plan.reaches(end, 0);
                break;
            }
            plan.reaches(reader.position(), reader.batchTimeMillis());
        }
        return plan;
    }

    private boolean hasRoom(FlushPlan plan) {
        return plan.addresses().size() < blocksMax
                && plan.extents().size() < EXTENTS_MAX
                && plan.runs() < RUNS_MAX
                && plan.extentBlocks() < EXTENT_BLOCKS_MAX;
    }
}
