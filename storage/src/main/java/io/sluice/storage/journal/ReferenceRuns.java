package io.sluice.storage.journal;

import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * What one record of references says: where neighbouring blocks stand in segments. Immutable; its stored form is one
 * block of the journal.
 *
 * <pre>
 *   0  number of runs (u16)
 *   2  runs of 10 bytes: SEGMENT locator of the first block (u64), repeated (1 bit), count (15 bits)
 *      zeros
 * </pre>
 */
public final class ReferenceRuns {
    /** Most runs of one record. */
    public static final int RUNS_MAX = (JournalFormat.UNIT_BYTES - 2) / 10;
    /** Most blocks of one run. */
    public static final int RUN_BLOCKS_MAX = 0x7fff;

    private static final int REPEATED = 0x8000;

    private final LocatorRun[] runs;
    private final long[] ends;

    /** 1 to {@link #RUNS_MAX} runs of at most {@link #RUN_BLOCKS_MAX} blocks, in the order of their blocks. */
    public ReferenceRuns(List<LocatorRun> runs) {
        Invariant.check(!runs.isEmpty() && runs.size() <= RUNS_MAX, "runs of a record", runs.size(), RUNS_MAX);
        this.runs = runs.toArray(LocatorRun[]::new);
        this.ends = new long[runs.size()];
        long end = 0;
        for (int i = 0; i < ends.length; i++) {
            Invariant.check(this.runs[i].count() <= RUN_BLOCKS_MAX, "blocks of a run", this.runs[i].count(), i);
            end += this.runs[i].count();
            ends[i] = end;
        }
    }

    /** Blocks it is about. */
    public long count() {
        return ends[ends.length - 1];
    }

    /** Its runs, in order. */
    public List<LocatorRun> runs() {
        return List.of(runs);
    }

    /** Where block {@code i} (0 to {@code count() - 1}) stands. */
    public long locator(long i) {
        int at = runAt(i);
        return runs[at].locator(i - start(at));
    }

    /** Gives the runs of blocks {@code from} to {@code end - 1}, each with the index of its first block. */
    public void forEachRun(long from, long end, RunConsumer consumer) {
        for (int at = runAt(from); at < runs.length && start(at) < end; at++) {
            long first = Math.max(from, start(at));
            long last = Math.min(end, ends[at]);
            consumer.accept(first, runs[at].part(first - start(at), last - start(at)));
        }
    }

    /** Takes the run that begins with block {@code index}. */
    @FunctionalInterface
    public interface RunConsumer {
        void accept(long index, LocatorRun run);
    }

    private int runAt(long i) {
        Invariant.check(i >= 0 && i < count(), "block of a record of references", i, count());
        int at = Arrays.binarySearch(ends, i);
        return at >= 0 ? at + 1 : -(at + 1);
    }

    private long start(int run) {
        return run == 0 ? 0 : ends[run - 1];
    }

    /** Its block. */
    ByteBuffer toBlock() {
        ByteWriter writer = new ByteWriter(JournalFormat.UNIT_BYTES);
        writer.u16(runs.length);
        for (LocatorRun run : runs) {
            writer.i64(run.first());
            writer.u16((int) run.count() | (run.repeated() ? REPEATED : 0));
        }
        writer.bytes(new byte[JournalFormat.UNIT_BYTES - writer.size()]);
        return ByteBuffer.wrap(writer.toBytes());
    }

    /** Reads the block of a record about {@code count} blocks. */
    static ReferenceRuns read(String name, ByteBuffer block, long count) throws DamagedObjectException {
        CheckedReader reader = new CheckedReader(name, block);
        int size = reader.u16();
        reader.check(size >= 1 && size <= RUNS_MAX, "has " + size + " runs");
        LocatorRun[] runs = new LocatorRun[size];
        long sum = 0;
        for (int i = 0; i < size; i++) {
            long first = reader.i64();
            int tail = reader.u16();
            int blocks = tail & RUN_BLOCKS_MAX;
            boolean repeated = (tail & REPEATED) != 0;
            reader.check(
                    Locator.isSegment(first)
                            && blocks >= 1
                            && (repeated || Locator.slot(first) + blocks <= Locator.FRAME_SLOTS),
                    "run " + i + " is impossible");
            runs[i] = new LocatorRun(first, blocks, repeated);
            sum += blocks;
        }
        reader.check(sum == count, "is about " + sum + " blocks instead of " + count);
        reader.zeros(reader.remaining());
        return new ReferenceRuns(List.of(runs));
    }
}
