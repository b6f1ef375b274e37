package io.sluice.storage.gc;

import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.segment.OpenedFrame;
import io.sluice.storage.segment.SegmentCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Reads blocks that are to be moved: from the read cache when there, else the frames needed from the bucket, with neighbours
 * and what lies between them in one ranged get. Every block is verified: by the cache's own check, or by opening its frame,
 * which must name the block unless it is shared. Used by one batch at a time; futures complete on the lane.
 */
final class BlockSource {
    /** What lies between two needed frames is read too when it is not longer: cheaper than another request. */
    private static final int GAP_BYTES_MAX = 128 << 10;
    /** Longest range of one get. */
    private static final int RANGE_BYTES_MAX = 4 << 20;

    private final ObjectStore store;
    private final ObjectNames names;
    private final SegmentCodec codec;
    private final ReadCache cache;
    private final Lane lane;
    private final Lane cacheLane;
    private final EngineRuntime runtime;
    private final Pace pace;

    /** Reads at {@code pace}. */
    BlockSource(CollectorParts parts, Pace pace) {
        this.store = parts.store();
        this.names = parts.names();
        this.codec = parts.codec();
        this.cache = parts.cache();
        this.runtime = parts.runtime();
        this.lane = parts.lane();
        this.cacheLane = runtime.backgroundLane("gc-" + parts.volumeName());
        this.pace = pace;
    }

    /**
     * What was read.
     *
     * @param blocks ascending by their first block
     * @param damaged segments of which something could not be verified, with the reason; none of their blocks is among
     *     {@code blocks}
     */
    record Found(List<MovedBlock> blocks, Map<Long, String> damaged) {}

    /** Reads all of {@code places}; fails only when the bucket cannot be asked. */
    CompletableFuture<Found> read(List<Placed> places) {
        return new Reading(places).start();
    }

    /** The blocks in one slot. */
    private static final class Slot {
        private final List<Placed> places = new ArrayList<>();
        private @Nullable ByteBuffer content;
        private boolean fromCache;
    }

    /** One call of {@link #read}. */
    private final class Reading {
        /** Frame key to slot number to slot. */
        private final TreeMap<Long, TreeMap<Integer, Slot>> frames = new TreeMap<>();

        private final Map<Long, String> damaged = new HashMap<>();

        Reading(List<Placed> places) {
            for (Placed place : places) {
                frames.computeIfAbsent(Locator.frameKey(place.locator()), key -> new TreeMap<>())
                        .computeIfAbsent(Locator.slot(place.locator()), slot -> new Slot())
                        .places
                        .add(place);
            }
        }

        CompletableFuture<Found> start() {
            return CompletableFuture.supplyAsync(this::readCached, cacheLane)
                    .thenComposeAsync(missing -> fetch(missing, 0), lane)
                    .thenApply(done -> found());
        }

        /** Frames that are not in the cache, ascending by segment and offset. */
        private List<Long> readCached() {
            List<Long> missing = new ArrayList<>();
            frames.forEach((key, slots) -> {
                if (!readCached(key, slots)) {
                    missing.add(key);
                }
            });
            return missing;
        }

        private boolean readCached(long key, Map<Integer, Slot> slots) {
            if (!cache.contains(key)) {
                return false;
            }
            for (Map.Entry<Integer, Slot> slot : slots.entrySet()) {
                ByteBuffer content = ByteBuffer.allocate(BlockGeometry.BLOCK_BYTES);
                if (!cache.read(key, slot.getKey(), 0, content)) {
                    return false;
                }
                slot.getValue().content = content.flip();
                slot.getValue().fromCache = true;
            }
            return true;
        }

        private CompletableFuture<Void> fetch(List<Long> missing, int from) {
            if (from == missing.size()) {
                return CompletableFuture.completedFuture(null);
            }
            int end = endOfRange(missing, from);
            List<Long> range = missing.subList(from, end);
            long segment = Locator.segmentNumber(range.get(0));
            if (damaged.containsKey(segment)) {
                return fetch(missing, end);
            }
            int offset = Locator.frameOffsetBytes(range.get(0));
            int length = endBytes(range.get(range.size() - 1)) - offset;
            return pace.read(length)
                    .thenCompose(go -> store.getRange(names.segment(segment), offset, length, RequestCause.GC))
                    .thenAcceptAsync(bytes -> open(range, bytes), runtime.background())
                    .handleAsync((done, failure) -> judge(segment, failure), lane)
                    .thenComposeAsync(done -> fetch(missing, end), lane);
        }

        private int endOfRange(List<Long> keys, int from) {
            int end = from + 1;
            long first = keys.get(from);
            while (end < keys.size()
                    && Locator.segmentNumber(keys.get(end)) == Locator.segmentNumber(first)
                    && Locator.frameOffsetBytes(keys.get(end)) - endBytes(keys.get(end - 1)) <= GAP_BYTES_MAX
                    && endBytes(keys.get(end)) - Locator.frameOffsetBytes(first) <= RANGE_BYTES_MAX) {
                end++;
            }
            return end;
        }

        private int endBytes(long key) {
            return Locator.frameOffsetBytes(key) + Locator.frameStoredBytes(key);
        }

        private void open(List<Long> range, ByteBuffer bytes) {
            int base = Locator.frameOffsetBytes(range.get(0));
            try {
                for (long key : range) {
                    int from = Locator.frameOffsetBytes(key) - base;
                    OpenedFrame frame = codec.openFrame(
                            Locator.segmentNumber(key),
                            Locator.frameOffsetBytes(key),
                            bytes.slice(from, Locator.frameStoredBytes(key)));
                    take(key, frame);
                }
            } catch (DamagedObjectException | UnsupportedFormatException failure) {
                throw new CompletionException(failure);
            }
        }

        private void take(long key, OpenedFrame frame) throws DamagedObjectException {
            for (Map.Entry<Integer, Slot> entry : slotsOf(key).entrySet()) {
                int number = entry.getKey();
                Slot slot = entry.getValue();
                for (Placed place : slot.places) {
                    if (number >= frame.lbas().length
                            || (frame.lbas()[number] != place.lba() && !Locator.isShared(place.locator()))) {
                        throw new DamagedObjectException(
                                names.segment(Locator.segmentNumber(key)),
                                "the frame at " + Locator.frameOffsetBytes(key) + " does not hold block "
                                        + place.lba());
                    }
                }
                byte[] content = new byte[BlockGeometry.BLOCK_BYTES];
                frame.blocks().duplicate().get(number * BlockGeometry.BLOCK_BYTES, content);
                slot.content = ByteBuffer.wrap(content);
                slot.fromCache = false;
            }
        }

        private Map<Integer, Slot> slotsOf(long key) {
            return frames.getOrDefault(key, new TreeMap<>());
        }

        /** What cannot be verified is named; what could not be asked fails the reading. */
        private @Nullable Void judge(long segment, @Nullable Throwable failure) {
            if (failure != null) {
                String reason = Damage.reason(failure);
                if (reason == null) {
                    throw new CompletionException(Failures.unwrap(failure));
                }
                damaged.put(segment, reason);
            }
            return null;
        }

        private Found found() {
            List<MovedBlock> blocks = new ArrayList<>();
            frames.forEach((key, slots) -> {
                if (!damaged.containsKey(Locator.segmentNumber(key))) {
                    slots.values().forEach(slot -> blocks.add(moved(slot)));
                }
            });
            blocks.sort(Comparator.comparingLong(MovedBlock::lba));
            return new Found(blocks, damaged);
        }

        private MovedBlock moved(Slot slot) {
            ByteBuffer content = slot.content;
            if (content == null) {
                throw new IllegalStateException("a block was neither read nor called damaged");
            }
            slot.places.sort(Comparator.comparingLong(Placed::lba));
            return new MovedBlock(slot.places, content, slot.fromCache);
        }
    }
}
