package io.sluice.storage.gc;

import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.runtime.Invariant;
import io.sluice.storage.segment.OldPlace;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Tombstone;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;

/**
 * The content of one MOVED segment: all of it is in memory and verified before the segment gets a number.
 *
 * <pre>
 *   gathered ─▶ built (a worker) ─▶ committed ─▶ settled (the lane)
 * </pre>
 *
 * <p>Blocks that shared a slot go on sharing one: the first of them is stored, the others are shared extents.
 */
public final class MovedSegment {
    private final List<MovedBlock> blocks;
    private final List<Tombstone> tombstones;
    private final SortedSet<Long> settled;
    private final List<Placed> references;
    private final List<ByteBuffer> frames = new ArrayList<>();
    private final List<Boolean> warm = new ArrayList<>();

    private MovedSegment(
            List<MovedBlock> blocks, List<Tombstone> tombstones, SortedSet<Long> settled, List<Placed> references) {
        this.blocks = List.copyOf(blocks);
        this.tombstones = tombstones;
        this.settled = settled;
        this.references = references;
    }

    /**
     * {@code blocks} in any order, at most as many as a segment takes. (They were found in theirs, but one whose slot is shared
     * may have lost its first place to the host since, and begins with a later one now.)
     */
    static MovedSegment of(List<MovedBlock> blocks) {
        List<MovedBlock> ascending = new ArrayList<>(blocks);
        ascending.sort(Comparator.comparingLong(MovedBlock::lba));
        return new MovedSegment(ascending, List.of(), Collections.emptySortedSet(), List.of());
    }

    /** What {@code settlement} carries on, {@code references} of that (ascending); no blocks. */
    static MovedSegment settling(Settlement settlement, List<Placed> references) {
        return new MovedSegment(List.of(), settlement.tombstones(), settlement.settled(), references);
    }

    /** In how many runs {@code references}, ascending, can be told. */
    static int runs(List<Placed> references) {
        int runs = 0;
        for (int from = 0; from < references.size(); from = endOfRun(references, from)) {
            runs++;
        }
        return runs;
    }

    private static int endOfRun(List<Placed> references, int from) {
        Placed first = references.get(from);
        LocatorRun run = new LocatorRun(first.locator(), 1, false);
        int end = from + 1;
        while (end < references.size()
                && references.get(end).lba() == first.lba() + (end - from)
                && references.get(end).asOf() == first.asOf()
                && run.isContinuedBy(references.get(end).locator())) {
            run = run.with(references.get(end).locator());
            end++;
        }
        return end;
    }

    /** Nothing at all: a number of the series is passed. */
    static MovedSegment empty() {
        return of(List.of());
    }

    /** Bytes before compression. */
    long rawBytes() {
        return (long) blocks.size() * BlockGeometry.BLOCK_BYTES;
    }

    /** Puts everything into {@code builder}; runs on a worker. */
    public void fill(SegmentBuilder builder) {
        for (int from = 0; from < blocks.size(); from += Locator.FRAME_SLOTS) {
            addFrame(builder, blocks.subList(from, Math.min(blocks.size(), from + Locator.FRAME_SLOTS)));
        }
        for (int i = 0; i < blocks.size(); i++) {
            addShared(
                    builder,
                    i / Locator.FRAME_SLOTS,
                    i % Locator.FRAME_SLOTS,
                    blocks.get(i).places());
        }
        addReferences(builder);
        tombstones.forEach(tombstone -> builder.addTombstone(tombstone.lba(), tombstone.count(), tombstone.version()));
        settled.forEach(builder::addSettled);
    }

    /** Neighbours that stand one behind another, or in one slot, make one extent. */
    private void addReferences(SegmentBuilder builder) {
        int from = 0;
        while (from < references.size()) {
            Placed first = references.get(from);
            int end = endOfRun(references, from);
            boolean repeated = end - from > 1 && references.get(from + 1).locator() == first.locator();
            LocatorRun run = new LocatorRun(first.locator(), end - from, repeated);
            builder.addShared(first.lba(), run, List.of(new OldPlace(run, first.asOf())));
            from = end;
        }
    }

    private void addFrame(SegmentBuilder builder, List<MovedBlock> part) {
        ByteBuffer raw = ByteBuffer.allocate(part.size() * BlockGeometry.BLOCK_BYTES);
        long[] lbas = new long[part.size()];
        OldPlaces old = new OldPlaces();
        int used = 0;
        for (int slot = 0; slot < lbas.length; slot++) {
            MovedBlock block = part.get(slot);
            lbas[slot] = block.lba();
            old.add(block.places().get(0));
            raw.put(block.content().duplicate());
            used += block.fromCache() ? 1 : 0;
        }
        raw.flip();
        frames.add(raw.asReadOnlyBuffer());
        warm.add(2 * used >= lbas.length);
        builder.addFrame(lbas, old.runs(), raw);
    }

    /** All but the first of {@code places} share the slot of the first: neighbours make one extent. */
    private static void addShared(SegmentBuilder builder, int frame, int slot, List<Placed> places) {
        int from = 1;
        while (from < places.size()) {
            OldPlaces old = new OldPlaces();
            int end = from;
            while (end < places.size()
                    && places.get(end).lba() == places.get(from).lba() + (end - from)) {
                old.add(places.get(end));
                end++;
            }
            builder.addShared(places.get(from).lba(), end - from, frame, slot, old.runs());
            from = end;
        }
    }

    /**
     * The segment counts and the committed mapping knows it: frames that were in use go to the read cache, then the index
     * moves each block that still stands at its old place. On the lane, in the turn of the commit.
     */
    public void settle(SegmentHeader header, ReadCache cache, BlockIndex index) {
        for (int i = 0; i < frames.size(); i++) {
            SegmentHeader.Frame frame = header.frames().get(i);
            if (warm.get(i)) {
                cache.insert(
                        Locator.frameKey(frame.locator(header.number(), 0)),
                        frames.get(i).duplicate(),
                        ReadCache.Origin.FLUSHED);
            }
        }
        for (int i = 0; i < blocks.size(); i++) {
            SegmentHeader.Frame frame = header.frames().get(i / Locator.FRAME_SLOTS);
            moveIndex(index, blocks.get(i), frame.locator(header.number(), i % Locator.FRAME_SLOTS));
        }
    }

    private static void moveIndex(BlockIndex index, MovedBlock block, long locator) {
        Invariant.check(!block.places().isEmpty(), "a moved slot without blocks", locator, 0);
        long to = locator;
        for (Placed place : block.places()) {
            index.move(place.lba(), place.locator(), to);
            to = Locator.shared(locator);
        }
    }

    /** Runs of old places, grown one by one. */
    private static final class OldPlaces {
        private final List<OldPlace> runs = new ArrayList<>();

        void add(Placed place) {
            int last = runs.size() - 1;
            if (last >= 0
                    && runs.get(last).asOf() == place.asOf()
                    && runs.get(last).run().isContinuedBy(place.locator())) {
                runs.set(last, new OldPlace(runs.get(last).run().with(place.locator()), place.asOf()));
            } else {
                runs.add(new OldPlace(new LocatorRun(place.locator(), 1, false), place.asOf()));
            }
        }

        List<OldPlace> runs() {
            return runs;
        }
    }
}
