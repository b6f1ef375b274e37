package io.sluice.storage.recovery;

import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Tests what an endpoint really does: conditional put, ranged get, listing after write, delete. A store that lets two
 * puts win would let two gateways write one volume, so it is refused.
 */
public final class EndpointProbe {
    private static final String TEXT = "sluice endpoint probe";

    private final ObjectStore store;
    private final String key;

    /** {@code key} is an object of its own for this probe. */
    public EndpointProbe(ObjectStore store, String key) {
        this.store = store;
        this.key = key;
    }

    /** Completes when the endpoint can be used; fails with {@code INVALID} and what is missing, or as the requests do. */
    public CompletableFuture<Void> run() {
        return store.put(key, body(), PutCondition.IF_ABSENT, RequestCause.ADMIN)
                .handle((tag, failure) -> failure)
                .thenCompose(this::tolerateOwnEarlierAttempt)
                .thenCompose(done -> secondPutMustLose())
                .thenCompose(done -> rangeMustWork())
                .thenCompose(done -> listMustShowIt())
                .thenCompose(done -> store.delete(List.of(key), RequestCause.ADMIN));
    }

    private static ByteBuffer body() {
        return ByteBuffer.wrap(TEXT.getBytes(StandardCharsets.US_ASCII));
    }

    private CompletableFuture<Void> tolerateOwnEarlierAttempt(@org.jspecify.annotations.Nullable Throwable failure) {
        if (failure == null || isPreconditionFailed(failure)) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.failedFuture(failure);
    }

    private CompletableFuture<Void> secondPutMustLose() {
        return store.put(key, body(), PutCondition.IF_ABSENT, RequestCause.ADMIN)
                .handle((tag, failure) -> {
                    if (failure == null) {
                        throw new CompletionException(missing(
                                "conditional put (If-None-Match: *): it overwrote an existing object, so that two"
                                        + " gateways could write one volume"));
                    }
                    if (!isPreconditionFailed(failure)) {
                        throw new CompletionException(failure);
                    }
                    return null;
                });
    }

    private static boolean isPreconditionFailed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ObjectStoreException store
                && store.kind() == ObjectStoreException.Kind.PRECONDITION_FAILED;
    }

    private CompletableFuture<Void> rangeMustWork() {
        return store.getRange(key, 7, 8, RequestCause.ADMIN).thenAccept(bytes -> {
            byte[] got = new byte[bytes.remaining()];
            bytes.duplicate().get(got);
            if (!new String(got, StandardCharsets.US_ASCII).equals(TEXT.substring(7, 15))) {
                throw new CompletionException(missing("ranged get: other bytes came back than were asked for"));
            }
        });
    }

    private CompletableFuture<Void> listMustShowIt() {
        return store.list(key, null, 10, RequestCause.ADMIN).thenAccept(page -> {
            if (page.objects().stream().noneMatch(object -> object.key().equals(key))) {
                throw new CompletionException(missing("listing after write: an object just stored is not listed"));
            }
        });
    }

    private ObjectStoreException missing(String what) {
        return new ObjectStoreException(
                ObjectStoreException.Kind.INVALID, store.describe() + " does not do what Sluice needs: " + what, null);
    }
}
