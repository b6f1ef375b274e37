package io.sluice.storage.checkpoint;

import io.sluice.storage.object.ForwardingObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A store whose next requests fail as told. */
final class HookedStore extends ForwardingObjectStore {
    /** So many ranged gets fail. */
    int getsToFail;
    /** So many puts are done, but answered with this. */
    int repliesToLose;
    /** So many puts fail without being done. */
    int putsToFail;

    HookedStore(ObjectStore inner) {
        super(inner);
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long offset, int length, RequestCause cause) {
        if (getsToFail > 0) {
            getsToFail--;
            return CompletableFuture.failedFuture(new ObjectStoreException(Kind.UNAVAILABLE, "told to fail", null));
        }
        return super.getRange(key, offset, length, cause);
    }

    @Override
    public CompletableFuture<String> put(String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
        if (putsToFail > 0) {
            putsToFail--;
            return CompletableFuture.failedFuture(new ObjectStoreException(Kind.UNAVAILABLE, "told to fail", null));
        }
        if (repliesToLose > 0) {
            repliesToLose--;
            return super.put(key, body, condition, cause).thenCompose(done -> super.put(key, body, condition, cause));
        }
        return super.put(key, body, condition, cause);
    }
}
