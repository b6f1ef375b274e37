package io.sluice.storage.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.VolumeSettings.Fencing;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.ForwardingObjectStore;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectPage;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.EngineClock;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class EndpointProbeTest {
    private static final String KEY = "vol/probe/1";

    private final MemoryObjectStore bucket = new MemoryObjectStore();

    private static EndpointProbe probe(ObjectStore store) {
        return probe(store, Fencing.CONDITIONAL_PUT);
    }

    private static EndpointProbe probe(ObjectStore store, Fencing fencing) {
        return new EndpointProbe(store, KEY, fencing, new FixedClock());
    }

    /** Stands still. */
    private static final class FixedClock implements EngineClock {
        static final long MILLIS = 1_800_000_000_000L;

        @Override
        public long monotonicNanos() {
            return 0;
        }

        @Override
        public Instant wallTime() {
            return Instant.ofEpochMilli(MILLIS);
        }
    }

    /** Ignores {@code If-None-Match}, as old servers do. */
    private ObjectStore ignoring() {
        return new ForwardingObjectStore(bucket) {
            @Override
            public CompletableFuture<String> put(
                    String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
                return super.put(key, body, PutCondition.ALWAYS, cause);
            }
        };
    }

    /** Answers 501 to {@code If-None-Match}, as others do. */
    private ObjectStore refusing() {
        return new ForwardingObjectStore(bucket) {
            @Override
            public CompletableFuture<String> put(
                    String key, ByteBuffer body, PutCondition condition, RequestCause cause) {
                return condition == PutCondition.IF_ABSENT
                        ? CompletableFuture.failedFuture(
                                new ObjectStoreException(ObjectStoreException.Kind.INVALID, "HTTP 501", null))
                        : super.put(key, body, condition, cause);
            }
        };
    }

    /** Its clock is ahead by so much. */
    private ObjectStore ahead(long millis) {
        return new ForwardingObjectStore(bucket) {
            @Override
            public OptionalLong serverTimeMillis() {
                return OptionalLong.of(FixedClock.MILLIS + millis);
            }
        };
    }

    private static void expectMissing(ObjectStore store, String what) {
        expectMissing(store, Fencing.CONDITIONAL_PUT, what);
    }

    private static void expectMissing(ObjectStore store, Fencing fencing, String what) {
        Throwable failure = assertThrows(
                CompletionException.class, () -> probe(store, fencing).run().join());
        ObjectStoreException cause = assertInstanceOf(ObjectStoreException.class, Failures.unwrap(failure));
        assertEquals(ObjectStoreException.Kind.INVALID, cause.kind());
        assertTrue(String.valueOf(cause.getMessage()).contains(what), cause.getMessage());
    }

    @Test
    void aGoodEndpointPassesAndNothingIsLeft() {
        probe(bucket).run().join();
        assertEquals(List.of(), bucket.keys());
    }

    @Test
    void whatAnEarlierAttemptLeftDoesNotMatter() {
        bucket.replace(KEY, "sluice endpoint probe".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        probe(bucket).run().join();
        assertEquals(List.of(), bucket.keys());
    }

    @Test
    void aStoreThatIgnoresIfNoneMatchIsRefused() {
        expectMissing(ignoring(), "conditional put");
    }

    @Test
    void aStoreThatRefusesIfNoneMatchIsRefused() {
        expectMissing(refusing(), "conditional put");
    }

    @Test
    void withoutFencingAStoreWithoutConditionsPassesWithAWarning() {
        for (ObjectStore endpoint : List.of(ignoring(), refusing())) {
            EndpointProbe.Result result = probe(endpoint, Fencing.NONE).run().join();
            assertFalse(result.conditionalPut());
            assertTrue(result.warnings().get(0).contains("fencing = none"), result.toString());
            assertEquals(List.of(), bucket.keys());
        }
    }

    @Test
    void withoutFencingAStoreWithConditionsIsTold() {
        EndpointProbe.Result result = probe(bucket, Fencing.NONE).run().join();
        assertTrue(result.conditionalPut());
        assertTrue(result.warnings().get(0).contains("write fencing = conditional-put"), result.toString());
    }

    @Test
    void withoutFencingTheRestIsStillTested() {
        expectMissing(
                new ForwardingObjectStore(bucket) {
                    @Override
                    public CompletableFuture<ObjectPage> list(
                            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
                        return CompletableFuture.completedFuture(new ObjectPage(List.of(), false));
                    }
                },
                Fencing.NONE,
                "listing after write");
    }

    @Test
    void aClockThatDiffersIsToldAndFromFourteenMinutesOnRefused() {
        assertEquals(List.of(), probe(ahead(59_000)).run().join().warnings());
        assertTrue(probe(ahead(61_000)).run().join().warnings().get(0).contains("61 s behind"));
        assertTrue(probe(ahead(-839_000)).run().join().warnings().get(0).contains("839 s ahead"));
        expectMissing(ahead(841_000), "841 s behind");
        expectMissing(ahead(-841_000), "841 s ahead");
    }

    @Test
    void aStoreThatGivesTheWholeObjectForARangeIsRefused() {
        expectMissing(
                new ForwardingObjectStore(bucket) {
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
                new ForwardingObjectStore(bucket) {
                    @Override
                    public CompletableFuture<ObjectPage> list(
                            String prefix, @Nullable String startAfter, int limit, RequestCause cause) {
                        return CompletableFuture.completedFuture(new ObjectPage(List.of(), false));
                    }
                },
                "listing after write");
    }
}
