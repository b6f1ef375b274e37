package io.sluice.storage.recovery;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.journal.JournalRecovery;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.recovery.OperatorWord.Kind;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.segment.SegmentHeader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a volume may be opened from a cache directory; only reads the bucket.
 *
 * <ol>
 *   <li>The directory must not be another volume's.
 *   <li>The bucket must not be older than the directory has seen it. Compared is only what stands in the bucket: numbers of
 *       manifests and of segments. Sequence numbers are not: the journal's tail also moves over what needs no segment.
 *   <li>A volume that another directory's gateway did not close is not taken without a word, unless the settings say so.
 * </ol>
 *
 * The last two have a word ({@link OperatorWord}) each. A word for anything else than what is found is removed. Runs on the
 * opener's blocking lane.
 */
final class OpeningCheck {
    private final VolumeSettings settings;
    private final LocalDisk disk;
    private final LocalDisk journalDisk;
    private final Entropy entropy;
    private final Executor lane;
    private final List<String> notes;

    OpeningCheck(
            VolumeSettings settings,
            LocalDisk disk,
            LocalDisk journalDisk,
            Entropy entropy,
            Executor lane,
            List<String> notes) {
        this.settings = settings;
        this.disk = disk;
        this.journalDisk = journalDisk;
        this.entropy = entropy;
        this.lane = lane;
        this.notes = notes;
    }

    /**
     * What was found.
     *
     * @param newest manifest
     * @param owner identity of this cache directory
     * @param sameOwner nobody but this directory has opened the volume since its journal was written
     * @param known what the directory remembers
     * @param attempts openings from this directory that did not come to their end
     * @param rollback present when the bucket is older than that
     * @param takeover present when another gateway did not close the volume
     */
    record Findings(
            Manifest newest,
            UUID owner,
            boolean sameOwner,
            Optional<CacheState> known,
            OpeningAttempts attempts,
            Optional<RollbackReport> rollback,
            Optional<TakeoverReport> takeover) {}

    /** Fails with {@link WrongCacheDirectoryException}, and as reading fails. */
    CompletableFuture<Findings> examine(Manifest newest, @Nullable KeyDerivation keys, BucketReplay replay) {
        try {
            Optional<CacheState> known = state(newest);
            OpeningAttempts attempts = attempts(newest);
            requireOwnJournal(newest, keys);
            UUID owner = CacheOwner.of(disk, entropy);
            boolean opened = newest.epoch() > 0;
            boolean ours = opened && newest.owner().equals(owner) && isOwnEpoch(newest, known, attempts);
            boolean abandoned = opened && !ours && !newest.clean();
            return rollback(newest, known, replay)
                    .thenComposeAsync(
                            rollback -> takeover(newest, abandoned, replay)
                                    .thenApply(takeover -> new Findings(
                                            newest,
                                            owner,
                                            ours && rollback.isEmpty(),
                                            known,
                                            attempts,
                                            rollback,
                                            takeover)),
                            lane);
        } catch (IOException failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private Optional<CacheState> state(Manifest newest) throws IOException {
        Optional<CacheState> known;
        try {
            known = CacheState.read(disk);
        } catch (DamagedObjectException damaged) {
            notes.add(damaged.getMessage() + "; it is written anew, and whether the bucket was set back is not known");
            return Optional.empty();
        }
        if (known.isPresent() && !known.get().volume().equals(newest.volume())) {
            throw wrongDirectory(newest, "it is that of volume " + known.get().volume(), null);
        }
        return known;
    }

    private void requireOwnJournal(Manifest newest, @Nullable KeyDerivation keys) throws IOException {
        try {
            JournalRecovery.requireBelongs(journalDisk, newest.volume(), keys);
        } catch (UnsupportedFormatException newer) {
            throw newer;
        } catch (DamagedObjectException other) {
            throw wrongDirectory(newest, String.valueOf(other.getMessage()), other);
        }
    }

    private WrongCacheDirectoryException wrongDirectory(Manifest newest, String what, @Nullable Throwable cause) {
        return new WrongCacheDirectoryException(disk.describe(), newest.name(), newest.volume(), what, cause);
    }

    /**
     * A copy of the directory has the same identity; it is told by the epoch that was opened from the other one. Of an
     * opening that was interrupted nobody else knows the tag. The epoch of a rebuild was opened by nobody.
     */
    private static boolean isOwnEpoch(Manifest newest, Optional<CacheState> known, OpeningAttempts attempts) {
        return known.isEmpty() || newest.ownerEpoch() <= known.get().ownEpoch() || attempts.contains(newest);
    }

    private OpeningAttempts attempts(Manifest newest) throws IOException {
        try {
            return OpeningAttempts.read(disk)
                    .filter(found -> found.volume().equals(newest.volume()))
                    .orElseGet(() -> OpeningAttempts.none(newest.volume()));
        } catch (DamagedObjectException damaged) {
            notes.add(damaged.getMessage() + "; it is written anew");
            return OpeningAttempts.none(newest.volume());
        }
    }

    private CompletableFuture<Optional<RollbackReport>> rollback(
            Manifest newest, Optional<CacheState> known, BucketReplay replay) {
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CacheState seen = known.get();
        long covered = newest.checkpoint().coversSegment();
        if (covered >= seen.segment()) {
            return CompletableFuture.completedFuture(rollback(newest, covered, seen));
        }
        return replay.lastConsecutive(covered).thenApply(last -> rollback(newest, last, seen));
    }

    private static Optional<RollbackReport> rollback(Manifest newest, long lastSegment, CacheState seen) {
        boolean older = newest.number() < seen.manifestNumber()
                || newest.epoch() < seen.epoch()
                || lastSegment < seen.segment();
        boolean other = newest.number() == seen.manifestNumber() && newest.attemptTag() != seen.manifestTag();
        return older || other ? Optional.of(RollbackReport.of(newest, lastSegment, seen)) : Optional.empty();
    }

    private CompletableFuture<Optional<TakeoverReport>> takeover(
            Manifest newest, boolean abandoned, BucketReplay replay) {
        if (!abandoned) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return replay.find(newest.checkpoint()).thenApply(found -> {
            List<SegmentHeader> headers = found.headers();
            if (headers.isEmpty()) {
                return Optional.of(TakeoverReport.of(newest, newest.checkpoint().sequence(), 0));
            }
            SegmentHeader last = headers.get(headers.size() - 1);
            return Optional.of(TakeoverReport.of(newest, last.endSequence(), last.wallTimeMillis()));
        });
    }

    /**
     * Fails when a word is missing; words that are not good for what was found are removed.
     *
     * @return what was allowed, to be told
     */
    List<String> requireWords(Findings found) throws IOException {
        List<String> allowed = new ArrayList<>();
        boolean rollbackAllowed = word(Kind.ACCEPT_ROLLBACK, found.newest());
        boolean takeoverAllowed = word(Kind.TAKE_OVER, found.newest());
        if (found.rollback().isPresent()) {
            if (!rollbackAllowed) {
                throw new RollbackRefusedException(found.rollback().get());
            }
            allowed.add("accepted by an operator's word: "
                    + found.rollback().get().whatIsThere() + "; "
                    + found.rollback().get().whatIsLost());
        }
        if (found.takeover().isPresent()) {
            TakeoverReport report = found.takeover().get();
            if (!takeoverAllowed && settings.takeover() == VolumeSettings.Takeover.ASK) {
                throw new TakeoverRefusedException(report);
            }
            allowed.add("taken over " + (takeoverAllowed ? "by an operator's word" : "(takeover = automatic)") + ": "
                    + report.whoHadIt() + "; " + report.whatIsThere() + "; " + report.whatMayBeLost());
        }
        return allowed;
    }

    private boolean word(Kind kind, Manifest newest) throws IOException {
        Optional<OperatorWord> word;
        try {
            word = OperatorWord.read(disk, kind);
        } catch (DamagedObjectException damaged) {
            notes.add(damaged.getMessage() + "; it was removed");
            OperatorWord.remove(disk, kind);
            return false;
        }
        if (word.isEmpty()) {
            return false;
        }
        if (word.get().isGoodFor(newest)) {
            return true;
        }
        notes.add("an operator's word (" + kind.file() + ") was of epoch "
                + word.get().epoch() + ", manifest " + word.get().manifestNumber()
                + ", and the volume has gone on since: it was not used, and is removed");
        OperatorWord.remove(disk, kind);
        return false;
    }

    /** The volume was opened: words were used, or were not needed. */
    void removeWords() throws IOException {
        for (Kind kind : Kind.values()) {
            OperatorWord.remove(disk, kind);
        }
    }
}
