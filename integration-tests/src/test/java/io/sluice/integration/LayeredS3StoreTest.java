package io.sluice.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.engine.ObjectStores;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.RequestStatistics;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.SystemRuntime;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All layers of the store with real time and threads, against a server that goes away and comes back. */
final class LayeredS3StoreTest {
    private static final int PUTS = 30;
    private static final Duration RETRIES_LIMIT = Duration.ofMinutes(2);

    @Test
    void whatIsAskedForDuringAShortOutageIsDoneAfterIt(@TempDir Path directory) throws Exception {
        try (S3ProxyServer server = S3ProxyServer.start(directory);
                EngineRuntime runtime = new SystemRuntime(1)) {
            server.createBucket("bucket");
            try (MeteredObjectStore store =
                    ObjectStores.open(S3Fixture.settingsWithRetries(server.endpoint(), "bucket", 50), runtime)) {
                put(store, 0).get(30, TimeUnit.SECONDS);
                server.kill();
                List<CompletableFuture<String>> puts = new ArrayList<>();
                for (int i = 1; i <= PUTS; i++) {
                    puts.add(put(store, i));
                }
                awaitRetries(store);
                assertFalse(puts.stream().anyMatch(CompletableFuture::isDone), "nothing can succeed without a server");
                server.start();
                for (CompletableFuture<String> put : puts) {
                    assertFalse(put.get(60, TimeUnit.SECONDS).isEmpty());
                }
                int listed = store.list("k/", null, 1000, RequestCause.ADMIN)
                        .get(30, TimeUnit.SECONDS)
                        .objects()
                        .size();
                assertEquals(PUTS + 1, listed);
                assertEquals(0, flushes(store).failures());
            }
        }
    }

    @Test
    void aLongOutageEndsInUnavailable(@TempDir Path directory) throws Exception {
        try (S3ProxyServer server = S3ProxyServer.start(directory);
                EngineRuntime runtime = new SystemRuntime(1)) {
            server.createBucket("bucket");
            try (MeteredObjectStore store =
                    ObjectStores.open(S3Fixture.settingsWithRetries(server.endpoint(), "bucket", 2), runtime)) {
                server.kill();
                ExecutionException failure = assertThrows(
                        ExecutionException.class, () -> put(store, 1).get(60, TimeUnit.SECONDS));
                ObjectStoreException found = ObjectStoreException.find(failure);
                assertTrue(found != null && found.kind() == Kind.UNAVAILABLE, String.valueOf(failure));
                assertTrue(String.valueOf(found).contains("attempts: 3"), String.valueOf(found));
            }
        }
    }

    /** Until the server was asked in vain as often as there are puts. */
    private static void awaitRetries(MeteredObjectStore store) throws InterruptedException {
        long endNanos = System.nanoTime() + RETRIES_LIMIT.toNanos();
        while (flushes(store).retries() < PUTS) {
            assertTrue(System.nanoTime() - endNanos < 0, () -> "retries: " + flushes(store));
            Thread.sleep(20);
        }
    }

    private static RequestStatistics flushes(MeteredObjectStore store) {
        return store.statistics().stream()
                .filter(one -> one.cause() == RequestCause.FLUSH)
                .findFirst()
                .orElseThrow();
    }

    private static CompletableFuture<String> put(MeteredObjectStore store, int number) {
        return store.put("k/" + number, ByteBuffer.allocate(1000), PutCondition.ALWAYS, RequestCause.FLUSH);
    }
}
