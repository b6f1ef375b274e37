package io.sluice.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is counted, and by what. */
final class MeteredObjectStoreTest {
    private final ManualTime time = new ManualTime();
    private final ScriptedStore scripted = new ScriptedStore(new MemoryObjectStore());
    private final RequestMeters meters = new RequestMeters();
    private final MeteredObjectStore metered = new MeteredObjectStore(scripted, meters, time);

    @Test
    void requestsAndBytesAreCountedByOperationAndCause() {
        ByteBuffer body = ByteBuffer.allocate(100);
        ObjectStoreContract.done(metered.put("a", body, PutCondition.ALWAYS, RequestCause.FLUSH));
        ObjectStoreContract.done(metered.put("b", body, PutCondition.ALWAYS, RequestCause.FLUSH));
        ObjectStoreContract.done(metered.put("c", body, PutCondition.IF_ABSENT, RequestCause.MANIFEST));
        ObjectStoreContract.done(metered.get("a", RequestCause.RECOVERY));
        ObjectStoreContract.done(metered.getRange("a", 10, 20, RequestCause.HOST));
        ObjectStoreContract.done(metered.head("a", RequestCause.GC));
        ObjectStoreContract.done(metered.list("", null, 10, RequestCause.GC));
        assertEquals(
                Map.of(
                        "put/FLUSH", 2L,
                        "putIfAbsent/MANIFEST", 1L,
                        "get/RECOVERY", 1L,
                        "getRange/HOST", 1L,
                        "head/GC", 1L,
                        "list/GC", 1L),
                metered.snapshot());
        assertEquals(300, metered.bytesUploaded());
        assertEquals(120, metered.bytesDownloaded());
    }

    @Test
    void aDeletionCountsTheRequestsItTakes() {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 2001; i++) {
            keys.add("k" + i);
        }
        ObjectStoreContract.done(metered.delete(keys, RequestCause.GC));
        assertEquals(Map.of("delete/GC", 3L), metered.snapshot());
    }

    @Test
    void retriesAreOnTheBill() {
        RetrySchedule schedule = RetrySchedule.of(5, Duration.ofMinutes(1));
        ObjectStore retrying = new RetryingObjectStore(scripted, schedule, time, new SeededEntropy(1), time, meters);
        MeteredObjectStore both = new MeteredObjectStore(retrying, meters, time);
        scripted.answer(Kind.UNAVAILABLE, Kind.THROTTLED, Kind.NOT_FOUND);
        var get = both.get("absent", RequestCause.HOST);
        time.advance(Duration.ofMinutes(1));
        ObjectStoreContract.assertFails(Kind.NOT_FOUND, get);
        assertEquals(Map.of("get/HOST", 3L), both.snapshot());
        RequestStatistics one = both.statistics().get(0);
        assertEquals(1, one.requests());
        assertEquals(2, one.retries());
        assertEquals(1, one.failures());
        assertEquals(0, one.bytes().downloaded());
    }

    @Test
    void latencyIsKeptAsSumLongestAndDistribution() {
        scripted.hold();
        for (int micros : new int[] {1, 3, 3, 1000}) {
            var list = metered.list("", null, 1, RequestCause.ADMIN);
            time.advance(Duration.ofNanos(micros * 1000L));
            scripted.release();
            ObjectStoreContract.done(list);
        }
        RequestStatistics.Latency latency = metered.statistics().get(0).latency();
        assertEquals(1_007_000, latency.nanosTotal());
        assertEquals(1_000_000, latency.nanosMax());
        assertEquals(4, latency.count());
        assertEquals(4, latency.microsAtShare(0.5));
        assertEquals(1024, latency.microsAtShare(0.99));
        assertTrue(RequestMeter.bucketOf(Long.MAX_VALUE) == RequestMeter.LATENCY_BUCKETS - 1);
        assertEquals(0, RequestMeter.bucketOf(0));
    }
}
