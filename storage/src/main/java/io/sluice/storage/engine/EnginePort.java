package io.sluice.storage.engine;

import io.sluice.storage.disk.DiskFullException;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.MappedRun;
import io.sluice.storage.volume.MappingCompletion;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One thread's way into the volume: see {@link VolumePort}.
 *
 * <p>Invariants: 1. {@code batch} holds exactly the operations with entries in the appender's pending batch; 2. while
 * {@code stalled} is not empty the journal was full at the last try, and new writes queue behind it, so that writers are
 * served in their order; 3. only the owning thread touches either.
 */
final class EnginePort implements VolumePort {
    private static final int SCRATCH_BLOCKS = 2048;
    private static final int EDGE_ZERO_BYTES_MAX = BlockGeometry.BLOCK_BYTES;

    private final VolumeCore core;
    private final Executor loop;
    private final JournalAppender appender;
    private final ReadAhead readAhead;
    private final PacedWrites paced;
    private final GateLine gateLine;
    private final LocalRange local;
    private final ArrayDeque<WriteOperation> stalled = new ArrayDeque<>();
    private final AtomicInteger underWay = new AtomicInteger();
    private final WriteBatches batches = new WriteBatches();

    private WriteBatches.Batch batch = batches.begin();
    private boolean resumeAsked;
    /** When {@link #expire} comes; who is let in by the gate at last may have less time than those that wait already. */
    private long expiryNanos = Long.MAX_VALUE;

    private volatile boolean closed;

    EnginePort(VolumeCore core, Executor loop) {
        this.core = core;
        this.loop = loop;
        this.appender = core.journal().openAppender();
        this.readAhead = core.newReadAhead();
        this.local = new LocalRange(core.index(), core.readPath(), SCRATCH_BLOCKS);
        this.paced = new PacedWrites(this, core);
        this.gateLine = new GateLine(this, core);
    }

    BlockGate gate() {
        return core.gate();
    }

    Executor loop() {
        return loop;
    }

    ReadPath readPath() {
        return core.readPath();
    }

    /** For what a write has to read: all its waiting together ends at its deadline. */
    ReadPath readPathUntil(long deadlineNanos) {
        long left = deadlineNanos - core.runtime().clock().monotonicNanos();
        return core.readPath().within(Duration.ofNanos(Math.max(0, left)));
    }

    Journal journal() {
        return core.journal();
    }

    JournalPressure pressure() {
        return core.pressure();
    }

    PendingReferences references() {
        return core.references();
    }

    SourceResolver newResolver(long lba, int count) {
        return core.newResolver(lba, count);
    }

    boolean isClosed() {
        return closed;
    }

    int underWay() {
        return underWay.get();
    }

    @Override
    public void read(long offsetBytes, ByteBuffer destination, IoCompletion completion) {
        read(offsetBytes, destination, core::readPath, completion);
    }

    @Override
    public void read(long offsetBytes, ByteBuffer destination, long deadlineNanos, IoCompletion completion) {
        read(offsetBytes, destination, () -> readPathUntil(deadlineNanos), completion);
    }

    private void read(long offsetBytes, ByteBuffer destination, Supplier<ReadPath> path, IoCompletion completion) {
        int bytes = destination.remaining();
        if (!begin(offsetBytes, bytes, completion)) {
            return;
        }
        core.counters().bytesRead().add(bytes);
        readAhead.noteRead(offsetBytes, bytes);
        if (bytes < core.largeTransferBytes()) {
            readThrough(local, offsetBytes, destination, path, completion);
        } else {
            core.readPath()
                    .workers()
                    .execute(() -> readThrough(
                            new LocalRange(core.index(), core.readPath(), LocalRange.blocksSpanned(0, bytes)),
                            offsetBytes,
                            destination,
                            path,
                            completion));
        }
    }

    /** What is here at once, the rest as its answers come. On any thread. */
    private void readThrough(
            LocalRange here,
            long offsetBytes,
            ByteBuffer destination,
            Supplier<ReadPath> path,
            IoCompletion completion) {
        int start = destination.position();
        try {
            if (here.read(offsetBytes, destination)) {
                end(completion, null);
                return;
            }
        } catch (IOException | RuntimeException failure) {
            long where = offsetBytes + destination.position() - start;
            destination.position(start);
            end(completion, readFailure(failure, where));
            return;
        }
        long open = offsetBytes + destination.position() - start;
        new ReadOperation(path.get(), open, destination, failure -> end(completion, failure)).run();
    }

    /**
     * Counts the operation as under way, then asks whether it may begin: so closing, which refuses first and then waits
     * for what is under way, never overlooks one. False: it was refused and has ended.
     */
    private boolean begin(long offsetBytes, long lengthBytes, IoCompletion completion) {
        underWay.incrementAndGet();
        IoFailure refusal = core.refuse(offsetBytes, lengthBytes);
        if (refusal != null) {
            end(completion, refusal);
        }
        return refusal == null;
    }

    private void end(IoCompletion completion, @Nullable IoFailure failure) {
        underWay.decrementAndGet();
        completion.complete(failure);
    }

    @Override
    public long newDeadlineNanos() {
        return newDeadline();
    }

    @Override
    public void write(long offsetBytes, ByteBuffer source, boolean durable, IoCompletion completion) {
        if (beginsWrite(offsetBytes, source.remaining(), completion)) {
            newWrite(offsetBytes, source, durable, completion).begin();
        }
    }

    @Override
    public void write(
            long offsetBytes, ByteBuffer source, boolean durable, long deadlineNanos, IoCompletion completion) {
        if (beginsWrite(offsetBytes, source.remaining(), completion)) {
            WriteOperation operation = newWrite(offsetBytes, source, durable, completion);
            operation.deadlineNanos(deadlineNanos);
            if (!operation.endsLate()) {
                operation.begin();
            }
        }
    }

    /** False: it was refused, or there is nothing to write, and it has ended. */
    private boolean beginsWrite(long offsetBytes, int bytes, IoCompletion completion) {
        if (!begin(offsetBytes, bytes, completion)) {
            return false;
        }
        if (bytes == 0) {
            end(completion, null);
        }
        return bytes > 0;
    }

    /** A write of {@code source}, which is not empty. */
    WriteOperation newWrite(long offsetBytes, ByteBuffer source, boolean durable, IoCompletion completion) {
        int bytes = source.remaining();
        if (!isWholeBlocks(offsetBytes, bytes)) {
            return new PartialWrite(this, offsetBytes, source, bytes, durable, completion);
        }
        long lba = offsetBytes >>> BlockGeometry.BLOCK_SHIFT;
        int count = bytes >>> BlockGeometry.BLOCK_SHIFT;
        WriteOperation used = batches.takeFree();
        if (used == null) {
            return new WriteOperation(this, lba, count, source, durable, completion);
        }
        used.reuse(lba, count, source, durable, completion);
        return used;
    }

    private static boolean isWholeBlocks(long offsetBytes, long bytes) {
        return ((offsetBytes | bytes) & (BlockGeometry.BLOCK_BYTES - 1)) == 0;
    }

    @Override
    public void unmap(long offsetBytes, long lengthBytes, boolean durable, IoCompletion completion) {
        if (!begin(offsetBytes, lengthBytes, completion)) {
            return;
        }
        if (lengthBytes == 0) {
            end(completion, null);
            return;
        }
        long end = offsetBytes + lengthBytes;
        long firstWhole = (offsetBytes + BlockGeometry.BLOCK_BYTES - 1) >>> BlockGeometry.BLOCK_SHIFT;
        long endWhole = end >>> BlockGeometry.BLOCK_SHIFT;
        if (firstWhole >= endWhole && lengthBytes < 2 * EDGE_ZERO_BYTES_MAX) {
            new PartialWrite(this, offsetBytes, null, (int) lengthBytes, durable, completion).begin();
            return;
        }
        int head = (int) ((firstWhole << BlockGeometry.BLOCK_SHIFT) - offsetBytes);
        int tail = (int) (end - (endWhole << BlockGeometry.BLOCK_SHIFT));
        IoCompletion join = join(1 + (head > 0 ? 1 : 0) + (tail > 0 ? 1 : 0), completion);
        if (head > 0) {
            new PartialWrite(this, offsetBytes, null, head, durable, join).begin();
        }
        if (tail > 0) {
            new PartialWrite(this, end - tail, null, tail, durable, join).begin();
        }
        new WriteOperation(this, firstWhole, endWhole - firstWhole, null, durable, join).begin();
    }

    /** For an operation that has begun and has so many parts, each of which {@link #ended} ends. */
    IoCompletion join(int parts, IoCompletion completion) {
        underWay.addAndGet(parts - 1);
        return new Join(parts, completion);
    }

    /** One more part of an operation that has begun, which {@link #ended} ends. */
    void partBegins() {
        underWay.incrementAndGet();
    }

    /** Until when a write that begins now may wait. */
    long newDeadline() {
        return core.newDeadline();
    }

    boolean isLate(long deadlineNanos) {
        return deadlineNanos - core.runtime().clock().monotonicNanos() < 0;
    }

    /** True: the write goes on at once; else {@link WriteOperation#turnHasCome} follows. On the port's thread. */
    boolean admits(WriteOperation operation) {
        return paced.admits(operation);
    }

    /** Those that the gate has not let in yet. */
    GateLine gateLine() {
        return gateLine;
    }

    /** An operation without entries of its own has ended; on any thread. */
    void finished(@Nullable IoFailure failure, boolean durable, long deadlineNanos, IoCompletion completion) {
        if (failure == null && durable) {
            core.makeDurable(deadlineNanos, result -> end(completion, result));
        } else {
            end(completion, failure);
        }
    }

    /** Completes once when all parts have; with the failure of one of them, if any. */
    private static final class Join implements IoCompletion {
        private final AtomicInteger open;
        private final IoCompletion whole;
        private final AtomicReference<@Nullable IoFailure> failure = new AtomicReference<>();

        Join(int parts, IoCompletion whole) {
            this.open = new AtomicInteger(parts);
            this.whole = whole;
        }

        @Override
        public void complete(@Nullable IoFailure partFailure) {
            if (partFailure != null) {
                failure.set(partFailure);
            }
            if (open.decrementAndGet() == 0) {
                whole.complete(failure.get());
            }
        }
    }

    @Override
    public void fill(long offsetBytes, long lengthBytes, ByteBuffer pattern, boolean durable, IoCompletion completion) {
        if (!begin(offsetBytes, lengthBytes, completion)
                || isBad(FillOperation.refusal(offsetBytes, lengthBytes, pattern), offsetBytes, completion)) {
            return;
        }
        FillOperation operation = new FillOperation(this, offsetBytes, lengthBytes, pattern);
        if (operation.isZeros() || lengthBytes == 0) {
            underWay.decrementAndGet();
            unmap(offsetBytes, lengthBytes, durable, completion);
        } else {
            operation.begin(durable, completion);
        }
    }

    @Override
    public void copy(
            long sourceBytes, long destinationBytes, long lengthBytes, boolean durable, IoCompletion completion) {
        if (!begin(destinationBytes, lengthBytes, completion)) {
            return;
        }
        IoFailure refusal = core.refuse(sourceBytes, lengthBytes);
        if (refusal != null) {
            end(completion, refusal);
        } else if (!isBad(
                CopyOperation.refusal(sourceBytes, destinationBytes, lengthBytes), destinationBytes, completion)) {
            new CopyOperation(this, sourceBytes, destinationBytes, lengthBytes, durable, completion).next();
        }
    }

    @Override
    public void mapping(long offsetBytes, long lengthBytes, int runsMax, MappingCompletion completion) {
        IoCompletion failed = failure -> completion.complete(List.of(), failure);
        if (!begin(offsetBytes, lengthBytes, failed)
                || isBad(runsMax < 1 ? runsMax + " runs" : null, offsetBytes, failed)) {
            return;
        }
        if (lengthBytes == 0) {
            end(failed, null);
            return;
        }
        CompletableFuture<List<MappedRun>> found = notMissing(
                core.newMappingScan(offsetBytes, lengthBytes, runsMax).start());
        Futures.then(core.readPath().patience().limit(found, late -> {}), loop, (runs, failure) -> {
            if (runs == null) {
                Throwable cause = failure == null ? new IllegalStateException("no runs") : failure;
                end(failed, readFailure(cause, offsetBytes));
            } else {
                end(unused -> completion.complete(runs, null), null);
            }
        });
    }

    /** Ends an operation that has begun with BAD_RANGE when there is a {@code reason}. */
    private boolean isBad(@Nullable String reason, long offsetBytes, IoCompletion completion) {
        if (reason != null) {
            end(completion, new IoFailure(IoFailure.Kind.BAD_RANGE, reason + " is not possible", offsetBytes));
        }
        return reason != null;
    }

    @Override
    public void flush(IoCompletion completion) {
        IoFailure refusal = core.refuse(0, 0);
        if (refusal != null) {
            completion.complete(refusal);
        } else {
            core.makeDurable(core.newDeadline(), completion);
        }
    }

    /** Takes an operation that has passed the gate; on the port's thread. */
    void enqueue(WriteOperation operation) {
        IoFailure stopped = core.stopReason();
        if (stopped != null) {
            operation.abandon(stopped);
            return;
        }
        if (!stalled.isEmpty()) {
            stalled.add(operation);
            askForExpiry();
        } else if (core.index().underPressure() || operation.mustWait()) {
            stalled.add(operation);
            waitForFlusher();
        } else {
            add(operation);
        }
    }

    /** Too much of the index, or of the references, waits for the flusher: writers wait with it, as if the journal were full. */
    private void waitForFlusher() {
        core.flusher().journalFull();
        if (!resumeAsked) {
            resumeAsked = true;
            core.afterPause(() -> loop.execute(this::resume));
        }
        askForExpiry();
    }

    /** A timer for the one that must end first, however often writers have to wait. */
    private void askForExpiry() {
        long first = Long.MAX_VALUE;
        for (WriteOperation operation : stalled) {
            first = Math.min(first, core.spaceDeadline(operation.deadlineNanos()));
        }
        if (first < expiryNanos) {
            expiryNanos = first;
            long left = first - core.runtime().clock().monotonicNanos();
            core.afterDelay(Duration.ofNanos(Math.max(0, left)), () -> loop.execute(this::expire));
        }
    }

    /** The operation has entries in the pending batch now. */
    void noteInBatch(WriteOperation operation) {
        batch.operations().add(operation);
    }

    private void add(WriteOperation operation) {
        while (operation.hasMore()) {
            if (operation.addTo(appender) != JournalAppender.Outcome.DONE && !sendBatch()) {
                if (!stalled.contains(operation)) {
                    stalled.add(operation);
                }
                return;
            }
            if (operation.hasFailed()) {
                return;
            }
        }
    }

    @Override
    public void submit() {
        if (appender.pending() > 0) {
            sendBatch();
        }
    }

    /** Writes the pending batch; false when the journal is full: then its operations are stalled. */
    private boolean sendBatch() {
        WriteBatches.Batch sent = batch;
        batch = batches.begin();
        int entries = appender.pending();
        JournalAppender.Outcome outcome;
        try {
            outcome = appender.submit(core.applier(), sent);
        } catch (IOException failure) {
            notWritten(sent, failure);
            return true;
        } catch (RuntimeException | Error broken) {
            sent.awaitAcknowledgement(); // which never comes: its operations end when the volume has stopped
            throw broken;
        }
        if (outcome == JournalAppender.Outcome.DONE) {
            core.flusher().noteAppended(entries);
            written(sent);
            return true;
        }
        appender.discard();
        stall(sent.operations());
        return false;
    }

    private void notWritten(WriteBatches.Batch sent, IOException failure) {
        appender.discard();
        // Batches of other ports behind this one may count from now on, and the flusher may have gone to rest.
        core.flusher().noteAppended(0);
        IoFailure why = writeFailure(failure);
        for (WriteOperation operation : sent.operations()) {
            operation.batchFailed(why);
        }
    }

    private void written(WriteBatches.Batch sent) {
        sent.awaitAcknowledgement();
        for (int i = 0; i < sent.operations().size(); i++) {
            sent.operations().get(i).batchWritten();
        }
        IoFailure stopped = core.stopReason();
        if (stopped != null) {
            sent.giveUp(stopped);
        }
        batches.leave(sent);
    }

    private IoFailure writeFailure(IOException failure) {
        core.noteJournalFailure(failure);
        IoFailure.Kind kind =
                failure instanceof DiskFullException ? IoFailure.Kind.NO_SPACE : IoFailure.Kind.WRITE_FAILED;
        return IoFailure.of(kind, "the journal could not be written: " + failure.getMessage());
    }

    private void stall(List<WriteOperation> operations) {
        ArrayDeque<WriteOperation> others = new ArrayDeque<>(stalled);
        stalled.clear();
        for (WriteOperation operation : operations) {
            operation.batchDropped();
            stalled.add(operation);
        }
        stalled.addAll(others);
        core.flusher().journalFull();
        if (!resumeAsked) {
            resumeAsked = true;
            core.journal().whenSpace(() -> loop.execute(this::resume));
        }
        askForExpiry();
        if (core.stopReason() != null) {
            loop.execute(this::volumeStopped);
        }
    }

    private void resume() {
        resumeAsked = false;
        WriteOperation first = stalled.peek();
        if (first != null && (core.index().underPressure() || first.mustWait())) {
            waitForFlusher();
            return;
        }
        ArrayDeque<WriteOperation> waiting = new ArrayDeque<>(stalled);
        stalled.clear();
        while (!waiting.isEmpty() && stalled.isEmpty()) {
            add(waiting.remove());
        }
        stalled.addAll(waiting);
        submit();
    }

    /** Gives up what has waited too long: the host gets BUSY before its own time-out. */
    private void expire() {
        expiryNanos = Long.MAX_VALUE;
        long now = core.runtime().clock().monotonicNanos();
        List<WriteOperation> late = new ArrayList<>();
        IoFailure busy = IoFailure.of(
                IoFailure.Kind.BUSY, "the journal is full and the bucket does not take data quickly enough");
        for (Iterator<WriteOperation> each = stalled.iterator(); each.hasNext(); ) {
            WriteOperation operation = each.next();
            if (core.spaceDeadline(operation.deadlineNanos()) - now <= 0) {
                each.remove();
                late.add(operation);
            }
        }
        late.forEach(operation -> operation.abandon(busy));
        askForExpiry();
    }

    /** The volume was fenced, failed or closed: what waits ends now, also for acknowledgements that will never come. */
    void volumeStopped() {
        IoFailure why = core.stopReason();
        if (why != null) {
            paced.abandon(why);
            while (!stalled.isEmpty()) {
                stalled.remove().abandon(why);
            }
            batches.giveUp(why);
        }
    }

    /** Tells the port, on its own thread, to look at {@link #volumeStopped}. */
    void tellStopped() {
        loop.execute(this::volumeStopped);
    }

    /** On any thread, once per operation. */
    void ended(WriteOperation operation, @Nullable IoFailure failure, boolean durable, IoCompletion completion) {
        core.counters().bytesWritten().add(operation.payloadBytes());
        finished(failure, durable, operation.deadlineNanos(), completion);
    }

    @Override
    public void close() {
        submit();
        closed = true;
        if (underWay.get() > 0) {
            // What waits for journal space, or for its turn at the gate, still needs the appender.
            core.afterPause(() -> loop.execute(this::close));
            return;
        }
        core.portClosed();
        appender.close();
    }

    /** The same answer, but nothing is missing before it is known whether the volume is still ours. */
    <T> CompletableFuture<T> notMissing(CompletableFuture<T> answer) {
        return core.readPath().failures().ownership().beforeMissing(answer);
    }

    /** What a read at {@code offsetBytes} that failed ends with. */
    IoFailure readFailure(Throwable failure, long offsetBytes) {
        return core.readPath().failures().of(failure, offsetBytes);
    }
}
