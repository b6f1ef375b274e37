package io.sluice.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Limits: how many at once, how fast, in which order. */
final class LimitedObjectStoreTest {
    private static final RequestCause CAUSE = RequestCause.HOST;
    private static final int RATE = 1 << 20;

    private final ManualTime time = new ManualTime();
    private final MemoryObjectStore memory = new MemoryObjectStore();
    private final ScriptedStore scripted = new ScriptedStore(memory);

    @Test
    void onlySoManyRequestsAreUnderWayAndTheOthersFollowInOrder() {
        scripted.hold();
        ObjectStore limited = limited(2, OptionalLong.empty());
        List<CompletableFuture<String>> puts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            puts.add(put(limited, "k" + i, 1));
        }
        assertEquals(List.of("k0", "k1"), scripted.began());
        scripted.release();
        assertTrue(puts.get(0).isDone());
        assertEquals(List.of("k0", "k1", "k2"), scripted.began());
        while (scripted.heldRequests() > 0) {
            scripted.release();
        }
        assertEquals(List.of("k0", "k1", "k2", "k3", "k4"), scripted.began());
        puts.forEach(ObjectStoreContract::done);
    }

    @Test
    void aFailedRequestFreesItsSlot() {
        scripted.answer(Kind.DENIED, Kind.UNAVAILABLE, null);
        ObjectStore limited = limited(1, OptionalLong.empty());
        ObjectStoreContract.assertFails(Kind.DENIED, put(limited, "a", 1));
        ObjectStoreContract.assertFails(Kind.UNAVAILABLE, put(limited, "b", 1));
        ObjectStoreContract.done(put(limited, "c", 1));
    }

    @Test
    void aRequestCancelledWhileItWaitsIsNeverSent() {
        scripted.hold();
        ObjectStore limited = limited(1, OptionalLong.empty());
        var unused = put(limited, "first", 1);
        CompletableFuture<String> second = put(limited, "second", 1);
        CompletableFuture<String> third = put(limited, "third", 1);
        second.cancel(true);
        scripted.release();
        assertEquals(List.of("first", "third"), scripted.began());
        scripted.release();
        ObjectStoreContract.done(third);
    }

    @Test
    void manifestsGoToTheHeadOfTheLine() {
        scripted.hold();
        ObjectStore limited = limited(1, OptionalLong.of(RATE));
        List<CompletableFuture<String>> segments = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            segments.add(put(limited, "segment" + i, 8 * RATE));
        }
        CompletableFuture<String> manifest =
                limited.put("manifest", ByteBuffer.allocate(1000), PutCondition.IF_ABSENT, RequestCause.MANIFEST);
        assertEquals(List.of("segment0"), scripted.began());
        scripted.release();
        assertEquals(List.of("segment0", "manifest"), scripted.began(), "though there is no bandwidth left");
        scripted.release();
        ObjectStoreContract.done(manifest);
        assertTrue(segments.stream().skip(1).noneMatch(CompletableFuture::isDone));
    }

    @Test
    void tensOfThousandsInLineEndWithoutDeepStacks() {
        scripted.hold();
        ObjectStore limited = limited(1, OptionalLong.empty());
        var unused = put(limited, "first", 1);
        ObjectStore next = limited;
        List<CompletableFuture<ObjectPage>> lists = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            lists.add(next.list("x", null, 1, CAUSE));
        }
        while (scripted.heldRequests() > 0) {
            scripted.release();
        }
        lists.forEach(ObjectStoreContract::done);
    }

    @Test
    void uploadsKeepToTheBandwidth() {
        ObjectStore limited = limited(100, OptionalLong.of(RATE));
        List<CompletableFuture<String>> puts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            puts.add(put(limited, "k" + i, RATE));
        }
        Duration step = Duration.ofMillis(100);
        for (int tenths = 1; tenths <= 100; tenths++) {
            time.advance(step);
            long done = puts.stream().filter(CompletableFuture::isDone).count();
            long bytesBegun = done * RATE;
            // One whole object may be ahead of its bytes, and the burst is an eighth of a second.
            double allowed = RATE * (tenths * 0.1 + 0.125) + RATE;
            assertTrue(bytesBegun <= allowed, done + " after " + tenths + " tenths of a second");
            assertTrue(done >= Math.min(10, tenths / 10), done + " after " + tenths + " tenths of a second");
        }
    }

    @Test
    void downloadsOfUnknownSizeArePaidForAfterwards() {
        memory.replace("big", new byte[4 * RATE]);
        memory.replace("small", new byte[16]);
        ObjectStore limited = limited(100, OptionalLong.of(RATE));
        ObjectStoreContract.done(limited.get("big", CAUSE));
        CompletableFuture<ByteBuffer> next = limited.getRange("small", 0, 16, CAUSE);
        time.advance(Duration.ofMillis(3500));
        assertFalse(next.isDone());
        time.advance(Duration.ofMillis(600));
        assertTrue(next.isDone());
    }

    @Test
    void downloadsDoNotWaitForUploads() {
        memory.replace("small", new byte[16]);
        ObjectStore limited = limited(100, OptionalLong.of(RATE));
        ObjectStoreContract.done(put(limited, "a", 10 * RATE));
        CompletableFuture<String> second = put(limited, "b", RATE);
        ObjectStoreContract.done(limited.getRange("small", 0, 16, CAUSE));
        ObjectStoreContract.done(limited.head("small", CAUSE));
        assertFalse(second.isDone());
        time.advance(Duration.ofSeconds(11));
        assertTrue(second.isDone());
    }

    @Test
    void bandwidthOfCancelledRequestsIsGivenBack() {
        ObjectStore limited = limited(100, OptionalLong.of(RATE));
        ObjectStoreContract.done(put(limited, "a", RATE));
        put(limited, "b", 100 * RATE).cancel(true);
        CompletableFuture<String> third = put(limited, "c", 1);
        time.advance(Duration.ofSeconds(2));
        assertTrue(third.isDone());
        assertEquals(List.of("a", "c"), scripted.began());
    }

    @Test
    void theAverageHoldsForRandomTransfers() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        ObjectStore limited = limited(1000, OptionalLong.of(RATE));
        long bytes = 0;
        long startNanos = time.monotonicNanos();
        List<CompletableFuture<String>> puts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int length = random.nextInt(RATE / 4);
            bytes += length;
            puts.add(put(limited, "k" + i, length));
            time.advance(Duration.ofMillis(random.nextInt(30)));
        }
        while (!puts.get(99).isDone()) {
            time.advance(Duration.ofMillis(10));
        }
        double seconds = (time.monotonicNanos() - startNanos) / 1e9;
        double rate = bytes / seconds;
        assertTrue(rate < 1.1 * RATE && rate > 0.85 * RATE, rate + " bytes per second, seed " + seed);
        assertEquals(100, scripted.began().size());
    }

    private ObjectStore limited(int requests, OptionalLong rate) {
        return new LimitedObjectStore(scripted, requests, rate, time, time);
    }

    private static CompletableFuture<String> put(ObjectStore store, String key, int length) {
        return store.put(key, ByteBuffer.allocate(length), PutCondition.ALWAYS, CAUSE);
    }
}
