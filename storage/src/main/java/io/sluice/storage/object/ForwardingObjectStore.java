package io.sluice.storage.object;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Passes every request on to the store behind it, as it is: for wrappers that change some of them, which override those and reach
 * the store behind by {@code super}.
 *
 * <p>No request calls another one of this object, so overriding one changes no other. A wrapper that has to treat all requests (it
 * counts, repeats or bounds them) implements {@link ObjectStore} itself: then a new kind of request does not slip through it
 * unnoticed.
 *
 * <p>Thread-safe as far as the store behind is. Closing it closes that store.
 */
public abstract class ForwardingObjectStore implements ObjectStore {
    private final ObjectStore inner;

    /** In front of {@code inner}, and its owner from now on. */
    protected ForwardingObjectStore(ObjectStore inner) {
        this.inner = inner;
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
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        return inner.put(key, body, condition, cause);
    }

    @Override
    public CompletableFuture<String> putIfMatch(String key, ByteBuffer body, String entityTag, RequestCause cause) {
        return inner.putIfMatch(key, body, entityTag, cause);
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
