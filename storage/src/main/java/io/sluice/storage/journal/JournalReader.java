package io.sluice.storage.journal;

import java.io.IOException;

/** Walks the batches of the log in order, for the flusher and for recovery. Not thread-safe. */
public interface JournalReader {
    /**
     * Moves to the next batch and gives its entries to {@code visitor}; false when the next batch begins at or behind
     * {@code end} (then nothing was visited).
     */
    boolean next(long end, JournalAppender.Applier visitor) throws IOException;

    /** Where the next batch begins or may begin: after {@code next}, the end of the batch it visited. */
    long position();

    /** Wall time at which the batch last visited was written, milliseconds since 1970. */
    long batchTimeMillis();
}
