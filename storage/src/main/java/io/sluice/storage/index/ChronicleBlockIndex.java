package io.sluice.storage.index;

import static io.sluice.storage.format.BlockGeometry.LEAF_BLOCKS;
import static io.sluice.storage.format.BlockGeometry.LEAF_SHIFT;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The block index in a Chronicle Map, one entry per resident leaf, changed in place.
 *
 * <pre>
 *             putJournal, putRange (edge), beginFill
 *   absent ────────────────────────────────────────▶ resident ◀──beginFill/endFill──▶ pinned
 *      ▲   base: the range over it, else UNKNOWN    │
 *      └───────────── dropped (second chance) ───────────┘
 * </pre>
 *
 * <p>Invariants, besides those of the interface:
 *
 * <ol>
 *   <li>An entry is looked for, read and changed only within its stripe; a stripe's view never points anywhere outside
 *       (references into Chronicle Map are re-aimed by its next query).
 *   <li>No thread holds two stripes, except {@link #close}, which takes all of them in order.
 *   <li>A range is recorded (or forgotten: {@link #committedBelow}) before resident leaves are changed (moved), and a leaf
 *       is registered in the ring before the ranges are asked for its base: so one of the two sees the other.
 *   <li>A leaf under an unsettled range is not dropped: the range would come back as its base and hide what was
 *       written since.
 * </ol>
 *
 * <p>The caller calls {@link #settledBelow} only with an address below which every record has been put here, and below
 * which every locator here has been {@linkplain #move moved}.
 */
public final class ChronicleBlockIndex implements BlockIndex {
    /** Fewest leaves of an index, however little memory it is given. */
    static final int LEAVES_MIN = 64;

    private static final Logger LOG = LoggerFactory.getLogger(ChronicleBlockIndex.class);
    private static final int STRIPES = 256;
    private static final int SPARE_LEAVES_MIN = 1024;
    private static final int LEAVES_MAX = 1 << 28;
    private static final int SCAN_POSITIONS = 256;
    private static final int PROBES_MAX = 256;
    private static final int RANGES_MAX = 1 << 18;

    private final @Nullable Path file;
    private final LeafTable table;
    private final Stripe[] stripes = new Stripe[STRIPES];
    private final ResidentRing ring;
    private final LeafRanges ranges = new LeafRanges();
    private final int leavesMax;
    private volatile long settledBelow;
    private boolean closed;

    /** What belongs to the holder of one stripe. */
    private static final class Stripe {
        final LeafKey key = new LeafKey();
        final LeafEntry view = new LeafEntry();
        final LeafEntry template = new LeafEntry();
    }

    private ChronicleBlockIndex(@Nullable Path file, LeafTable table, int leavesMax) {
        this.file = file;
        this.table = table;
        this.leavesMax = leavesMax;
        this.ring = new ResidentRing((2 * leavesMax) + SPARE_LEAVES_MIN);
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    /**
     * Opens the index in {@code file}, created when absent; in memory alone when it is null. What the file holds is used
     * only when it was closed with exactly {@code cleanStamp} and is undamaged; else the index begins empty.
     *
     * @param memoryBytes bound of the resident leaves' memory; exceeded (up to twice) only while so many leaves cannot
     *     be dropped that {@link #underPressure} says so
     */
    public static ChronicleBlockIndex open(@Nullable Path file, long memoryBytes, long cleanStamp) throws IOException {
        int leaves = (int) Math.min(LEAVES_MAX, Math.max(LEAVES_MIN, memoryBytes / LeafTable.ENTRY_BYTES));
        if (file == null) {
            return new ChronicleBlockIndex(null, openTable(null, leaves), leaves);
        }
        Optional<CleanMarker> marker = CleanMarker.take(file);
        if (marker.isPresent() && marker.get().vouchesFor(file, cleanStamp)) {
            ChronicleBlockIndex reopened = reopen(file, leaves, marker.get());
            if (reopened != null) {
                return reopened;
            }
        }
        Files.deleteIfExists(file);
        return new ChronicleBlockIndex(file, openTable(file, leaves), leaves);
    }

    /**
     * Loads what the first opening in a process would otherwise load and initialise while everything waits for it: most of it
     * is Chronicle Map's own. Takes some hundred milliseconds once, and has no effect otherwise.
     */
    public static void warmUp() throws IOException {
        open(null, 0, 0).close();
    }

    private static LeafTable openTable(@Nullable Path file, int leaves) throws IOException {
        int entries = Math.max(leaves, SPARE_LEAVES_MIN);
        if (file == null) {
            return LeafTable.open(null, entries);
        }
        try {
            return LeafTable.open(file.toFile(), entries);
        } catch (IOException failure) {
            throw isFull(failure)
                    ? new IOException(
                            "no space left for the block index " + file + ": " + failure.getMessage(), failure)
                    : failure;
        }
    }

    /** Chronicle Map reserves the space of its file, and does not say where. */
    private static boolean isFull(IOException failure) {
        return String.valueOf(failure.getMessage()).contains("Not enough space");
    }

    /** Null when the file is not usable with these settings: the index is derived, so beginning empty is always right. */
    private static @Nullable ChronicleBlockIndex reopen(Path file, int leaves, CleanMarker marker) throws IOException {
        LeafTable table;
        try {
            table = openTable(file, leaves);
        } catch (RuntimeException unusable) {
            LOG.warn("index {} cannot be reused ({}); beginning with an empty one", file, unusable.toString());
            return null;
        }
        ChronicleBlockIndex index = new ChronicleBlockIndex(file, table, leaves);
        if (table.size() != marker.residents() || table.size() > leaves) {
            LOG.info("index {} was made with other settings; beginning with an empty one", file);
            table.close();
            return null;
        }
        index.adopt(marker);
        return index;
    }

    private void adopt(CleanMarker marker) {
        settledBelow = marker.settledBelow();
        marker.ranges().forEach(range -> ranges.add(range.first(), range.end(), range.locator()));
        long[] leaves = new long[Math.toIntExact(table.size())];
        int[] count = {0};
        table.forEachLeaf(leaf -> leaves[count[0]++] = leaf);
        Arrays.sort(leaves);
        for (long leaf : leaves) {
            Stripe stripe = stripe(leaf);
            synchronized (stripe) {
                stripe.key.set(leaf);
                Invariant.check(table.aim(stripe.key, stripe.view), "index lists a leaf it does not have", leaf, 0);
                stripe.view.pins(0);
                stripe.view.ringPosition(ring.claim(leaf));
            }
        }
    }

    @Override
    public void putJournal(long lba, long address) {
        long leaf = BlockGeometry.leafOf(lba);
        int slot = BlockGeometry.slotInLeaf(lba);
        long locator = Locator.journal(address);
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            if (aim(stripe, leaf)) {
                putNewer(stripe.view, slot, slot + 1, locator);
                return;
            }
        }
        makeRoom();
        synchronized (stripe) {
            makeResident(stripe, leaf);
            putNewer(stripe.view, slot, slot + 1, locator);
        }
    }

    @Override
    public void putRange(long lba, long count, long locator) {
        Invariant.check(Locator.address(locator) >= 0, "a range has no record", lba, locator);
        long end = lba + count;
        long firstWhole = (lba + LEAF_BLOCKS - 1) >>> LEAF_SHIFT;
        long endWhole = end >>> LEAF_SHIFT;
        if (firstWhole > endWhole) {
            putPart(endWhole, BlockGeometry.slotInLeaf(lba), BlockGeometry.slotInLeaf(end), locator);
            return;
        }
        if (BlockGeometry.slotInLeaf(lba) != 0) {
            putPart(firstWhole - 1, BlockGeometry.slotInLeaf(lba), LEAF_BLOCKS, locator);
        }
        if (firstWhole < endWhole) {
            putWholeLeaves(firstWhole, endWhole, locator);
        }
        if (BlockGeometry.slotInLeaf(end) != 0) {
            putPart(endWhole, 0, BlockGeometry.slotInLeaf(end), locator);
        }
    }

    private void putPart(long leaf, int fromSlot, int toSlot, long locator) {
        makeRoom();
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            makeResident(stripe, leaf);
            putNewer(stripe.view, fromSlot, toSlot, locator);
        }
    }

    private void putWholeLeaves(long first, long end, long locator) {
        ranges.add(first, end, locator);
        forEachResident(first, end, leaf -> putWholeIfResident(leaf, locator));
    }

    /** Every leaf from {@code first} to {@code end - 1} that is resident, and perhaps some that are not. */
    private void forEachResident(long first, long end, LongConsumer consumer) {
        if (end - first <= ring.residents()) {
            for (long leaf = first; leaf < end; leaf++) {
                consumer.accept(leaf);
            }
            return;
        }
        for (int position = 0; position < ring.positions(); position++) {
            long leaf = ring.leafAt(position);
            if (leaf >= first && leaf < end) {
                consumer.accept(leaf);
            }
        }
    }

    private void putWholeIfResident(long leaf, long locator) {
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            stripe.key.set(leaf);
            if (table.aim(stripe.key, stripe.view)) {
                putNewer(stripe.view, 0, LEAF_BLOCKS, locator);
            }
        }
    }

    @Override
    public void lookup(long lba, int count, long[] out, int from) {
        long block = lba;
        int at = from;
        int left = count;
        while (left > 0) {
            int slot = BlockGeometry.slotInLeaf(block);
            int here = Math.min(left, LEAF_BLOCKS - slot);
            lookupInLeaf(BlockGeometry.leafOf(block), slot, here, out, at);
            block += here;
            at += here;
            left -= here;
        }
    }

    private void lookupInLeaf(long leaf, int slot, int count, long[] out, int from) {
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            if (aim(stripe, leaf)) {
                for (int i = 0; i < count; i++) {
                    out[from + i] = stripe.view.locator(slot + i);
                }
                return;
            }
            Arrays.fill(out, from, from + count, baseOf(leaf));
        }
    }

    @Override
    public boolean move(long lba, long expected, long replacement) {
        long leaf = BlockGeometry.leafOf(lba);
        int slot = BlockGeometry.slotInLeaf(lba);
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            stripe.key.set(leaf);
            if (!table.aim(stripe.key, stripe.view) || stripe.view.locator(slot) != expected) {
                return false;
            }
            stripe.view.locator(slot, replacement);
            return true;
        }
    }

    @Override
    public void moveRange(long lba, long count, long expected, long replacement, int stride) {
        forEachResident(
                BlockGeometry.leafOf(lba),
                BlockGeometry.leafOf(lba + count - 1) + 1,
                leaf -> moveInLeaf(leaf, lba, lba + count, expected, replacement, stride));
    }

    private void moveInLeaf(long leaf, long lba, long end, long expected, long replacement, int stride) {
        long firstBlock = leaf << LEAF_SHIFT;
        int from = (int) Math.max(0, lba - firstBlock);
        int to = (int) Math.min(LEAF_BLOCKS, end - firstBlock);
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            stripe.key.set(leaf);
            if (!table.aim(stripe.key, stripe.view)) {
                return;
            }
            for (int slot = from; slot < to; slot++) {
                if (stripe.view.locator(slot) == expected) {
                    stripe.view.locator(slot, replacement + (stride * (firstBlock + slot - lba)));
                }
            }
        }
    }

    @Override
    public void committedBelow(long address) {
        ranges.settleBelow(address);
    }

    @Override
    public @Nullable AbsentLeaves absentFrom(long leaf, long end) {
        if (isResident(leaf)) {
            return null;
        }
        LeafRanges.Span span = ranges.spanAt(leaf, end);
        return new AbsentLeaves(nextResident(leaf + 1, span.end()), span.locator());
    }

    /** The first resident leaf from {@code leaf} on, else {@code end}. */
    private long nextResident(long leaf, long end) {
        if (end - leaf <= PROBES_MAX) {
            long next = leaf;
            while (next < end && !isResident(next)) {
                next++;
            }
            return next;
        }
        long nearest = end;
        for (int position = 0; position < ring.positions(); position++) {
            long other = ring.leafAt(position);
            nearest = other >= leaf && other < nearest ? other : nearest;
        }
        return nearest;
    }

    private boolean isResident(long leaf) {
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            stripe.key.set(leaf);
            return table.aim(stripe.key, stripe.view);
        }
    }

    @Override
    public void beginFill(long leaf) {
        makeRoom();
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            makeResident(stripe, leaf);
            stripe.view.pins(stripe.view.pins() + 1);
        }
    }

    @Override
    public void endFill(long leaf, long @Nullable [] committed) {
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            Invariant.check(aim(stripe, leaf) && stripe.view.pins() > 0, "endFill without beginFill", leaf, 0);
            if (committed != null) {
                fill(stripe.view, committed);
            }
            stripe.view.pins(stripe.view.pins() - 1);
        }
    }

    private static void fill(LeafEntry view, long[] committed) {
        Invariant.check(committed.length == LEAF_BLOCKS, "committed leaf", committed.length, LEAF_BLOCKS);
        for (int slot = 0; slot < LEAF_BLOCKS; slot++) {
            if (view.locator(slot) == Locator.UNKNOWN) {
                view.locator(slot, committed[slot]);
            }
        }
    }

    @Override
    public long residentLeaves() {
        return ring.residents();
    }

    @Override
    public void settledBelow(long journalAddress) {
        // Ranges first: a leaf that may be dropped from now on must not find an outdated range when it comes back.
        ranges.settleBelow(journalAddress);
        synchronized (ranges) {
            settledBelow = Math.max(settledBelow, journalAddress);
        }
        if (ring.residents() > leavesMax) {
            dropSome(SCAN_POSITIONS);
        }
    }

    @Override
    public boolean underPressure() {
        if (ring.residents() > leavesMax) {
            dropSome(SCAN_POSITIONS);
        }
        return ring.residents() > leavesMax || ranges.size() > RANGES_MAX;
    }

    @Override
    public void closeClean(long stamp) {
        long residents = ring.residents();
        close();
        if (file == null) {
            return;
        }
        try {
            CleanMarker.leave(file, stamp, residents, settledBelow, ranges.all());
        } catch (IOException failure) {
            LOG.warn("index {} could not be marked clean; the next start begins with an empty one", file, failure);
        }
    }

    @Override
    public void close() {
        closeFrom(0);
    }

    /** Nobody may be inside a stripe while the memory goes away. */
    private void closeFrom(int stripe) {
        if (stripe < STRIPES) {
            synchronized (stripes[stripe]) {
                closeFrom(stripe + 1);
            }
        } else if (!closed) {
            closed = true;
            table.close();
        }
    }

    private Stripe stripe(long leaf) {
        long mixed = leaf * 0x9e37_79b9_7f4a_7c15L;
        return stripes[(int) (mixed >>> 56)];
    }

    private boolean aim(Stripe stripe, long leaf) {
        stripe.key.set(leaf);
        if (!table.aim(stripe.key, stripe.view)) {
            return false;
        }
        ring.mark(stripe.view.ringPosition());
        return true;
    }

    private void makeResident(Stripe stripe, long leaf) {
        if (aim(stripe, leaf)) {
            return;
        }
        stripe.template.ringPosition(ring.claim(leaf));
        stripe.template.fill(baseOf(leaf));
        table.insert(stripe.key, stripe.template);
        Invariant.check(table.aim(stripe.key, stripe.view), "a leaf just added is not there", leaf, 0);
    }

    private long baseOf(long leaf) {
        return ranges.locatorAt(leaf);
    }

    private static void putNewer(LeafEntry view, int fromSlot, int toSlot, long locator) {
        long address = Locator.address(locator);
        for (int slot = fromSlot; slot < toSlot; slot++) {
            if (Locator.address(view.locator(slot)) < address) {
                view.locator(slot, locator);
            }
        }
    }

    /** Called without a stripe, before a leaf may become resident. */
    private void makeRoom() {
        int residents = ring.residents();
        if (residents >= leavesMax) {
            boolean last = residents >= ring.positions() - STRIPES;
            dropSome(last ? 2 * ring.positions() : SCAN_POSITIONS);
        }
    }

    /** Drops leaves until there is room for one, looking at no more than {@code positionsMax} of them. */
    private void dropSome(int positionsMax) {
        for (int i = 0; i < positionsMax && ring.residents() >= leavesMax; i++) {
            int position = ring.advance();
            long leaf = ring.leafAt(position);
            if (leaf != ResidentRing.NONE && !ring.unmark(position)) {
                dropIfSettled(position, leaf);
            }
        }
    }

    private void dropIfSettled(int position, long leaf) {
        Stripe stripe = stripe(leaf);
        synchronized (stripe) {
            if (ring.leafAt(position) != leaf) {
                return;
            }
            stripe.key.set(leaf);
            Invariant.check(table.aim(stripe.key, stripe.view), "a leaf of the ring is not resident", leaf, position);
            if (stripe.view.pins() == 0 && isSettled(stripe.view) && ranges.locatorAt(leaf) == Locator.UNKNOWN) {
                table.remove(stripe.key);
                ring.release(position);
            }
        }
    }

    private boolean isSettled(LeafEntry view) {
        long tail = settledBelow;
        for (int slot = 0; slot < LEAF_BLOCKS; slot++) {
            if (Locator.address(view.locator(slot)) >= tail) {
                return false;
            }
        }
        return true;
    }
}
