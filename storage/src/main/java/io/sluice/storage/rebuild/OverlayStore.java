package io.sluice.storage.rebuild;

import io.sluice.storage.format.Failures;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps new objects in memory over a store that is only read, until {@link #publish} puts them there: so that everything can be
 * worked out, reported and asked about before anything is written. For the few kinds of requests that writing a checkpoint
 * makes; the others are refused. Thread-safe.
 */
final class OverlayStore implements ObjectStore {
    private final ObjectStore below;
    private final ConcurrentSkipListMap<String, ByteBuffer> fresh = new ConcurrentSkipListMap<>();

    OverlayStore(ObjectStore below) {
        this.below = below;
    }

    /** Puts what is kept, if absent, one after another. */
    CompletableFuture<Void> publish() {
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        for (Map.Entry<String, ByteBuffer> object : fresh.entrySet()) {
            done = done.thenCompose(before -> below.put(
                            object.getKey(), object.getValue().duplicate(), PutCondition.IF_ABSENT, RequestCause.ADMIN)
                    .<Void>thenApply(tag -> null)
                    .exceptionallyCompose(failure -> ownEarlierAttempt(object, failure)));
        }
        return done;
    }

    /** A put whose reply got lost looks like somebody else's. */
    private CompletableFuture<Void> ownEarlierAttempt(Map.Entry<String, ByteBuffer> object, Throwable failure) {
        ObjectStoreException refused = ObjectStoreException.find(failure);
        if (refused == null || refused.kind() != ObjectStoreException.Kind.PRECONDITION_FAILED) {
            return CompletableFuture.failedFuture(failure);
        }
        return below.get(object.getKey(), RequestCause.ADMIN)
                .thenCompose(found -> found.equals(object.getValue())
                        ? CompletableFuture.completedFuture(null)
                        : CompletableFuture.failedFuture(failure));
    }

    /** Objects that are kept. */
    int objects() {
        return fresh.size();
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        ByteBuffer kept = fresh.get(key);
        return kept == null ? below.get(key, cause) : CompletableFuture.completedFuture(kept.duplicate());
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        ByteBuffer kept = fresh.get(key);
        return kept == null
                ? below.getRange(key, offset, length, cause)
                : CompletableFuture.completedFuture(kept.slice((int) offset, length));
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        ByteBuffer copy = ByteBuffer.allocate(body.remaining());
        copy.put(body.duplicate()).flip();
        if (fresh.putIfAbsent(key, copy.asReadOnlyBuffer()) != null) {
            return CompletableFuture.failedFuture(new ObjectStoreException(
                    ObjectStoreException.Kind.PRECONDITION_FAILED, key + " is kept already", null));
        }
        return below.head(key, cause)
                .thenApply(head -> {
                    fresh.remove(key);
                    throw new CompletionException(new ObjectStoreException(
                            ObjectStoreException.Kind.PRECONDITION_FAILED, key + " exists", null));
                })
                .handle((never, failure) -> absence(failure));
    }

    /** An error is not an absence. */
    private static String absence(Throwable failure) {
        ObjectStoreException refused = ObjectStoreException.find(failure);
        if (refused != null && refused.kind() == ObjectStoreException.Kind.NOT_FOUND) {
            return "";
        }
        throw new CompletionException(Failures.unwrap(failure));
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return refuse();
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return refuse();
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return refuse();
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        return refuse();
    }

    private static <T> CompletableFuture<T> refuse() {
        return CompletableFuture.failedFuture(new UnsupportedOperationException("not while a volume is rebuilt"));
    }

    @Override
    public String describe() {
        return below.describe();
    }

    /** The store below is its owner's. */
    @Override
    public void close() {
        fresh.clear();
    }
}
