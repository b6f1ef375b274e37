package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.volume.IoFailure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A host that reads in sequence finds what it needs in the cache; one that does not costs no request more. */
final class ReadAheadTest {
    private static final int PIECE = 128 << 10;
    private static final int PIECES = 512;
    private static final long WINDOW = 4 << 20;
    /** What a page of the mapping describes. */
    private static final long PAGE = 16 << 20;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(
            bucket,
            31,
            SimulatedSettings.plain()
                    .journal(ByteSize.ofMiB(16), ByteSize.ofMiB(1), Duration.ofSeconds(20))
                    .segmentSize(ByteSize.ofMiB(1))
                    .readCache(ByteSize.ofMiB(64), ByteSize.ofMiB(4)));

    private void openCold() {
        gateway.create(ByteSize.ofMiB(64));
        gateway.open();
        for (int i = 0; i < PIECES; i++) {
            gateway.port().fill((long) i * PIECE, PIECE, (i % 100) + 1);
        }
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        gateway.open();
    }

    private long readAheads() {
        return gateway.requests().count(request -> request.cause() == RequestCause.READ_AHEAD);
    }

    @Test
    void severalPiecesAreUnderWayAtATime() {
        openCold();
        int next = 0;
        while (next < PIECES / 2) {
            gateway.port().read((long) next * PIECE, PIECE);
            next++;
        }
        gateway.runtime().runFor(Duration.ofSeconds(1));
        assertTrue(readAheads() > 0);
        gateway.faults().setPlan(new FaultPlan(0, 0, 0, 0, 1, Duration.ofHours(10)));
        int begun = 0;
        long bytes = 0;
        while (true) {
            int before = gateway.requests().requests().size();
            ByteBuffer into = ByteBuffer.allocate(PIECE);
            long offset = (long) next * PIECE;
            CompletableFuture<Optional<IoFailure>> read =
                    gateway.port().begin((on, done) -> on.read(offset, into, done));
            gateway.runtime().runFor(Duration.ofMillis(10));
            if (!read.isDone()) {
                break;
            }
            assertEquals((next % 100) + 1, into.get(PIECE - 1), "piece " + next);
            begun += gateway.requests().requests().size() > before ? 1 : 0;
            bytes += PIECE;
            next++;
        }
        assertTrue(begun >= 3, begun + " requests were begun while none was answered");
        assertTrue(bytes >= WINDOW / 2 && bytes <= WINDOW, "the host got " + bytes + " bytes meanwhile");
    }

    /** So that each piece waits for the store once, for its frames, and not for a page before. */
    @Test
    void pagesOfTheMappingAreAskedForWithThePieceBefore() {
        openCold();
        List<Long> askedAt = new ArrayList<>();
        for (int i = 0; i < PIECES; i++) {
            long before = pages();
            gateway.port().read((long) i * PIECE, PIECE);
            gateway.runtime().runFor(Duration.ofMillis(10));
            askedAt.addAll(Collections.nCopies((int) (pages() - before), (long) (i + 1) * PIECE));
        }
        assertEquals(
                3 + 2, askedAt.size(), "four pages of which each describes 16 MiB, and the one above them: " + askedAt);
        for (int page = 1; page <= 3; page++) {
            long reader = askedAt.get(page + 1);
            assertTrue(
                    reader <= page * PAGE - WINDOW,
                    "page " + page + " was asked for when the reader was at " + reader + ", with its own piece");
        }
    }

    private long pages() {
        return gateway.requests().count(request -> request.kind().contains(" checkpoint "));
    }

    @Test
    void scatteredReadsAskForNothingAhead() {
        openCold();
        for (int i = 0; i < PIECES; i += 2) {
            int scattered = (i * 37) % PIECES;
            assertTrue(gateway.port().holds((long) scattered * PIECE, PIECE, (scattered % 100) + 1));
        }
        assertEquals(0, readAheads());
    }
}
