package io.sluice.storage.inspection;

import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.journal.JournalRecovery;
import io.sluice.storage.journal.RecoveredLog;
import io.sluice.storage.recovery.CacheOwner;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** Looks at the volume's local cache directory: whose it is, and what its journal holds. Changes nothing; blocks. */
final class CacheCheck {
    private final BucketVolume view;
    private final FindingList findings;

    CacheCheck(BucketVolume view, FindingList findings) {
        this.view = view;
        this.findings = findings;
    }

    void run(CheckOptions.Cache cache) throws IOException {
        String where = cache.disk().describe();
        try {
            Optional<UUID> owner = CacheOwner.find(cache.disk());
            boolean ours =
                    owner.isPresent() && owner.get().equals(view.manifest().owner());
            if (!ours) {
                findings.add(
                        CheckFinding.Kind.CACHE_FOREIGN,
                        where,
                        owner.isPresent()
                                ? "belongs to another gateway than the last owner of the volume: its journal would be"
                                        + " kept aside, not replayed"
                                : "was never used by a gateway");
            }
            if (cache.journal().isPresent()) {
                checkJournal(
                        JournalRecovery.scan(
                                cache.journal().get(), view.manifest().volume(), view.key(), view.sequence()),
                        where);
            }
        } catch (DamagedObjectException | UnsupportedFormatException damaged) {
            findings.add(CheckFinding.Kind.CACHE_UNREADABLE, where, String.valueOf(damaged.getMessage()));
        }
    }

    private void checkJournal(RecoveredLog log, String where) {
        if (log.damaged()) {
            findings.add(
                    CheckFinding.Kind.CACHE_JOURNAL_DAMAGED,
                    where,
                    "the disk has lost batches of the journal that had been synced: "
                            + log.note().orElse(""));
        }
        if (log.lacksItsStart(view.sequence())) {
            findings.add(
                    CheckFinding.Kind.CACHE_JOURNAL,
                    where,
                    "the journal of epoch " + log.epoch() + " has lost its beginning (from sequence " + view.sequence()
                            + "), probably in a power loss before anything was flushed: it would not be replayed");
        } else if (log.endAddress() > view.sequence() && !log.isEmpty()) {
            findings.add(
                    CheckFinding.Kind.CACHE_JOURNAL,
                    where,
                    "the journal of epoch " + log.epoch() + " goes up to sequence " + log.endAddress()
                            + ", the bucket to " + view.sequence() + ": the writes in between are here alone");
        }
    }
}
