package io.sluice.storage.checkpoint;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.Locator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** Everything that one checkpoint reaches, found page by page: for checkers that must not share code with the engine. */
public final class CheckpointWalk {
    private final PageCodec codec;
    private final LongFunction<byte @Nullable []> objects;
    private final SortedSet<Long> reachedObjects = new TreeSet<>();
    private final SortedSet<Long> segments = new TreeSet<>();
    private final SortedSet<Long> dead = new TreeSet<>();

    /** {@code objects} gives the content of a checkpoint object by its number, null when it is missing. */
    public CheckpointWalk(UUID volume, Sealing sealing, LongFunction<byte @Nullable []> objects) {
        this.codec = new PageCodec(volume, sealing);
        this.objects = objects;
    }

    /** Walks the trees of {@code root}; fails when a page is missing or damaged. */
    public void walk(CheckpointRoot root) throws IOException {
        if (root.object() == 0) {
            return;
        }
        ByteBuffer stored = stored(root.object(), (int) root.offsetBytes(), root.storedBytes());
        RootRecord record = RootCodec.open(codec, root, stored);
        dead.addAll(record.deadSegments().keySet());
        dead.addAll(record.deadWithZeros().keySet());
        record.objects().forEach((object, use) -> {
            if (use.deadSince() > 0) {
                dead.add(-object);
            }
        });
        walk(record.map(), record.map().height(), 0, record.map().root());
        walk(record.segments(), record.segments().height(), 0, record.segments().root());
        for (RootRecord.Drop drop : record.drops()) {
            walk(record.map(), drop.level(), drop.index(), drop.pointer());
        }
    }

    private void walk(PageTree tree, int level, long index, PagePointer pointer) throws IOException {
        if (pointer.isAbsent()) {
            return;
        }
        PageId id = tree.id(level, index);
        ByteBuffer stored = stored(pointer.object(), pointer.offsetBytes(), pointer.storedBytes());
        long[] words = PageCodec.toWords(codec.open(pointer.object(), pointer.offsetBytes(), stored, id));
        if (level > 0) {
            for (int child = 0; child < TreeGeometry.FAN_OUT; child++) {
                walk(tree, level - 1, (index << TreeGeometry.FAN_OUT_SHIFT) + child, InnerPage.child(words, child));
            }
        } else if (id.kind() == PageKind.MAP_LEAF) {
            for (long locator : words) {
                if (Locator.isSegment(locator)) {
                    segments.add(Locator.segmentNumber(locator));
                }
            }
        }
    }

    private ByteBuffer stored(long object, int offset, int length) throws IOException {
        byte[] bytes = objects.apply(object);
        if (bytes == null || offset + length > bytes.length) {
            throw new IOException("checkpoint object " + object + " is " + (bytes == null ? "missing" : "too short"));
        }
        reachedObjects.add(object);
        return ByteBuffer.wrap(bytes, offset, length).slice();
    }

    /** Numbers of the checkpoint objects that are reached. */
    public SortedSet<Long> objects() {
        return reachedObjects;
    }

    /** Numbers of the segments in which mapped blocks stand. */
    public SortedSet<Long> segments() {
        return segments;
    }

    /**
     * Segments, and checkpoint objects as negative numbers, that the checkpoints list as dead: they go with a later one; those
     * with tombstones when the collector has carried these on.
     */
    public SortedSet<Long> dead() {
        return dead;
    }
}
