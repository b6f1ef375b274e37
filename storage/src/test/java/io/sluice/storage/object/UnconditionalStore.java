package io.sluice.storage.object;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A server that does not know conditional puts. Otherwise it is the store behind it. */
public final class UnconditionalStore extends ForwardingObjectStore {
    /** What it makes of a condition. */
    public enum Habit {
        /** Puts as if there was none. */
        IGNORES,
        /** Answers 501. */
        REFUSES
    }

    private final Habit habit;

    /** In front of {@code inner}. */
    public UnconditionalStore(ObjectStore inner, Habit habit) {
        super(inner);
        this.habit = habit;
    }

    private CompletableFuture<String> conditional(String key, ByteBuffer body, RequestCause cause) {
        return habit == Habit.IGNORES
                ? super.put(key, body, PutCondition.ALWAYS, cause)
                : CompletableFuture.failedFuture(new ObjectStoreException(
                        ObjectStoreException.Kind.INVALID, "HTTP 501 NotImplemented (injected)", null));
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return condition == PutCondition.ALWAYS
                ? super.put(key, body, condition, cause)
                : conditional(key, body, cause);
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return conditional(key, body, cause);
    }
}
