package io.sluice.storage.checkpoint;

import io.sluice.storage.checkpoint.CommittedMap.Usage;
import io.sluice.storage.checkpoint.RootRecord.Drop;
import io.sluice.storage.checkpoint.RootRecord.ObjectUse;
import io.sluice.storage.format.DamagedObjectException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The root record as bytes, and as pages of at most 64 KiB content each, one behind another (FORMAT.md).
 *
 * <pre>
 *    0  checkpoint number, covers segment, sequence, next object (u64 each)
 *   32  height of the map (u64), its root pointer (3 x u64)
 *   64  height of the segment table (u64), its root pointer (3 x u64)
 *   96  live blocks, stored blocks, stored bytes, segments (u64 each)
 *  128  count (u64), then objects: number, total bytes, live bytes, dead since (u64 each)
 *       count (u64), then dead segments: number, dead since (u64 each)
 *       count (u64), then drops: level, index (u64 each), pointer (3 x u64)
 *       count (u64), then dead segments with zeros: number, dead since (u64 each)      (from version 3 on)
 * </pre>
 */
final class RootCodec {
    private static final int PART_BYTES = 64 << 10;
    private static final int FIXED_WORDS = 16;
    /** Version of the pages from which on the list of dead segments with zeros is there. */
    private static final int FIRST_WITH_ZEROS = 3;

    private RootCodec() {}

    /** Cuts the record into page contents. */
    static List<byte[]> toParts(RootRecord root) {
        byte[] bytes = encode(root);
        List<byte[]> parts = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += PART_BYTES) {
            parts.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + PART_BYTES)));
        }
        return parts;
    }

    /** Opens the pages of {@code root} in {@code stored}. */
    static RootRecord open(PageCodec codec, CheckpointRoot root, ByteBuffer stored) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int part = 0;
        int at = stored.position();
        int end = stored.limit();
        int version = 0;
        while (at < end) {
            int length = PageCodec.storedBytes(stored.slice(at, end - at));
            version = PageCodec.version(stored.slice(at, length));
            int offset = Math.toIntExact(root.offsetBytes() + at - stored.position());
            PageId id = new PageId(PageKind.ROOT, 0, part);
            bytes.writeBytes(codec.open(root.object(), offset, stored.slice(at, length), id));
            at += length;
            part++;
        }
        RootRecord record = decode(bytes.toByteArray(), root, version);
        if (record.number() != root.number()
                || record.coversSegment() != root.coversSegment()
                || record.sequence() != root.sequence()) {
            throw new DamagedObjectException("checkpoint root " + root.number(), "is another one than asked for");
        }
        return record;
    }

    private static byte[] encode(RootRecord root) {
        int words = FIXED_WORDS
                + 4
                + (4 * root.objects().size())
                + (2 * (root.deadSegments().size() + root.deadWithZeros().size()))
                + (5 * root.drops().size());
        ByteBuffer out = ByteBuffer.allocate(words * Long.BYTES);
        out.putLong(root.number()).putLong(root.coversSegment());
        out.putLong(root.sequence()).putLong(root.nextObject());
        putTree(out, root.map());
        putTree(out, root.segments());
        Usage usage = root.usage();
        out.putLong(usage.liveBlocks()).putLong(usage.storedBlocks());
        out.putLong(usage.storedBytes()).putLong(usage.segments());
        out.putLong(root.objects().size());
        for (Map.Entry<Long, ObjectUse> object : root.objects().entrySet()) {
            out.putLong(object.getKey()).putLong(object.getValue().totalBytes());
            out.putLong(object.getValue().liveBytes()).putLong(object.getValue().deadSince());
        }
        putDeadSegments(out, root.deadSegments());
        out.putLong(root.drops().size());
        for (Drop drop : root.drops()) {
            out.putLong(drop.level()).putLong(drop.index());
            putPointer(out, drop.pointer());
        }
        putDeadSegments(out, root.deadWithZeros());
        return out.array();
    }

    private static void putDeadSegments(ByteBuffer out, SortedMap<Long, Long> segments) {
        out.putLong(segments.size());
        for (Map.Entry<Long, Long> dead : segments.entrySet()) {
            out.putLong(dead.getKey()).putLong(dead.getValue());
        }
    }

    private static RootRecord decode(byte[] bytes, CheckpointRoot root, int version) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            long number = in.getLong();
            long coversSegment = in.getLong();
            long sequence = in.getLong();
            long nextObject = in.getLong();
            PageTree map = getTree(in, PageTree.EMPTY_MAP);
            PageTree segments = getTree(in, PageTree.EMPTY_SEGMENTS);
            Usage usage = new Usage(in.getLong(), in.getLong(), in.getLong(), in.getLong());
            SortedMap<Long, ObjectUse> objects = getObjects(in);
            // The root is the last thing in its object; the record itself could not know how long it would get.
            objects.computeIfPresent(
                    root.object(),
                    (object, use) ->
                            new ObjectUse(root.offsetBytes() + root.storedBytes(), use.liveBytes(), use.deadSince()));
            SortedMap<Long, Long> dead = getDeadSegments(in);
            List<Drop> drops = getDrops(in);
            SortedMap<Long, Long> deadWithZeros = version < FIRST_WITH_ZEROS ? new TreeMap<>() : getDeadSegments(in);
            return new RootRecord(
                    number,
                    coversSegment,
                    sequence,
                    nextObject,
                    map,
                    segments,
                    usage,
                    objects,
                    dead,
                    deadWithZeros,
                    drops);
        } catch (BufferUnderflowException tooShort) {
            throw new DamagedObjectException("checkpoint root " + root.number(), "is cut off", tooShort);
        }
    }

    private static SortedMap<Long, ObjectUse> getObjects(ByteBuffer in) {
        SortedMap<Long, ObjectUse> objects = new TreeMap<>();
        for (long left = in.getLong(); left > 0; left--) {
            objects.put(in.getLong(), new ObjectUse(in.getLong(), in.getLong(), in.getLong()));
        }
        return objects;
    }

    private static SortedMap<Long, Long> getDeadSegments(ByteBuffer in) {
        SortedMap<Long, Long> dead = new TreeMap<>();
        for (long left = in.getLong(); left > 0; left--) {
            dead.put(in.getLong(), in.getLong());
        }
        return dead;
    }

    private static List<Drop> getDrops(ByteBuffer in) {
        List<Drop> drops = new ArrayList<>();
        for (long left = in.getLong(); left > 0; left--) {
            int level = (int) in.getLong();
            drops.add(new Drop(level, in.getLong(), getPointer(in)));
        }
        return drops;
    }

    private static void putTree(ByteBuffer out, PageTree tree) {
        out.putLong(tree.height());
        putPointer(out, tree.root());
    }

    private static PageTree getTree(ByteBuffer in, PageTree kind) throws DamagedObjectException {
        int height = (int) in.getLong();
        if (height < 1 || height > TreeGeometry.HEIGHT_MAX) {
            throw new DamagedObjectException("checkpoint root", "has a tree of height " + height);
        }
        return kind.with(height, getPointer(in));
    }

    private static void putPointer(ByteBuffer out, PagePointer pointer) {
        out.putLong(pointer.object());
        out.putLong(((long) pointer.offsetBytes() << 32) | pointer.storedBytes());
        out.putLong(pointer.oldestObject());
    }

    private static PagePointer getPointer(ByteBuffer in) {
        long object = in.getLong();
        long place = in.getLong();
        long oldest = in.getLong();
        return object == 0 ? PagePointer.ABSENT : new PagePointer(object, (int) (place >>> 32), (int) place, oldest);
    }
}
