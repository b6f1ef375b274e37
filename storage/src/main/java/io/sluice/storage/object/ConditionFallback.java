package io.sluice.storage.object;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Passes everything on, until {@link #emulate} says that the store behind does not know conditional puts: from then on the
 * object is looked for before it is put. That keeps one gateway from overwriting what it finds there, also its own earlier
 * attempt; it does <em>not</em> keep two gateways apart, because another put may come in between. Thread-safe.
 */
public final class ConditionFallback implements ObjectStore {
    private final ObjectStore inner;
    private volatile boolean emulating;

    /** In front of {@code inner}. */
    public ConditionFallback(ObjectStore inner) {
        this.inner = inner;
    }

    /** The store behind ignores or refuses conditions. */
    public void emulate() {
        emulating = true;
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        if (!emulating || condition == PutCondition.ALWAYS) {
            return inner.put(key, body, condition, cause);
        }
        return inner.head(key, cause).handle((head, failure) -> failure).thenCompose(failure -> {
            if (failure == null) {
                return CompletableFuture.failedFuture(refused(key, "exists"));
            }
            ObjectStoreException known = ObjectStoreException.find(failure);
            return known != null && known.kind() == Kind.NOT_FOUND
                    ? inner.put(key, body, PutCondition.ALWAYS, cause)
                    : CompletableFuture.failedFuture(failure);
        });
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        if (!emulating) {
            return inner.putIfMatch(key, body, entityTag, cause);
        }
        return inner.head(key, cause)
                .thenCompose(head -> head.entityTag().equals(entityTag)
                        ? inner.put(key, body, PutCondition.ALWAYS, cause)
                        : CompletableFuture.failedFuture(refused(key, "has changed")));
    }

    private ObjectStoreException refused(String key, String why) {
        return new ObjectStoreException(
                Kind.PRECONDITION_FAILED, "put of '" + key + "' to " + inner.describe() + ": it " + why, null);
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return inner.get(key, cause);
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        return inner.getRange(key, offset, length, cause);
    }

    @Override
    public CompletableFuture<ObjectHead> head(String key, RequestCause cause) {
        return inner.head(key, cause);
    }

    @Override
    public CompletableFuture<ObjectPage> list(
            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
        return inner.list(prefix, startAfter, limit, cause);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys, RequestCause cause) {
        return inner.delete(keys, cause);
    }

    @Override
    public OptionalLong serverTimeMillis() {
        return inner.serverTimeMillis();
    }

    @Override
    public String describe() {
        return inner.describe();
    }

    @Override
    public void close() {
        inner.close();
    }
}
