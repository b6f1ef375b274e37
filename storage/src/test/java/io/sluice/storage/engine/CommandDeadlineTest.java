package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.volume.IoFailure;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** All that one command waits for has one deadline; a command that has not begun by then has changed nothing. */
final class CommandDeadlineTest {
    private static final int BLOCK = 4096;
    /** Blocks of one leaf, and so of one stripe of the gate. */
    private static final int LEAF = 256 << 10;

    private static final int LEAVES = 20;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(
            bucket,
            23,
            SimulatedSettings.plain()
                    .journal(ByteSize.ofMiB(16), ByteSize.ofMiB(1), LIMIT)
                    .segmentSize(ByteSize.ofKiB(256))
                    .readCache(ByteSize.ofMiB(16), ByteSize.ofKiB(0))
                    .readWait(LIMIT));

    /** Everything is in the bucket, nothing is here, and the bucket goes away. */
    private void openColdInAnOutage() {
        gateway.create(ByteSize.ofMiB(16));
        gateway.open();
        for (int i = 0; i < LEAVES; i++) {
            gateway.port().fill((long) i * LEAF, LEAF, i + 1);
        }
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        gateway.open();
        gateway.faults().setOutage(true);
    }

    private CompletableFuture<Optional<IoFailure>> partOfABlock(int leaf) {
        return gateway.port().beginWrite((long) leaf * LEAF + 512, new byte[512], false);
    }

    private void pass(int seconds) {
        gateway.runtime().runFor(Duration.ofSeconds(seconds));
    }

    private static void assertBusy(CompletableFuture<Optional<IoFailure>> command) {
        assertEquals(
                IoFailure.Kind.BUSY,
                command.getNow(Optional.empty()).orElseThrow().kind());
    }

    @Test
    void aWriteThatMeetsYoungerOnesAtEachStripeEndsInTimeAndChangesNothing() {
        openColdInAnOutage();
        CompletableFuture<Optional<IoFailure>> first = partOfABlock(0);
        pass(1);
        CompletableFuture<Optional<IoFailure>> wide = gateway.port().beginWrite(0, new byte[2 * LEAF], false);
        pass(18);
        CompletableFuture<Optional<IoFailure>> younger = partOfABlock(1);
        pass(1);
        CompletableFuture<Optional<IoFailure>> behind = gateway.port().beginWrite(LEAF / 2, new byte[BLOCK], false);
        assertBusy(first);
        assertFalse(wide.isDone(), "it has a second left, and stands before the second stripe");
        gateway.runtime().runFor(Duration.ofMillis(1001));
        assertBusy(wide);
        assertTrue(behind.isDone() && behind.join().isEmpty(), "the first stripe is free again: " + behind);
        assertFalse(younger.isDone());
        gateway.faults().setOutage(false);
        pass(60);
        assertTrue(gateway.port().holds(0, LEAF / 2, 1));
        assertTrue(gateway.port().holds(LEAF / 2, BLOCK, 0));
        assertTrue(gateway.port().holds(LEAF + BLOCK, LEAF - BLOCK, 2));
    }

    @Test
    void whatIsBehindOneThatGivesUpGoesOn() {
        openColdInAnOutage();
        CompletableFuture<Optional<IoFailure>> narrow = gateway.port().begin((on, done) -> {
            // It has less time than those around it.
            long deadlineNanos = on.newDeadlineNanos() - Duration.ofSeconds(15).toNanos();
            on.write(512, ByteBuffer.allocate(512), false, deadlineNanos, done);
        });
        CompletableFuture<Optional<IoFailure>> wide = gateway.port().beginWrite(0, new byte[2 * LEAF], false);
        gateway.runtime().runFor(Duration.ofMillis(5001));
        assertBusy(narrow);
        assertTrue(wide.isDone() && wide.join().isEmpty(), wide::toString);
    }

    @Test
    void readingAndThenWritingHaveOneDeadline() {
        openColdInAnOutage();
        long[] deadlineNanos = new long[1];
        CompletableFuture<Optional<IoFailure>> read = gateway.port().begin((on, done) -> {
            deadlineNanos[0] = on.newDeadlineNanos();
            on.read(0, ByteBuffer.allocate(BLOCK), deadlineNanos[0], done);
        });
        pass(15);
        assertFalse(read.isDone());
        gateway.faults().setOutage(false);
        pass(3);
        assertTrue(read.isDone() && read.join().isEmpty(), read::toString);
        gateway.faults().setOutage(true);
        CompletableFuture<Optional<IoFailure>> write = gateway.port()
                .begin((on, done) ->
                        on.write(5L * LEAF + 512, ByteBuffer.allocate(512), false, deadlineNanos[0], done));
        gateway.runtime().runFor(Duration.ofMillis(2001));
        assertBusy(write);
        CompletableFuture<Optional<IoFailure>> late = gateway.port()
                .begin((on, done) -> on.write(0, ByteBuffer.allocate(BLOCK), false, deadlineNanos[0], done));
        gateway.runtime().runFor(Duration.ofMillis(1));
        assertBusy(late);
        gateway.faults().setOutage(false);
        pass(60);
        assertTrue(gateway.port().holds(0, LEAF, 1));
        assertTrue(gateway.port().holds(5L * LEAF, LEAF, 6));
    }
}
