package io.sluice.storage.engine;

import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.format.Locator;
import io.sluice.storage.journal.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a block, part of one, or a run of blocks, from where the locators say, if that is on this machine. Thread-safe. */
final class LocalReader {
    /** How a try ended. */
    enum Outcome {
        /** The bytes were put. */
        DONE,
        /** The journal space was given back meanwhile, or a record says where the block is: look the block up again. */
        MOVED,
        /** The frame must come from the bucket. */
        FRAME_MISSING,
        /** The committed mapping must be asked. */
        LEAF_MISSING
    }

    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(4096).asReadOnlyBuffer();

    private final Journal journal;
    private final ReadCache cache;

    LocalReader(Journal journal, ReadCache cache) {
        this.journal = journal;
        this.cache = cache;
    }

    /**
     * How many of the {@code count} locators from {@code first} on can be read together: neighbours in one frame or in one batch
     * of the journal, or one block.
     */
    static int run(long[] locators, int first, int count) {
        int max = Math.min(count, Journal.RUN_BLOCKS_MAX);
        int run = 1;
        while (run < max && follows(locators[first + run - 1], locators[first + run])) {
            run++;
        }
        return run;
    }

    private static boolean follows(long locator, long next) {
        if (Locator.isJournal(locator)) {
            return Locator.isJournal(next) && Locator.address(next) == Locator.address(locator) + 1;
        }
        return Locator.isSegment(locator)
                && Locator.isSegment(next)
                && Locator.frameKey(next) == Locator.frameKey(locator)
                && Locator.slot(next) == Locator.slot(locator) + 1;
    }

    /**
     * Fills {@code destination} with the bytes from {@code from} on of the block, or of the run that begins with it; its position moves only with {@code DONE}.
     *
     * @throws IOException when the journal's disk fails
     */
    Outcome read(long locator, int from, ByteBuffer destination) throws IOException {
        if (Locator.isJournal(locator)) {
            return journal.readPart(Locator.address(locator), from, destination) ? Outcome.DONE : Outcome.MOVED;
        }
        if (Locator.isZero(locator)) {
            destination.put(ZEROS.duplicate().limit(destination.remaining()));
            return Outcome.DONE;
        }
        if (Locator.isSegment(locator)) {
            boolean hit = cache.read(Locator.frameKey(locator), Locator.slot(locator), from, destination);
            return hit ? Outcome.DONE : Outcome.FRAME_MISSING;
        }
        return locator == Locator.UNKNOWN ? Outcome.LEAF_MISSING : Outcome.MOVED;
    }
}
