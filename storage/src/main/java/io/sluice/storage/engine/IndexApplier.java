package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.journal.ReferenceRuns;

/**
 * Puts the entries of journal batches into the index, as they are written and when they are replayed. Ordering rule: a
 * record of references is known before the index names it. Thread-safe.
 */
final class IndexApplier implements JournalAppender.Applier {
    private final BlockIndex index;
    private final PendingReferences references;

    IndexApplier(BlockIndex index, PendingReferences references) {
        this.index = index;
        this.references = references;
    }

    @Override
    public void block(long lba, long address) {
        index.putJournal(lba, address);
    }

    @Override
    public void zero(long lba, long count, long address) {
        index.putZero(lba, count, address);
    }

    @Override
    public void pattern(long lba, long count, long address) {
        index.putRange(lba, count, Locator.journal(address));
    }

    @Override
    public void references(long lba, ReferenceRuns runs, long address) {
        references.put(address, lba, runs);
        index.putRange(lba, runs.count(), Locator.reference(address));
    }
}
