package io.sluice.storage.object;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.object.ObjectStoreException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Retries: how often, how long, and what is made of the answers. */
final class RetryingObjectStoreTest {
    private static final RequestCause CAUSE = RequestCause.FLUSH;
    private static final Duration TOTAL = Duration.ofSeconds(60);

    private final ManualTime time = new ManualTime();
    private final MemoryObjectStore memory = new MemoryObjectStore();
    private final ScriptedStore scripted = new ScriptedStore(memory);
    private final RequestMeters meters = new RequestMeters();

    @Test
    void goesThroughWhenTheServerRecovers() {
        scripted.answer(Kind.UNAVAILABLE, Kind.UNAVAILABLE, null);
        CompletableFuture<String> put = put(retrying(5));
        assertFalse(put.isDone());
        time.advance(Duration.ofSeconds(1));
        assertTrue(put.isDone() && !put.isCompletedExceptionally());
        assertEquals(3, scripted.attempts());
        assertEquals(2, retriesCounted());
        assertEquals(0, time.timersSet(), "the deadline's timer is taken back");
    }

    @Test
    void givesUpAfterTheRetriesAndSaysHowOftenItTried() {
        scripted.answerAlways(Kind.UNAVAILABLE);
        CompletableFuture<String> put = put(retrying(3));
        time.advance(TOTAL);
        ObjectStoreException failure = ObjectStoreContract.assertFails(Kind.UNAVAILABLE, put);
        assertEquals(4, scripted.attempts());
        assertTrue(failure.getMessage().contains("attempts: 4"), failure.getMessage());
    }

    @Test
    void givesUpBeforeAPauseThatWouldEndBehindTheDeadline() {
        scripted.answerAlways(Kind.THROTTLED);
        CompletableFuture<String> put = put(retrying(1000));
        time.advance(TOTAL.plusSeconds(1));
        ObjectStoreContract.assertFails(Kind.THROTTLED, put);
        int attempts = scripted.attempts();
        time.advance(TOTAL);
        assertEquals(attempts, scripted.attempts(), "nothing is sent after the end");
    }

    @Test
    void aRequestThatNeverAnswersEndsAtTheDeadlineAndIsCancelled() {
        scripted.hang();
        CompletableFuture<String> put = put(retrying(3));
        time.advance(TOTAL.minusNanos(1));
        assertFalse(put.isDone());
        time.advance(Duration.ofNanos(1));
        ObjectStoreContract.assertFails(Kind.UNAVAILABLE, put);
        assertTrue(scripted.hanging().isCancelled());
    }

    @Test
    void whatTryingAgainDoesNotMendIsNotTriedAgain() {
        for (Kind kind : List.of(Kind.NOT_FOUND, Kind.DENIED, Kind.INVALID, Kind.FULL, Kind.PRECONDITION_FAILED)) {
            scripted.answer(kind);
            int before = scripted.attempts();
            ObjectStoreException failure = ObjectStoreContract.assertFails(kind, put(retrying(5)));
            assertEquals(before + 1, scripted.attempts(), kind.name());
            assertFalse(failure.afterUnknownOutcome(), kind.name());
        }
    }

    @Test
    void aConflictAfterALostReplyIsMarked() {
        FaultyObjectStore faulty = new FaultyObjectStore(memory, 1, FaultPlan.none(), time);
        faulty.loseReplies(1);
        ObjectStore retrying = retrying(faulty, 5, 1);
        CompletableFuture<String> put =
                retrying.put("manifest/1", ByteBuffer.wrap(new byte[] {7}), PutCondition.IF_ABSENT, CAUSE);
        time.advance(TOTAL);
        ObjectStoreException failure = ObjectStoreContract.assertFails(Kind.PRECONDITION_FAILED, put);
        assertTrue(failure.afterUnknownOutcome());
        assertTrue(Arrays.equals(new byte[] {7}, memory.bytes("manifest/1")), "the caller's own put had won");
    }

    @Test
    void aFailureOfAReadIsNeverMarked() {
        scripted.answer(Kind.UNAVAILABLE, Kind.NOT_FOUND);
        CompletableFuture<ByteBuffer> get = retrying(5).get("key", CAUSE);
        time.advance(TOTAL);
        assertFalse(ObjectStoreContract.assertFails(Kind.NOT_FOUND, get).afterUnknownOutcome());
    }

    @Test
    void pausesGrowStayBoundedAndAreLongerWhenThrottled() {
        RetrySchedule schedule = RetrySchedule.of(100, TOTAL);
        assertEquals(Duration.ofMillis(100).toNanos(), schedule.pauseBoundNanos(1, false, CAUSE));
        assertEquals(Duration.ofMillis(200).toNanos(), schedule.pauseBoundNanos(2, false, CAUSE));
        assertEquals(Duration.ofSeconds(1).toNanos(), schedule.pauseBoundNanos(1, true, CAUSE));
        for (int attempt = 1; attempt < 200; attempt++) {
            long pause = schedule.pauseBoundNanos(attempt, false, CAUSE);
            assertTrue(pause > 0 && pause <= schedule.pauseMax().toNanos(), "attempt " + attempt);
            assertTrue(pause <= schedule.pauseBoundNanos(attempt + 1, false, CAUSE), "attempt " + attempt);
            assertTrue(pause < schedule.pauseBoundNanos(attempt, true, CAUSE), "attempt " + attempt);
        }
    }

    /** A read joins the request that is under way: the pause of one that began in the outage must not outlast its patience. */
    @Test
    void whatAHostWaitsForIsTriedAtLeastEverySecond() {
        RetrySchedule schedule = RetrySchedule.of(100, TOTAL);
        for (RequestCause cause : List.of(RequestCause.HOST, RequestCause.READ_AHEAD)) {
            assertEquals(Duration.ofSeconds(1).toNanos(), schedule.pauseBoundNanos(30, false, cause));
        }
        assertEquals(Duration.ofSeconds(10).toNanos(), schedule.pauseBoundNanos(30, false, RequestCause.FLUSH));
        scripted.answerAlways(Kind.UNAVAILABLE);
        CompletableFuture<ByteBuffer> waiting = retrying(1000).get("key", RequestCause.HOST);
        for (int second = 0; second < 55; second++) {
            int before = scripted.attempts();
            time.advance(Duration.ofMillis(1001));
            assertTrue(scripted.attempts() > before, "second " + second);
        }
        assertFalse(waiting.isDone());
    }

    @Test
    void contendersDoNotRetryInStep() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        scripted.answerAlways(Kind.UNAVAILABLE);
        ObjectStore retrying = retrying(scripted, 1, seed);
        for (int i = 0; i < 50; i++) {
            var unused = put(retrying);
        }
        time.advance(Duration.ofMillis(50));
        int retried = scripted.attempts() - 50;
        assertTrue(retried > 5 && retried < 45, "after half the pause " + retried + " of 50 tried again, seed " + seed);
    }

    @Test
    void everyRequestGoesThroughAStoreThatFailsHalfTheTime() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        FaultPlan plan = new FaultPlan(0.15, 0.15, 0.15, 0.15, 0.3, Duration.ofMillis(20));
        ObjectStore retrying = retrying(new FaultyObjectStore(memory, seed, plan, time), 1000, seed);
        for (int i = 0; i < 200; i++) {
            String key = "k/" + i;
            byte[] body = {(byte) i, 1, 2};
            CompletableFuture<String> put = retrying.put(key, ByteBuffer.wrap(body), PutCondition.ALWAYS, CAUSE);
            time.advance(TOTAL);
            ObjectStoreContract.done(put);
            CompletableFuture<ByteBuffer> get = retrying.getRange(key, 1, 2, CAUSE);
            time.advance(TOTAL);
            assertEquals(ByteBuffer.wrap(body, 1, 2), ObjectStoreContract.done(get), "seed " + seed);
        }
    }

    private RetryingObjectStore retrying(int retries) {
        return retrying(scripted, retries, 1);
    }

    private RetryingObjectStore retrying(ObjectStore inner, int retries, long seed) {
        RetrySchedule schedule = RetrySchedule.of(retries, TOTAL);
        return new RetryingObjectStore(inner, schedule, time, new SeededEntropy(seed), time, meters);
    }

    private static CompletableFuture<String> put(ObjectStore store) {
        return store.put("key", ByteBuffer.allocate(3), PutCondition.ALWAYS, CAUSE);
    }

    private long retriesCounted() {
        return meters.meter(ObjectOperation.PUT, CAUSE)
                .statistics(ObjectOperation.PUT, CAUSE)
                .retries();
    }
}
