package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.journal.ReferenceRuns;
import io.sluice.storage.runtime.Invariant;

/**
 * Puts what recovery finds in the journal into the index, and counts it. A record refers to segments that were committed
 * before it was written, and those are in the bucket: one that names another segment does not belong to this volume's
 * history.
 */
final class ReplayApplier implements JournalAppender.Applier {
    private final JournalAppender.Applier target;
    private final long lastSegment;
    private int entries;

    /** {@code lastSegment}: the newest one that counts. */
    ReplayApplier(JournalAppender.Applier target, long lastSegment) {
        this.target = target;
        this.lastSegment = lastSegment;
    }

    /** Entries so far. */
    int entries() {
        return entries;
    }

    @Override
    public void block(long lba, long address) {
        entries++;
        target.block(lba, address);
    }

    @Override
    public void zero(long lba, long count, long address) {
        entries++;
        target.zero(lba, count, address);
    }

    @Override
    public void pattern(long lba, long count, long address) {
        entries++;
        target.pattern(lba, count, address);
    }

    @Override
    public void references(long lba, ReferenceRuns runs, long address) {
        entries++;
        for (LocatorRun run : runs.runs()) {
            long segment = Locator.segmentNumber(run.first());
            Invariant.check(
                    segment >= 1 && segment <= lastSegment,
                    "the journal refers to a segment that is not there",
                    segment,
                    address);
        }
        target.references(lba, runs, address);
    }
}
