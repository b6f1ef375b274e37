package io.sluice.storage.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Failures;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectHead;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class EndpointProbeTest {
    private static final String KEY = "vol/probe/1";

    private final MemoryObjectStore bucket = new MemoryObjectStore();

    /** Passes everything on. */
    private static class Endpoint implements ObjectStore {
        private final ObjectStore inner;

        Endpoint(ObjectStore inner) {
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
        public String describe() {
            return "the endpoint";
        }

        @Override
        public void close() {}
    }

    private static void expectMissing(ObjectStore store, String what) {
        Throwable failure = assertThrows(
                CompletionException.class,
                () -> new EndpointProbe(store, KEY).run().join());
        ObjectStoreException cause = assertInstanceOf(ObjectStoreException.class, Failures.unwrap(failure));
        assertEquals(ObjectStoreException.Kind.INVALID, cause.kind());
        assertTrue(String.valueOf(cause.getMessage()).contains(what), cause.getMessage());
    }

    @Test
    void aGoodEndpointPassesAndNothingIsLeft() {
        new EndpointProbe(bucket, KEY).run().join();
        assertEquals(List.of(), bucket.keys());
    }

    @Test
    void whatAnEarlierAttemptLeftDoesNotMatter() {
        bucket.replace(KEY, "sluice endpoint probe".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        new EndpointProbe(bucket, KEY).run().join();
        assertEquals(List.of(), bucket.keys());
    }

    @Test
    void aStoreThatIgnoresIfNoneMatchIsRefused() {
        expectMissing(
                new Endpoint(bucket) {
                    @Override
                    public CompletableFuture<String> put(
                            String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
                        return super.put(key, body, PutCondition.ALWAYS, cause);
                    }
                },
                "conditional put");
    }

    @Test
    void aStoreThatGivesTheWholeObjectForARangeIsRefused() {
        expectMissing(
                new Endpoint(bucket) {
                    @Override
                    public CompletableFuture<ByteBuffer> getRange(
                            String key, long offset, int length, RequestCause cause) {
                        return super.get(key, cause);
                    }
                },
                "ranged get");
    }

    @Test
    void aStoreThatListsLateIsRefused() {
        expectMissing(
                new Endpoint(bucket) {
                    @Override
                    public CompletableFuture<ObjectPage> list(
                            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
                        return CompletableFuture.completedFuture(new ObjectPage(List.of(), false));
                    }
                },
                "listing after write");
    }
}
