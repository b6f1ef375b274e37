package io.sluice.storage.engine;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.runtime.Lane;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings leaves from the committed mapping into the index; one load per leaf at a time. Ordering rule: the leaf is
 * pinned in the index before the committed mapping is asked ({@link BlockIndex#beginFill}), so that what changes in
 * between stays and is not overwritten by the older answer. Thread-safe.
 */
final class LeafLoader {
    /** Leaves being loaded: each is pinned in the index, whose memory is bounded. */
    static final int UNDER_WAY_MAX = 1024;

    private final BlockIndex index;
    private final CommittedMap committed;
    private final Lane lane;
    private final ConcurrentMap<Long, CompletableFuture<Void>> loading = new ConcurrentHashMap<>();

    LeafLoader(BlockIndex index, CommittedMap committed, Lane lane) {
        this.index = index;
        this.committed = committed;
        this.lane = lane;
    }

    /**
     * Completes when no slot of the leaf is unknown any more, or with the failure to fetch it. Pages are billed to {@code cause};
     * what no host has asked for yet leaves half of what may be under way to hosts.
     */
    CompletableFuture<Void> load(long leaf, RequestCause cause) {
        int most = cause == RequestCause.HOST ? UNDER_WAY_MAX : UNDER_WAY_MAX / 2;
        if (loading.size() >= most && !loading.containsKey(leaf)) {
            return CompletableFuture.failedFuture(new ObjectStoreException(
                    ObjectStoreException.Kind.THROTTLED,
                    most + " pages of the index are being waited for already",
                    null));
        }
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> other = loading.putIfAbsent(leaf, mine);
        if (other != null) {
            return other;
        }
        index.beginFill(leaf);
        lane.execute(() -> ask(leaf, cause, mine));
        return mine;
    }

    private void ask(long leaf, RequestCause cause, CompletableFuture<Void> mine) {
        long[] known = committed.leafNow(leaf);
        if (known != null) {
            end(leaf, known, null, mine);
        } else {
            // In the same turn of the lane as the answer: no commit may come in between.
            Futures.then(
                    committed.leaf(leaf, cause),
                    Runnable::run,
                    (locators, failure) -> end(leaf, locators, failure, mine));
        }
    }

    private void end(long leaf, long @Nullable [] locators, @Nullable Throwable failure, CompletableFuture<Void> mine) {
        index.endFill(leaf, locators);
        loading.remove(leaf, mine);
        if (failure == null) {
            mine.complete(null);
        } else {
            mine.completeExceptionally(failure);
        }
    }
}
