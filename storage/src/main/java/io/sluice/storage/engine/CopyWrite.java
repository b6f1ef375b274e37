package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.journal.ReferenceRuns;
import io.sluice.storage.runtime.Futures;
import io.sluice.storage.volume.IoCompletion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A copy of whole blocks on its way into the journal.
 *
 * <pre>
 *   begin ─▶ gate ─▶ source found and held (lane) ─▶ what is in the journal is read ─▶ as any write
 *                          ▲───────────────────────────┘ given back meanwhile
 * </pre>
 *
 * What stands in segments becomes records of references, zeros become zeros, a pattern that is still in the journal
 * becomes a pattern, other blocks of the journal are copied. Owned by the port's thread.
 */
final class CopyWrite extends WriteOperation {
    /** Most blocks of one: what bounds its memory. */
    static final int BLOCKS_MAX = 1024;

    private final long sourceLba;
    private final NavigableMap<Long, Part> parts = new TreeMap<>();
    private boolean refers;
    private PendingReferences.@Nullable Hold hold;

    /** Some of the blocks, as one kind of entry. {@code first} counts from the first block of the operation. */
    private record Part(
            long first,
            long count,
            @Nullable ReferenceRuns runs,
            @Nullable ByteBuffer data,
            boolean pattern) {}

    CopyWrite(EnginePort port, long sourceLba, long lba, int count, IoCompletion completion) {
        super(port, lba, count, null, false, completion);
        this.sourceLba = sourceLba;
    }

    @Override
    void entered() {
        resolve();
    }

    private void resolve() {
        Patience patience = port().readPathUntil(deadlineNanos()).patience();
        Futures.then(
                patience.limit(
                        port().notMissing(port().newResolver(sourceLba, (int) count())
                                .start()),
                        late -> late.hold().release()),
                loop(),
                (source, failure) -> resolved(source, failure));
    }

    private void resolved(@Nullable SourceResolver source, @Nullable Throwable failure) {
        if (source == null) {
            Throwable cause = failure == null ? new IllegalStateException("no source") : failure;
            abandon(port().readFailure(cause, sourceLba << BlockGeometry.BLOCK_SHIFT));
            return;
        }
        hold = source.hold();
        if (endsLate()) {
            return;
        }
        try {
            if (!prepare(source.locators())) {
                source.hold().release();
                resolve();
                return;
            }
        } catch (IOException unreadable) {
            abandon(port().readFailure(unreadable, sourceLba << BlockGeometry.BLOCK_SHIFT));
            return;
        }
        port().enqueue(this);
        port().submit();
    }

    /** False when journal space was given back meanwhile. */
    private boolean prepare(long[] locators) throws IOException {
        parts.clear();
        refers = false;
        int at = 0;
        while (at < locators.length) {
            int end = at + 1;
            while (end < locators.length && isAlike(locators, at, end)) {
                end++;
            }
            if (Locator.isSegment(locators[at])) {
                addReferences(locators, at, end);
            } else if (Locator.isZero(locators[at])) {
                add(new Part(at, end - at, null, null, false));
            } else if (!addData(locators, at, end)) {
                return false;
            }
            at = end;
        }
        return true;
    }

    /** Whether block {@code i} belongs into one part with those from {@code first} to {@code i - 1}. */
    private static boolean isAlike(long[] locators, int first, int i) {
        if (!Locator.isJournal(locators[first])) {
            return locators[i] >>> 62 == locators[first] >>> 62;
        }
        boolean repeats = locators[first + 1] == locators[first];
        boolean nextRepeats = i + 1 < locators.length && locators[i + 1] == locators[i];
        return repeats ? locators[i] == locators[first] : Locator.isJournal(locators[i]) && !nextRepeats;
    }

    private void addReferences(long[] locators, int from, int end) {
        List<LocatorRun> runs = new ArrayList<>();
        LocatorRun run = new LocatorRun(Locator.shared(locators[from]), 1, false);
        long first = from;
        for (int i = from + 1; i < end; i++) {
            long locator = Locator.shared(locators[i]);
            if (run.isContinuedBy(locator)) {
                run = run.with(locator);
                continue;
            }
            runs.add(run);
            run = new LocatorRun(locator, 1, false);
            if (runs.size() == ReferenceRuns.RUNS_MAX) {
                first = addRecord(first, runs);
            }
        }
        runs.add(run);
        addRecord(first, runs);
    }

    /** The block behind the record. */
    @com.google.errorprone.annotations.CanIgnoreReturnValue
    private long addRecord(long first, List<LocatorRun> runs) {
        ReferenceRuns record = new ReferenceRuns(runs);
        runs.clear();
        add(new Part(first, record.count(), record, null, false));
        refers = true;
        return first + record.count();
    }

    private boolean addData(long[] locators, int from, int end) throws IOException {
        boolean pattern = end - from > 1 && locators[from] == locators[from + 1];
        int blocks = pattern ? 1 : end - from;
        ByteBuffer data = ByteBuffer.allocate(blocks << BlockGeometry.BLOCK_SHIFT);
        for (int i = from; i < from + blocks; i++) {
            if (!port().journal().read(Locator.address(locators[i]), data)) {
                return false;
            }
        }
        add(new Part(from, end - from, null, data.flip(), pattern));
        return true;
    }

    private void add(Part part) {
        parts.put(part.first(), part);
    }

    @Override
    JournalAppender.Outcome addNext(JournalAppender appender) {
        Part part = parts.floorEntry(next()).getValue();
        ReferenceRuns runs = part.runs();
        ByteBuffer data = part.data();
        if (data != null && !part.pattern()) {
            return addBlock(appender, data, part.first());
        }
        long first = lba() + part.first();
        JournalAppender.Outcome outcome = runs != null
                ? appender.addReferences(first, runs)
                : data != null
                        ? appender.addPattern(first, part.count(), data, 0)
                        : appender.addZero(first, part.count());
        if (outcome == JournalAppender.Outcome.DONE) {
            advance(part.count());
        }
        return outcome;
    }

    @Override
    boolean mustWait() {
        return refers && port().references().isFull();
    }

    @Override
    void cleanUp() {
        PendingReferences.Hold held = hold;
        if (held != null) {
            held.release();
        }
    }
}
