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
 *   <li>A file stays in the list of dirty ones until a sync covered all of it, also when it was released meanwhile: until
 *       it serves again, recovery begins with it, and must not stop at a torn place in it.
 *   <li>After one failed sync none succeeds: {@link JournalHealth} is told.
 * </ol>
 *
 * Thread-safe.
 */
final class GroupCommit {
    private final AppendOrder order;
    private final JournalHealth health;
    private final Lane lane;
    private final Object lock = new Object();
    private final List<JournalFile> dirty = new ArrayList<>();
    private List<IoCompletion> waiting = new ArrayList<>();
    private boolean scheduled;
    private volatile long syncedEnd;

    /** {@code lane} may block. */
    GroupCommit(AppendOrder order, JournalHealth health, Lane lane, long syncedEnd) {
        this.order = order;
        this.health = health;
        this.lane = lane;
        this.syncedEnd = syncedEnd;
    }

    long syncedEnd() {
        return syncedEnd;
    }

    /** The log goes on in {@code file}: called before anything of it counts as applied. */
    void begin(JournalFile file) {
        synchronized (lock) {
            dirty.add(file);
        }
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
        long lastNumber = JournalFormat.fileNumber(target);
        for (JournalFile file : dirtyUpTo(lastNumber)) {
            syncFile(file);
        }
        synchronized (lock) {
            dirty.removeIf(file -> file.number() < lastNumber);
        }
        syncedEnd = target;
    }

    private List<JournalFile> dirtyUpTo(long number) {
        synchronized (lock) {
            return dirty.stream().filter(file -> file.number() <= number).toList();
        }
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
