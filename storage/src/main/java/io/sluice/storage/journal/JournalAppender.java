package io.sluice.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One thread's way to append: entries are gathered, then {@link #submit} sends them as one batch in one write. Not
 * thread-safe; several appenders work side by side.
 */
public interface JournalAppender extends AutoCloseable {
    /** Whether something could be done. */
    enum Outcome {
        DONE,
        /** No room in this batch: submit, then again. */
        BATCH_FULL,
        /** The journal has no space: nothing of the batch was written, the batch is kept; see {@link Journal#whenSpace}. */
        FULL
    }

    /**
     * Adds the 4096 bytes of {@code source} from {@code offset} as the content of block {@code lba}. The bytes must stay
     * unchanged until {@link #submit} has returned {@code DONE}.
     */
    Outcome addBlock(long lba, ByteBuffer source, int offset);

    /** Adds "blocks {@code lba} to {@code lba + count - 1} read as zeros". */
    Outcome addZero(long lba, long count);

    /** Blocks and ranges of zeros (adjacent ones are one) since the last successful submit: so many an Applier gets. */
    int pending();

    /**
     * Writes the batch (nothing to do when empty): reserves addresses, encrypts, writes, has {@code applier} put each
     * entry into the index, and then runs {@code acknowledge} as soon as every lower batch is complete too: before
     * returning when possible, else on the thread that completes the last of them.
     *
     * @throws IOException when the write failed; the batch is dropped, nothing of it was applied, its addresses hold no
     *     valid batch, and the log goes on behind it
     */
    Outcome submit(Applier applier, Runnable acknowledge) throws IOException;

    /** Drops the entries added so far. */
    void discard();

    @Override
    void close();

    /** Puts entries of a written batch into the index. Must not fail. */
    interface Applier {
        /** Block {@code lba} now stands at {@code address}. */
        void block(long lba, long address);

        /** The blocks read as zeros by the record at {@code address}. */
        void zero(long lba, long count, long address);
    }
}
