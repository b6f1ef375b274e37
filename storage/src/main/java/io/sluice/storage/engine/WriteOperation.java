package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A write or unmap of whole blocks on its way into the journal.
 *
 * <pre>
 *   begin ─▶ (waits at the {@link BlockGate}) ─▶ adding ⇄ stalled (journal full) ─▶ written ─▶ acknowledged ─▶ ended
 * </pre>
 *
 * From ended it begins anew when it {@link #servesAgain}.
 *
 * <p>Invariants: 1. {@code outstanding} counts the batches that hold entries of it and are not acknowledged, plus one while
 * entries are still to be written; who brings it to zero ends the operation, exactly once. 2. The gate is left only when it
 * ends: until then no write of a part of its blocks comes in between.
 *
 * <p>Owned by the port's thread, apart from {@link #batchAcknowledged}.
 */
class WriteOperation extends BlockGate.Pass {
    private static final IoFailure LATE = IoFailure.of(
            IoFailure.Kind.BUSY,
            "the command has waited too long: for the bucket, for other commands on the same blocks, or for its turn");

    private final EnginePort port;
    private long lba;
    private long count;
    private boolean durable;
    private IoCompletion completion;
    private @Nullable ByteBuffer source;
    private long next;
    private long batchStart;
    private boolean inBatch;
    /** Batches that it had entries in, those that were dropped included. */
    private int batches;

    private boolean hasDeadline;
    private long deadlineNanos;
    private final AtomicInteger outstanding = new AtomicInteger(1);
    private volatile @Nullable IoFailure failure;

    /** {@code source} null: the blocks become zeros. */
    WriteOperation(
            EnginePort port,
            long lba,
            long count,
            @Nullable ByteBuffer source,
            boolean durable,
            IoCompletion completion) {
        this.port = port;
        this.lba = lba;
        this.count = count;
        this.source = source;
        this.durable = durable;
        this.completion = completion;
    }

    /**
     * True when it may serve for another write: it has ended, and nobody knows it any more. Asked when the acknowledgement
     * of a batch with entries of it is over: had it been in another one too, that one's might still run. On the port's
     * thread.
     */
    final boolean servesAgain() {
        return getClass() == WriteOperation.class && batches == 1 && outstanding.get() == 0;
    }

    /** Becomes another write of the same port; only when it {@link #servesAgain}. */
    final void reuse(long newLba, long newCount, ByteBuffer newSource, boolean isDurable, IoCompletion newCompletion) {
        lba = newLba;
        count = newCount;
        source = newSource;
        durable = isDurable;
        completion = newCompletion;
        next = 0;
        batches = 0;
        hasDeadline = false;
        failure = null;
        outstanding.set(1);
    }

    /** Begins, at once or after a delay when the journal fills up; on the port's thread. */
    final void begin() {
        if (!hasDeadline) {
            deadlineNanos(port.newDeadline());
        }
        if (port.admits(this)) {
            enter();
        }
    }

    /** It was held back, and its turn has come; on the port's thread. */
    final void turnHasCome() {
        if (!endsLate()) {
            enter();
        }
    }

    private void enter() {
        if (port.gate().enter(this, lba, count, isExclusive())) {
            entered();
        } else {
            port.gateLine().add(this);
        }
    }

    /** The gate did not let it in until its deadline: it ends and has changed nothing. */
    final void giveUpAtGate() {
        if (port.gate().giveUp(this)) {
            port.gateLine().remove(this);
            abandon(LATE);
        }
    }

    /** True when its deadline is over: then it has ended, and has changed nothing. Before its first entry only. */
    final boolean endsLate() {
        boolean late = port.isLate(deadlineNanos);
        if (late) {
            abandon(LATE);
        }
        return late;
    }

    /** Whether it must be alone with its blocks. */
    boolean isExclusive() {
        return false;
    }

    /** All of its range is entered: what is to be done before its entries are known; on the port's thread. */
    void entered() {
        port.enqueue(this);
    }

    @Override
    final Executor loop() {
        return port.loop();
    }

    @Override
    final void admitted() {
        port.gateLine().remove(this);
        if (!endsLate()) {
            entered();
            port.submit();
        }
    }

    final EnginePort port() {
        return port;
    }

    final long lba() {
        return lba;
    }

    final long count() {
        return count;
    }

    final void source(ByteBuffer merged) {
        source = merged;
    }

    final boolean hasMore() {
        return next < count;
    }

    /** Puts entries into the appender's batch until nothing is left or it is full. */
    final JournalAppender.Outcome addTo(JournalAppender appender) {
        if (!inBatch) {
            batchStart = next;
        }
        JournalAppender.Outcome outcome = JournalAppender.Outcome.DONE;
        while (hasMore() && outcome == JournalAppender.Outcome.DONE) {
            outcome = addNext(appender);
            if (outcome == JournalAppender.Outcome.DONE && !inBatch) {
                inBatch = true;
                batches++;
                outstanding.incrementAndGet();
                port.noteInBatch(this);
            }
        }
        return outcome;
    }

    /** Adds one entry, for the blocks from {@link #next} on, and {@link #advance}s when it has room. */
    JournalAppender.Outcome addNext(JournalAppender appender) {
        return source == null ? addZeros(appender) : addBlock(appender, source, 0);
    }

    /** The next block to add, counted from the first. */
    final long next() {
        return next;
    }

    final void advance(long blocks) {
        next += blocks;
    }

    /** True when, before it is added, the flusher must make room for what it needs besides journal space. */
    boolean mustWait() {
        return false;
    }

    /** Runs once when it ends, on any thread. */
    void cleanUp() {}

    private JournalAppender.Outcome addZeros(JournalAppender appender) {
        JournalAppender.Outcome outcome = appender.addZero(lba, count);
        if (outcome == JournalAppender.Outcome.DONE) {
            next = count;
        }
        return outcome;
    }

    /** Adds the next block; that of block {@code first} stands first in {@code data}. */
    final JournalAppender.Outcome addBlock(JournalAppender appender, ByteBuffer data, long first) {
        int offset = data.position() + (int) ((next - first) << BlockGeometry.BLOCK_SHIFT);
        JournalAppender.Outcome outcome = appender.addBlock(lba + next, data, offset);
        if (outcome == JournalAppender.Outcome.DONE) {
            next++;
        }
        return outcome;
    }

    /** The batch that holds entries of it was written; its acknowledgement comes or has come by itself. */
    final void batchWritten() {
        inBatch = false;
        if (!hasMore()) {
            release();
        }
    }

    /** The batch was not written, the journal is full: its entries are to be added again. */
    final void batchDropped() {
        inBatch = false;
        next = batchStart;
        outstanding.decrementAndGet();
    }

    /** The batch could not be written: the operation ends. */
    final void batchFailed(IoFailure why) {
        inBatch = false;
        outstanding.decrementAndGet();
        abandon(why);
    }

    final boolean hasFailed() {
        return failure != null;
    }

    /** Ends it with a failure as soon as what is already written is acknowledged. */
    final void abandon(IoFailure why) {
        failure = why;
        release();
    }

    /** On any thread. */
    final void batchAcknowledged() {
        release();
    }

    /** The batch was written, but its acknowledgement will never come; on the port's thread. */
    final void batchLost(IoFailure why) {
        if (failure == null) {
            failure = why;
            if (hasMore()) {
                release(); // the rest will not be written
            }
        }
        release();
    }

    private void release() {
        if (outstanding.decrementAndGet() == 0) {
            ended();
        }
    }

    private void ended() {
        port.gate().leave(this);
        cleanUp();
        port.ended(this, failure, durable, completion);
    }

    /** Payload bytes, for the counters. */
    final long payloadBytes() {
        return source == null ? 0 : count << BlockGeometry.BLOCK_SHIFT;
    }

    /** What it takes of the journal, roughly: its blocks, or the one unit of an entry without any. */
    final long journalBytes() {
        return source == null ? BlockGeometry.BLOCK_BYTES : count << BlockGeometry.BLOCK_SHIFT;
    }

    final long deadlineNanos() {
        return deadlineNanos;
    }

    /** Until when it may wait for whatever it is; by itself as long as the settings say from its begin. */
    final void deadlineNanos(long value) {
        hasDeadline = true;
        deadlineNanos = value;
    }
}
