package io.sluice.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The faults are what they say, repeatable, and all of them come. */
final class FaultyObjectStoreTest {
    private static final RequestCause CAUSE = RequestCause.FLUSH;

    private final ManualTime time = new ManualTime();
    private final MemoryObjectStore memory = new MemoryObjectStore();

    @Test
    void theSameSeedGivesTheSameFaults() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        assertEquals(history(seed), history(seed), "seed " + seed);
        assertNotEquals(history(seed), history(seed + 1), "seed " + seed);
    }

    @Test
    void everyKindOfFaultComesAndEachDoesWhatItSays() {
        FaultyObjectStore faulty = new FaultyObjectStore(memory, 7, FaultPlan.each(0.2, Duration.ZERO), time);
        TreeSet<String> seen = new TreeSet<>();
        for (int i = 0; i < 200; i++) {
            String key = "k" + i;
            ObjectStoreException failure = ObjectStoreContract.failureOf(put(faulty, key));
            boolean applied = memory.bytes(key) != null;
            seen.add((failure == null ? "fine" : failure.kind().name()) + (applied ? " applied" : ""));
        }
        assertEquals(List.of("THROTTLED", "UNAVAILABLE", "UNAVAILABLE applied", "fine applied"), List.copyOf(seen));
    }

    @Test
    void anOutageEndsEverythingAndAppliesNothing() {
        FaultyObjectStore faulty = new FaultyObjectStore(memory, 7, FaultPlan.none(), time);
        faulty.setOutage(true);
        ObjectStoreContract.assertFails(Kind.UNAVAILABLE, put(faulty, "key"));
        ObjectStoreContract.assertFails(Kind.UNAVAILABLE, faulty.list("", null, 1, CAUSE));
        assertEquals(List.of(), memory.keys());
        faulty.setOutage(false);
        ObjectStoreContract.done(put(faulty, "key"));
        assertEquals(List.of("key"), memory.keys());
    }

    @Test
    void delayedRequestsAreAppliedLater() {
        FaultPlan plan = new FaultPlan(0, 0, 0, 0, 1, Duration.ofSeconds(1));
        FaultyObjectStore faulty = new FaultyObjectStore(memory, 7, plan, time);
        var put = put(faulty, "key");
        assertFalse(put.isDone());
        assertEquals(List.of(), memory.keys());
        time.advance(Duration.ofSeconds(1));
        assertTrue(put.isDone());
        assertEquals(List.of("key"), memory.keys());
    }

    private List<String> history(long seed) {
        MemoryObjectStore bucket = new MemoryObjectStore();
        FaultyObjectStore faulty = new FaultyObjectStore(bucket, seed, FaultPlan.each(0.2, Duration.ZERO), time);
        List<String> history = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            history.add(String.valueOf(ObjectStoreContract.failureOf(put(faulty, "k" + i))));
            history.add(String.valueOf(ObjectStoreContract.failureOf(faulty.get("k" + i, CAUSE))));
        }
        return history;
    }

    private static CompletableFuture<String> put(ObjectStore store, String key) {
        return store.put(key, ByteBuffer.allocate(1), PutCondition.ALWAYS, CAUSE);
    }
}
