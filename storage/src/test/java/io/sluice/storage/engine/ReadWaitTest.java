package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.volume.IoFailure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads of what only an unreachable bucket has: they wait for a bounded time, hold up nobody, and are never called unreadable. */
final class ReadWaitTest {
    private static final int BLOCK = 4096;
    private static final int PIECE = 128 << 10;
    private static final int PIECES = 40;
    private static final Duration WAIT = Duration.ofSeconds(20);
    private static final long SECOND = 1_000_000_000;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(
            bucket,
            21,
            SimulatedSettings.plain()
                    .journal(ByteSize.ofMiB(16), ByteSize.ofMiB(1), Duration.ofSeconds(20))
                    .segmentSize(ByteSize.ofKiB(256))
                    .readCache(ByteSize.ofMiB(16), ByteSize.ofKiB(0))
                    .readWait(WAIT));

    /** All pieces are in the bucket, none is here; of the first, all index pages are known. */
    private void openCold() {
        gateway.create(ByteSize.ofMiB(64));
        gateway.open();
        for (int i = 0; i < PIECES; i++) {
            gateway.port().fill((long) i * PIECE, PIECE, i + 1);
        }
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        gateway.open();
    }

    private long now() {
        return gateway.runtime().clock().monotonicNanos();
    }

    private CompletableFuture<Optional<IoFailure>> beginRead(long offset, ByteBuffer into) {
        return gateway.port().begin((on, done) -> on.read(offset, into, done));
    }

    /** Reads, and tells how long that took. */
    private long nanosOf(long offset, IoFailure.Kind expected) {
        long begin = now();
        assertEquals(
                expected, gateway.port().tryRead(offset, BLOCK).orElseThrow().kind());
        return now() - begin;
    }

    private static void assertWaited(long nanos) {
        assertTrue(nanos >= WAIT.toNanos() && nanos < WAIT.toNanos() + SECOND, "waited " + nanos / 1e9 + " s");
    }

    @Test
    void inAnOutageAReadWaitsItsTimeThenGetsBusyAndWorksAfterwards() {
        openCold();
        gateway.faults().setOutage(true);
        assertWaited(nanosOf(0, IoFailure.Kind.BUSY));
        assertWaited(nanosOf(0, IoFailure.Kind.BUSY));
        gateway.faults().setOutage(false);
        assertTrue(gateway.port().holds(0, PIECE, 1));
    }

    @Test
    void aReadGoesOnWhenTheBucketComesBackInTime() {
        openCold();
        gateway.faults().setOutage(true);
        ByteBuffer into = ByteBuffer.allocate(PIECE);
        CompletableFuture<Optional<IoFailure>> read = beginRead(3L * PIECE, into);
        gateway.runtime().runFor(Duration.ofSeconds(12));
        assertTrue(!read.isDone());
        gateway.faults().setOutage(false);
        gateway.runtime().runFor(Duration.ofSeconds(7));
        assertTrue(read.isDone() && read.join().isEmpty(), read::toString);
        assertEquals(4, into.get(17));
    }

    @Test
    void aBucketThatDoesNotAnswerHoldsNobodyLongerAndItsAnswerServesWhoComesLater() {
        openCold();
        gateway.port().read(0, BLOCK);
        gateway.faults().setPlan(new FaultPlan(0, 0, 0, 0, 1, Duration.ofNanos(1)));
        ByteBuffer into = ByteBuffer.allocate(BLOCK);
        gateway.faults().setPlan(hanging());
        gateway.requests().forget();
        CompletableFuture<Optional<IoFailure>> read = beginRead(5L * PIECE, into);
        gateway.runtime().runFor(WAIT.plusMillis(1));
        assertEquals(IoFailure.Kind.BUSY, read.join().orElseThrow().kind());
        gateway.faults().setPlan(FaultPlan.none());
        int asked = gateway.requests().requests().size();
        Optional<IoFailure> later = gateway.port().tryRead(5L * PIECE, BLOCK);
        assertEquals(Optional.empty(), later);
        assertTrue(gateway.requests().requests().size() <= asked + 2, "it joins what is under way");
        assertEquals(0, into.get(0), "a buffer that was given back is not touched");
    }

    @Test
    void aLateAnswerDoesNotTouchABufferThatWasGivenBack() {
        openCold();
        gateway.port().read(0, BLOCK); // the index pages are here now
        gateway.faults().setPlan(new FaultPlan(0, 0, 0, 0, 1, Duration.ofSeconds(29)));
        int busy = 0;
        for (int i = 1; i < PIECES; i++) {
            ByteBuffer into = ByteBuffer.allocate(BLOCK);
            CompletableFuture<Optional<IoFailure>> read = beginRead((long) i * PIECE, into);
            gateway.runtime().runFor(Duration.ofMinutes(2));
            if (read.join().isPresent()) {
                busy++;
                assertEquals(ByteBuffer.allocate(BLOCK), into.clear(), "piece " + i);
            }
        }
        assertTrue(busy > 0, "no answer was late");
    }

    /** Every answer takes up to half a minute: the retry layer gives up after 30 s. */
    private static FaultPlan hanging() {
        return new FaultPlan(0, 0, 0, 0, 1, Duration.ofHours(10));
    }

    @Test
    void whatIsHereIsServedAtOnceThoughManyReadsAndPartialWritesWait() {
        openCold();
        gateway.port().read(0, PIECE);
        gateway.port().fill(50L * PIECE, PIECE, 99);
        gateway.faults().setOutage(true);
        List<CompletableFuture<Optional<IoFailure>>> waiting = new ArrayList<>();
        for (int i = 1; i < PIECES; i++) {
            waiting.add(beginRead((long) i * PIECE, ByteBuffer.allocate(PIECE)));
            waiting.add(gateway.port().beginWrite((long) i * PIECE + 512, new byte[512], false));
        }
        gateway.runtime().runFor(Duration.ofSeconds(1));
        assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
        long begin = now();
        for (int i = 0; i < 100; i++) {
            assertEquals(Optional.empty(), gateway.port().tryRead((long) (i % 32) * BLOCK, BLOCK));
            assertEquals(Optional.empty(), gateway.port().tryRead(50L * PIECE + (i % 32) * (long) BLOCK, BLOCK));
            gateway.port().fill(60L * PIECE, BLOCK, i);
        }
        assertEquals(begin, now(), "it took virtual time");
        gateway.runtime().runFor(WAIT);
        assertTrue(
                waiting.stream().allMatch(CompletableFuture::isDone),
                "two writes of one stripe wait one after the other");
        waiting.forEach(one ->
                assertEquals(IoFailure.Kind.BUSY, one.join().orElseThrow().kind()));
    }

    @Test
    void waitingReadsAreBoundedInNumber() {
        openCold();
        gateway.port().read(0, BLOCK);
        gateway.faults().setPlan(hanging());
        List<CompletableFuture<Optional<IoFailure>>> waiting = new ArrayList<>();
        for (int i = 0; i < LeafLoader.UNDER_WAY_MAX + 100; i++) {
            waiting.add(beginRead((long) i * 64 * BLOCK % (64 << 20), ByteBuffer.allocate(BLOCK)));
        }
        gateway.runtime().runFor(WAIT.plusSeconds(1));
        waiting.forEach(one -> assertTrue(one.isDone()));
        gateway.faults().setPlan(FaultPlan.none());
        gateway.runtime().runFor(Duration.ofMinutes(2));
        assertTrue(gateway.port().holds(0, PIECE, 1));
    }

    @Test
    void mappingAndCopyingWaitNoLongerEither() {
        openCold();
        gateway.faults().setPlan(hanging());
        long begin = now();
        Optional<IoFailure> mapping =
                gateway.run((on, done) -> on.mapping(0, 64 << 20, 10, (runs, why) -> done.complete(why)));
        assertEquals(IoFailure.Kind.BUSY, mapping.orElseThrow().kind());
        assertWaited(now() - begin);
        begin = now();
        Optional<IoFailure> copy = gateway.run((on, done) -> on.copy(PIECE, 40L << 20, PIECE, false, done));
        assertEquals(IoFailure.Kind.BUSY, copy.orElseThrow().kind());
        assertTrue(now() - begin <= WAIT.toNanos(), "it waited " + (now() - begin) / 1e9 + " s");
    }

    /** What each kind of failure of the store means for a host; ARCHITECTURE.md has the table. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyKindOfFailureMeansWhatTheTableSays(Kind kind) {
        openCold();
        gateway.port().read(0, BLOCK);
        AtomicInteger failed = new AtomicInteger();
        failReads(kind, failed);
        long begin = now();
        IoFailure failure = gateway.port().tryRead(7L * PIECE, BLOCK).orElseThrow();
        switch (kind) {
            case NOT_FOUND, INVALID -> {
                assertEquals(IoFailure.Kind.UNREADABLE, failure.kind());
                assertTrue(now() - begin < SECOND, "there is nothing to wait for");
            }
            case PRECONDITION_FAILED, THROTTLED, UNAVAILABLE, DENIED, FULL -> {
                assertEquals(IoFailure.Kind.BUSY, failure.kind());
                assertWaited(now() - begin);
                // A store that throttles is asked so slowly that the first request may still be tried.
                assertTrue(kind == Kind.THROTTLED || failure.message().contains("injected"), failure.message());
            }
        }
        assertTrue(failed.get() > 0);
    }

    private void failReads(Kind kind, AtomicInteger failed) {
        gateway.beforeRequest(request -> request.operation() == ObjectOperation.GET_RANGE, () -> {
            failed.incrementAndGet();
            failReads(kind, failed);
            throw new CompletionException(new ObjectStoreException(kind, "injected", null));
        });
    }
}
