package io.sluice.storage.object;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A server that does not know conditional puts. Otherwise it is the store behind it. */
public final class UnconditionalStore implements ObjectStore {
    /** What it makes of a condition. */
    public enum Habit {
        /** Puts as if there was none. */
        IGNORES,
        /** Answers 501. */
        REFUSES
    }

    private final ObjectStore inner;
    private final Habit habit;

    /** In front of {@code inner}. */
    public UnconditionalStore(ObjectStore inner, Habit habit) {
        this.inner = inner;
        this.habit = habit;
    }

    private CompletableFuture<String> conditional(String key, ByteBuffer body, RequestCause cause) {
        return habit == Habit.IGNORES
                ? inner.put(key, body, PutCondition.ALWAYS, cause)
                : CompletableFuture.failedFuture(new ObjectStoreException(
                        ObjectStoreException.Kind.INVALID, "HTTP 501 NotImplemented (injected)", null));
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return condition == PutCondition.ALWAYS
                ? inner.put(key, body, condition, cause)
                : conditional(key, body, cause);
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return conditional(key, body, cause);
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
    public String describe() {
        return inner.describe();
    }

    @Override
    public void close() {
        inner.close();
    }
}
