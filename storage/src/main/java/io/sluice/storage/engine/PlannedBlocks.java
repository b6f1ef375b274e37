package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a segment stores: the contents of the planned blocks, ascending by block, without those that are zeros. Read from
 * the journal in the journal's order, which is how the disk has them.
 *
 * <p>Frame {@code f} is the blocks 32 f to 32 f + 31. Made on a worker, then read by one thread at a time.
 */
final class PlannedBlocks {
    /** More than enough for the blocks of the longest segment. */
    private static final int PLACE_BITS = 16;

    private final byte[] content;
    private final long[] lbas;
    private final long[] addresses;
    private final List<Long> zeroBlocks = new ArrayList<>();
    private int count;

    /**
     * Reads the blocks of {@code stored} (block to journal address) into {@code content}, which has room for them.
     *
     * @throws IOException when the journal cannot be read
     */
    PlannedBlocks(SortedMap<Long, Long> stored, Journal journal, byte[] content) throws IOException {
        this.content = content;
        this.lbas = new long[stored.size()];
        this.addresses = new long[stored.size()];
        int at = 0;
        for (Map.Entry<Long, Long> entry : stored.entrySet()) {
            lbas[at] = entry.getKey();
            addresses[at++] = entry.getValue();
        }
        gather(journal);
        dropZeros();
    }

    private void gather(Journal journal) throws IOException {
        long[] ascending = addresses.clone();
        int[] order = sortWithPlaces(ascending);
        boolean kept = journal.readAll(
                ascending,
                (index, block) ->
                        block.get(content, order[index] << BlockGeometry.BLOCK_SHIFT, BlockGeometry.BLOCK_BYTES));
        Invariant.check(kept, "journal space was released before it was flushed", ascending.length, journal.tail());
    }

    /** Sorts {@code values}, addresses of one part of the journal, and returns where each one stood. */
    private static int[] sortWithPlaces(long[] values) {
        Invariant.check(values.length <= 1 << PLACE_BITS, "blocks of a plan", values.length, PLACE_BITS);
        long lowest = Arrays.stream(values).min().orElse(0);
        for (int i = 0; i < values.length; i++) {
            long distance = values[i] - lowest;
            Invariant.check(distance < 1L << (Long.SIZE - 1 - PLACE_BITS), "span of a plan", distance, i);
            values[i] = (distance << PLACE_BITS) | i;
        }
        Arrays.sort(values);
        int[] places = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            places[i] = (int) values[i] & ((1 << PLACE_BITS) - 1);
            values[i] = lowest + (values[i] >>> PLACE_BITS);
        }
        return places;
    }

    private void dropZeros() {
        ByteBuffer all = ByteBuffer.wrap(content);
        for (int i = 0; i < lbas.length; i++) {
            int from = i << BlockGeometry.BLOCK_SHIFT;
            if (isZero(all, from)) {
                zeroBlocks.add(lbas[i]);
                continue;
            }
            if (i > count) {
                System.arraycopy(content, from, content, count << BlockGeometry.BLOCK_SHIFT, BlockGeometry.BLOCK_BYTES);
                lbas[count] = lbas[i];
                addresses[count] = addresses[i];
            }
            count++;
        }
    }

    private static boolean isZero(ByteBuffer all, int from) {
        for (int i = from; i < from + BlockGeometry.BLOCK_BYTES; i += Long.BYTES) {
            if (all.getLong(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Blocks with content. */
    int count() {
        return count;
    }

    /** Frames that hold them. */
    int frames() {
        return (count + Locator.FRAME_SLOTS - 1) / Locator.FRAME_SLOTS;
    }

    /** The block numbers of frame {@code frame}. */
    long[] lbas(int frame) {
        return Arrays.copyOfRange(lbas, frame * Locator.FRAME_SLOTS, endOf(frame));
    }

    /** Its contents; valid as long as the array given to the constructor belongs to this. */
    ByteBuffer content(int frame) {
        int from = frame * Locator.FRAME_SLOTS;
        return ByteBuffer.wrap(
                content, from << BlockGeometry.BLOCK_SHIFT, (endOf(frame) - from) << BlockGeometry.BLOCK_SHIFT);
    }

    private int endOf(int frame) {
        return Math.min(count, (frame + 1) * Locator.FRAME_SLOTS);
    }

    /** Journal address of block {@code index} of those with content. */
    long address(int index) {
        return addresses[index];
    }

    /** Blocks that turned out to hold zeros only, ascending. */
    List<Long> zeroBlocks() {
        return zeroBlocks;
    }
}
