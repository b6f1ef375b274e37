package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
        Integer[] order = new Integer[addresses.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingLong(i -> addresses[i]));
        long[] ascending = new long[order.length];
        Arrays.setAll(ascending, i -> addresses[order[i]]);
        boolean kept = journal.readAll(
                ascending,
                (index, block) ->
                        block.get(content, order[index] << BlockGeometry.BLOCK_SHIFT, BlockGeometry.BLOCK_BYTES));
        Invariant.check(kept, "journal space was released before it was flushed", ascending.length, journal.tail());
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
