package io.sluice.storage.checkpoint;

import io.sluice.storage.checkpoint.RootRecord.ObjectUse;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * A checkpoint that follows another one, with right seals and false contents, as a bug would write it: one page of the segment
 * table, and the root, say something else.
 */
public final class ForgedCheckpoint {
    private final SimulatedRuntime runtime = new SimulatedRuntime(9);
    private final Lane lane = runtime.lane("forger");
    private final ObjectStore store;
    private final ObjectNames names;
    private final PageCodec codec;
    private final CheckpointRoot before;

    /** Behind {@code before}, of a volume of few segments. */
    public ForgedCheckpoint(UUID volume, Sealing sealing, ObjectStore store, ObjectNames names, CheckpointRoot before) {
        this.store = store;
        this.names = names;
        this.codec = new PageCodec(volume, sealing);
        this.before = before;
    }

    /** The segment table's entry of one segment, to be changed. */
    public static final class Entry {
        private final long[] words;
        private final int at;

        Entry(long[] words, long segment) {
            this.words = words;
            this.at = SegmentPage.entryOf(segment);
        }

        /** Counts {@code live} more live blocks, and {@code total} more stored ones. */
        public void add(int live, int total) {
            SegmentPage.put(
                    words,
                    at,
                    SegmentPage.liveBlocks(words, at) + live,
                    SegmentPage.totalBlocks(words, at) + total,
                    SegmentPage.storedBytes(words, at),
                    SegmentPage.deadSince(words, at));
        }

        /** Says whether the segment's header speaks of others. */
        public void zeros(boolean zeros) {
            SegmentPage.markZeros(words, at, zeros);
        }

        /** Forgets the segment. */
        public void clear() {
            SegmentPage.clear(words, at);
        }
    }

    /** Changes an entry. */
    @FunctionalInterface
    public interface EntryLie {
        /** Changes it in place. */
        void tell(Entry entry);
    }

    /** Says something false of {@code segment}. */
    public CheckpointRoot ofSegment(long segment, EntryLie lie) {
        return forge(segment, lie, Long.MAX_VALUE, UnaryOperator.identity());
    }

    /** The pointer to the page of the segment table says that it reaches back to the first object. */
    public CheckpointRoot withWrongPointer() {
        return forge(1, entry -> {}, 1, UnaryOperator.identity());
    }

    /** The root counts a byte more as reached in its oldest object. */
    public CheckpointRoot withWrongBytes() {
        return forge(1, entry -> {}, Long.MAX_VALUE, table -> {
            TreeMap<Long, ObjectUse> wrong = new TreeMap<>(table);
            wrong.computeIfPresent(
                    wrong.firstKey(),
                    (number, use) -> new ObjectUse(use.totalBytes(), use.liveBytes() + 1, use.deadSince()));
            return wrong;
        });
    }

    private CheckpointRoot forge(
            long segment, EntryLie lie, long oldestBelow, UnaryOperator<SortedMap<Long, ObjectUse>> objects) {
        PageLoader loader = new PageLoader(store, names::checkpoint, codec, lane, 1);
        RootRecord record = runtime.await(loader.loadRoot(before));
        PageTree table = record.segments();
        long[] inner = page(loader, table, 1, table.root());
        PagePointer leaf = InnerPage.child(inner, 0);
        long[] words = page(loader, table, 0, leaf);
        lie.tell(new Entry(words, segment));
        CheckpointOutput output =
                new CheckpointOutput(store, names::checkpoint, codec, record.objects(), record.nextObject());
        output.retire(leaf);
        output.retire(table.root());
        InnerPage.child(inner, 0, output.append(table.id(0, 0), words, oldestBelow));
        PagePointer top = output.append(table.id(1, 0), inner, InnerPage.oldestObject(inner));
        return root(record, output, table.with(1, top), objects);
    }

    private long[] page(PageLoader loader, PageTree tree, int level, PagePointer pointer) {
        return runtime.await(loader.load(pointer, tree.id(level, 0), RequestCause.ADMIN))
                .clone();
    }

    private CheckpointRoot root(
            RootRecord record,
            CheckpointOutput output,
            PageTree segments,
            UnaryOperator<SortedMap<Long, ObjectUse>> objects) {
        long number = record.number() + 1;
        CheckpointObject object = output.object();
        RootRecord forged = new RootRecord(
                number,
                record.coversSegment(),
                record.sequence(),
                output.nextObject(),
                record.map(),
                segments,
                record.usage(),
                objects.apply(output.tableFor(number)),
                record.deadSegments(),
                record.deadWithZeros(),
                record.drops());
        int offset = object.sizeBytes();
        int part = 0;
        for (byte[] content : RootCodec.toParts(forged)) {
            output.appendRoot(part, content);
            part++;
        }
        CheckpointRoot root = new CheckpointRoot(
                number,
                object.number(),
                offset,
                object.sizeBytes() - offset,
                before.coversSegment(),
                before.coversEpoch(),
                before.sequence());
        runtime.await(output.putCurrent());
        return root;
    }
}
