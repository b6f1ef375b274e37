package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.index.BlockIndex;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads ranges of the volume from what is on this machine, neighbours together. Used by one thread at a time. */
final class LocalRange {
    private final BlockIndex index;
    private final ReadPath path;
    private final long[] locators;

    /** Looks up to {@code lookupBlocks} blocks up at once. */
    LocalRange(BlockIndex index, ReadPath path, int lookupBlocks) {
        this.index = index;
        this.path = path;
        this.locators = new long[lookupBlocks];
    }

    /** How many blocks {@code bytes} bytes touch that begin at byte {@code from} of a block. */
    static int blocksSpanned(int from, int bytes) {
        return (from + bytes + BlockGeometry.BLOCK_BYTES - 1) >>> BlockGeometry.BLOCK_SHIFT;
    }

    /**
     * Fills the destination; false at the first block that is not here, with all before it done and the position behind them.
     *
     * @throws IOException when the journal's disk fails
     */
    boolean read(long offsetBytes, ByteBuffer destination) throws IOException {
        int start = destination.position();
        while (destination.hasRemaining()) {
            long position = offsetBytes + destination.position() - start;
            long lba = position >>> BlockGeometry.BLOCK_SHIFT;
            int from = (int) (position & (BlockGeometry.BLOCK_BYTES - 1));
            int blocks = Math.min(locators.length, blocksSpanned(from, destination.remaining()));
            index.lookup(lba, blocks, locators, 0);
            for (int i = 0; i < blocks; ) {
                int run = LocalReader.run(locators, i, blocks - i);
                LocalReader.Outcome outcome = readRun(locators[i], run, from, destination);
                if (outcome == LocalReader.Outcome.MOVED) {
                    run = 1;
                    outcome = readMoved(lba + i, from, destination);
                }
                if (outcome != LocalReader.Outcome.DONE) {
                    return false;
                }
                from = 0;
                i += run;
            }
        }
        return true;
    }

    /** {@code run} blocks from {@code from} on in the first, or what the destination has room for. */
    private LocalReader.Outcome readRun(long locator, int run, int from, ByteBuffer destination) throws IOException {
        int limit = destination.limit();
        int length = Math.min((run << BlockGeometry.BLOCK_SHIFT) - from, destination.remaining());
        destination.limit(destination.position() + length);
        try {
            return path.local().read(locator, from, destination);
        } finally {
            destination.limit(limit);
        }
    }

    private LocalReader.Outcome readMoved(long lba, int from, ByteBuffer destination) throws IOException {
        LocalReader.Outcome outcome;
        do {
            outcome = readRun(path.index().lookup(lba), 1, from, destination);
        } while (outcome == LocalReader.Outcome.MOVED);
        return outcome;
    }
}
