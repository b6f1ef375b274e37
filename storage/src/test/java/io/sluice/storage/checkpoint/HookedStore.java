package io.sluice.storage.checkpoint;

import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A store whose next requests fail as told. */
final class HookedStore implements ObjectStore {
    private final ObjectStore inner;
    /** So many ranged gets fail. */
    int getsToFail;
    /** So many puts are done, but answered with this. */
    int repliesToLose;
    /** So many puts fail without being done. */
    int putsToFail;

    HookedStore(ObjectStore inner) {
        this.inner = inner;
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, RequestCause cause) {
        return inner.get(key, cause);
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        if (getsToFail > 0) {
            getsToFail--;
            return CompletableFuture.failedFuture(new ObjectStoreException(Kind.UNAVAILABLE, "told to fail", null));
        }
        return inner.getRange(key, offset, length, cause);
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        if (putsToFail > 0) {
            putsToFail--;
            return CompletableFuture.failedFuture(new ObjectStoreException(Kind.UNAVAILABLE, "told to fail", null));
        }
        if (repliesToLose > 0) {
            repliesToLose--;
            return inner.put(key, body, condition, cause).thenCompose(done -> inner.put(key, body, condition, cause));
        }
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
    public String describe() {
        return inner.describe();
    }

    @Override
    public void close() {
        inner.close();
    }
}
