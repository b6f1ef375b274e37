package io.sluice.storage.journal;

import io.sluice.storage.runtime.Lane;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the log durable for everybody who asks: those who ask while an fdatasync runs share the next one.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>{@link #syncedEnd} moves only after every file with batches below it was synced without an error, and never
 *       beyond what was applied before the sync began.
 *   <li>After one failed sync none succeeds: {@link JournalHealth} is told.
 * </ol>
 *
 * Thread-safe.
 */
final class GroupCommit {
    private final LiveFiles live;
    private final AppendOrder order;
    private final JournalHealth health;
    private final Lane lane;
    private final Object lock = new Object();
    private List<IoCompletion> waiting = new ArrayList<>();
    private boolean scheduled;
    private volatile long syncedEnd;

    /** {@code lane} may block. */
    GroupCommit(LiveFiles live, AppendOrder order, JournalHealth health, Lane lane, long syncedEnd) {
        this.live = live;
        this.order = order;
        this.health = health;
        this.lane = lane;
        this.syncedEnd = syncedEnd;
    }

    long syncedEnd() {
        return syncedEnd;
    }

    /** Completes when everything applied by now is durable; at once when it is already. */
    void sync(IoCompletion completion) {
        IOException failed = health.failure();
        if (failed != null) {
            completion.complete(failure(failed));
            return;
        }
        if (syncedEnd >= order.appliedEnd()) {
            completion.complete(null);
            return;
        }
        synchronized (lock) {
            waiting.add(completion);
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        lane.execute(this::commitWaiting);
    }

    private void commitWaiting() {
        List<IoCompletion> group;
        synchronized (lock) {
            group = waiting;
            waiting = new ArrayList<>();
            scheduled = false;
        }
        IoFailure failure = null;
        try {
            syncNow();
        } catch (IOException e) {
            failure = failure(e);
        }
        for (IoCompletion completion : group) {
            completion.complete(failure);
        }
    }

    /** Syncs on the calling thread. */
    synchronized void syncNow() throws IOException {
        health.check();
        long target = order.appliedEnd();
        if (target <= syncedEnd) {
            return;
        }
        for (JournalFile file : live.all()) {
            if (needsSync(file, target)) {
                syncFile(file);
            }
        }
        syncedEnd = target;
    }

    private boolean needsSync(JournalFile file, long target) {
        long synced = syncedEnd;
        long firstDirty = JournalFormat.fileNumber(synced);
        return file.number() <= JournalFormat.fileNumber(target)
                && (file.number() > firstDirty || (file.number() == firstDirty && !file.endsAt(synced)));
    }

    private void syncFile(JournalFile file) throws IOException {
        try {
            file.disk().sync();
        } catch (IOException e) {
            IOException reason =
                    new IOException("cannot sync journal file " + file.number() + ": " + e.getMessage(), e);
            health.fail(reason);
            throw reason;
        }
    }

    private static @Nullable IoFailure failure(IOException reason) {
        return IoFailure.of(IoFailure.Kind.WRITE_FAILED, String.valueOf(reason.getMessage()));
    }
}
