package io.sluice.storage.object;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Passes everything on, until {@link #emulate} says that the store behind does not know conditional puts: from then on the
 * object is looked for before it is put. That keeps one gateway from overwriting what it finds there, also its own earlier
 * attempt; it does <em>not</em> keep two gateways apart, because another put may come in between. Thread-safe.
 */
public final class ConditionFallback extends ForwardingObjectStore {
    private volatile boolean emulating;

    /** In front of {@code inner}. */
    public ConditionFallback(ObjectStore inner) {
        super(inner);
    }

    /** The store behind ignores or refuses conditions. */
    public void emulate() {
        emulating = true;
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        if (!emulating || condition == PutCondition.ALWAYS) {
            return super.put(key, body, condition, cause);
        }
        return head(key, cause).handle((head, failure) -> failure).thenCompose(failure -> {
            if (failure == null) {
                return CompletableFuture.failedFuture(refused(key, "exists"));
            }
            ObjectStoreException known = ObjectStoreException.find(failure);
            return known != null && known.kind() == Kind.NOT_FOUND
                    ? super.put(key, body, PutCondition.ALWAYS, cause)
                    : CompletableFuture.failedFuture(failure);
        });
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        if (!emulating) {
            return super.putIfMatch(key, body, entityTag, cause);
        }
        return head(key, cause)
                .thenCompose(head -> head.entityTag().equals(entityTag)
                        ? super.put(key, body, PutCondition.ALWAYS, cause)
                        : CompletableFuture.failedFuture(refused(key, "has changed")));
    }

    private ObjectStoreException refused(String key, String why) {
        return new ObjectStoreException(
                Kind.PRECONDITION_FAILED, "put of '" + key + "' to " + describe() + ": it " + why, null);
    }
}
