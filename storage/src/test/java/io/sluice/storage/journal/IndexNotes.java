package io.sluice.storage.journal;

import java.util.ArrayList;
import java.util.List;

/** Notes what batches put into the index. */
final class IndexNotes implements JournalAppender.Applier {
    final List<String> entries = new ArrayList<>();
    final List<Long> addresses = new ArrayList<>();

    @Override
    public void block(long lba, long address) {
        entries.add("block " + lba);
        addresses.add(address);
    }

    @Override
    public void zero(long lba, long count, long address) {
        entries.add("zero " + lba + "+" + count);
        addresses.add(address);
    }

    @Override
    public void pattern(long lba, long count, long address) {
        entries.add("pattern " + lba + "+" + count);
        addresses.add(address);
    }

    @Override
    public void references(long lba, ReferenceRuns runs, long address) {
        entries.add("references " + lba + " " + runs.runs());
        addresses.add(address);
    }
}
