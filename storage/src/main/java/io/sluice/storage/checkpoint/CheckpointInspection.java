package io.sluice.storage.checkpoint;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a checkpoint from outside: which objects it needs, whether all their bytes are sound, and what part of the volume
 * cannot be looked up when they are not. Changes nothing. Confined to {@code lane}, apart from {@link #verify}, which may be
 * called on any thread.
 */
public final class CheckpointInspection {
    private static final int CACHE_PAGES = 64;

    private final PageCodec codec;
    private final CheckpointRoot root;
    private final PageLoader loader;
    private final Lane lane;

    /** Of the checkpoint at {@code root}; nothing is read yet. */
    public CheckpointInspection(
            UUID volume,
            Sealing sealing,
            CheckpointRoot root,
            ObjectStore store,
            LongFunction<String> checkpointName,
            Lane lane) {
        this.codec = new PageCodec(volume, sealing);
        this.root = root;
        this.loader = new PageLoader(store, checkpointName, codec, lane, CACHE_PAGES);
        this.lane = lane;
    }

    /**
     * What the checkpoint needs.
     *
     * @param objects numbers of the checkpoint objects that it reaches
     * @param segments its segment table
     */
    public record Needed(SortedSet<Long> objects, List<SegmentUse> segments) {}

    /** Reads the root and the segment table. Fails when they cannot be read. Any thread. */
    public CompletableFuture<Needed> needed() {
        return record().thenCompose(record -> new SegmentScan(record.segments(), loader, lane, 1, Integer.MAX_VALUE)
                .start()
                .thenApply(segments -> {
                    TreeSet<Long> objects = new TreeSet<>();
                    record.objects().forEach((number, use) -> {
                        if (use.liveBytes() > 0) {
                            objects.add(number);
                        }
                    });
                    if (root.object() > 0) {
                        objects.add(root.object());
                    }
                    return new Needed(objects, segments);
                }));
    }

    private CompletableFuture<RootRecord> record() {
        return root.object() == 0 ? CompletableFuture.completedFuture(RootRecord.EMPTY) : loader.loadRoot(root);
    }

    /** Checks every byte of object {@code number}: all that is wrong, one sentence each; empty when it is sound. */
    public List<String> verify(long number, ByteBuffer object) {
        List<String> problems = new ArrayList<>();
        try {
            checkHeader(number, object);
        } catch (DamagedObjectException | UnsupportedFormatException damaged) {
            problems.add(String.valueOf(damaged.getMessage()));
        }
        int offset = CheckpointObject.HEADER_BYTES;
        while (offset < object.remaining()) {
            ByteBuffer rest = object.slice(object.position() + offset, object.remaining() - offset);
            int length = rest.remaining();
            try {
                length = PageCodec.storedBytes(rest);
                PageId unused = codec.verify(number, offset, rest.slice(0, length));
            } catch (DamagedObjectException | UnsupportedFormatException damaged) {
                problems.add("offset " + offset + ": " + damaged.getMessage());
            }
            offset += length;
        }
        return problems;
    }

    private void checkHeader(long number, ByteBuffer object) throws DamagedObjectException, UnsupportedFormatException {
        String name = "checkpoint object " + number + " of volume " + codec.volume();
        CheckedReader reader = new CheckedReader(name, object);
        FormatHeader.read(FormatKind.CHECKPOINT, reader).expect(name, codec.volume(), number);
        CRC32C checksum = new CRC32C();
        checksum.update(object.slice(object.position(), FormatHeader.BYTES));
        reader.check(reader.i32() == (int) checksum.getValue(), "the checksum of its header is wrong: damaged");
    }

    /**
     * Blocks that cannot be looked up, because a page on the way to them cannot be read.
     *
     * @param object number of the checkpoint object in which the page stands
     * @param firstBlock and {@code blocks}: the part of the volume
     */
    public record Unreachable(long object, long firstBlock, long blocks) {}

    /**
     * What part of the mapping stands in pages of {@code suspects} that cannot be read. Reads all inner pages of the map, and
     * the leaf pages in {@code suspects}; nothing is found when the root itself cannot be read, which {@link #needed} tells.
     */
    public CompletableFuture<List<Unreachable>> unreachable(Set<Long> suspects) {
        return record().thenCompose(record -> new MapWalk(record.map(), suspects).start());
    }

    /** Goes through the map, a page per turn. */
    private final class MapWalk {
        private final PageTree tree;
        private final Set<Long> suspects;
        private final Deque<Place> waiting = new ArrayDeque<>();
        private final List<Unreachable> found = new ArrayList<>();
        private final CompletableFuture<List<Unreachable>> result = new CompletableFuture<>();

        private record Place(int level, long index, PagePointer pointer) {}

        MapWalk(PageTree tree, Set<Long> suspects) {
            this.tree = tree;
            this.suspects = suspects;
            if (!tree.root().isAbsent()) {
                waiting.add(new Place(tree.height(), 0, tree.root()));
            }
        }

        CompletableFuture<List<Unreachable>> start() {
            lane.execute(this::turn);
            return result;
        }

        private void turn() {
            if (waiting.isEmpty()) {
                result.complete(found);
                return;
            }
            Place place = waiting.pop();
            CompletableFuture<?> unused = loader.load(
                            place.pointer(), tree.id(place.level(), place.index()), RequestCause.SCRUB)
                    .whenComplete((words, failure) -> arrived(place, words, failure));
        }

        private void arrived(Place place, long @Nullable [] words, @Nullable Throwable failure) {
            if (words != null) {
                descend(place, words);
            } else if (isDamage(failure)) {
                int shift = TreeGeometry.PAGE_BLOCKS_SHIFT + (TreeGeometry.FAN_OUT_SHIFT * place.level());
                found.add(new Unreachable(place.pointer().object(), place.index() << shift, 1L << shift));
            } else {
                result.completeExceptionally(failure == null ? new IllegalStateException("no page") : failure);
                return;
            }
            lane.execute(this::turn);
        }

        private boolean isDamage(@Nullable Throwable failure) {
            Throwable cause = failure == null ? null : io.sluice.storage.format.Failures.unwrap(failure);
            return cause instanceof DamagedObjectException
                    || cause instanceof UnsupportedFormatException
                    || isAbsence(cause);
        }

        private boolean isAbsence(@Nullable Throwable cause) {
            return cause instanceof io.sluice.storage.object.ObjectStoreException refused
                    && (refused.kind() == io.sluice.storage.object.ObjectStoreException.Kind.NOT_FOUND
                            || refused.kind() == io.sluice.storage.object.ObjectStoreException.Kind.INVALID);
        }

        private void descend(Place place, long[] words) {
            for (int i = 0; place.level() > 0 && i < TreeGeometry.FAN_OUT; i++) {
                PagePointer child = InnerPage.child(words, i);
                boolean inner = place.level() > 1;
                if (!child.isAbsent() && (inner || suspects.contains(child.object()))) {
                    waiting.push(
                            new Place(place.level() - 1, (place.index() << TreeGeometry.FAN_OUT_SHIFT) + i, child));
                }
            }
        }
    }

    /**
     * The newest root record in a checkpoint object, told by itself; null when there is none that can be read. Tells up to which
     * segment the volume was committed when no manifest is left to say it.
     */
    public static @Nullable Long coveredSegment(UUID volume, Sealing sealing, long number, ByteBuffer object) {
        PageCodec codec = new PageCodec(volume, sealing);
        Long covered = null;
        int offset = CheckpointObject.HEADER_BYTES;
        while (offset < object.remaining()) {
            ByteBuffer rest = object.slice(object.position() + offset, object.remaining() - offset);
            try {
                int length = PageCodec.storedBytes(rest);
                PageId first = new PageId(PageKind.ROOT, 0, 0);
                if (codec.verify(number, offset, rest.slice(0, length)).equals(first)) {
                    ByteBuffer content = ByteBuffer.wrap(codec.open(number, offset, rest.slice(0, length), first));
                    covered = RootCodec.coversSegment(content);
                }
                offset += length;
            } catch (IOException damaged) {
                return covered;
            }
        }
        return covered;
    }
}
