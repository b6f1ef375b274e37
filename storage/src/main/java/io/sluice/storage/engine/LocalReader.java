package io.sluice.storage.engine;

import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.format.Locator;
import io.sluice.storage.journal.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads one block, or part of one, from where its locator says, if that is on this machine. Thread-safe. */
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
     * Fills {@code destination} with the block's bytes from {@code from} on; its position moves only with {@code DONE}.
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
