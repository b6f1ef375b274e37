package io.sluice.storage.index;

/**
 * The local, derived map from blocks to {@link io.sluice.storage.format.Locator locators}: a bounded set of resident
 * leaves over the committed mapping. A slot that is {@code UNKNOWN} here says "ask the committed mapping"; what stands
 * here always wins over it.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A JOURNAL or ZERO locator is replaced only by one with a higher address or, by {@link #move}, by the place to
 *       which exactly that version went.
 *   <li>A leaf is dropped from memory only when none of its slots points at or behind {@code settledBelow} (the
 *       journal's tail): the committed mapping knows all of it.
 *   <li>Zeroing a range of any size costs at most a pass over resident leaves: leaves that are not resident are covered
 *       by a range record until they become resident or the record is settled.
 * </ol>
 *
 * Thread-safe; one striped lock per leaf, none for the volume.
 */
public interface BlockIndex extends AutoCloseable {
    /** Block {@code lba} was written to journal address {@code address}; ignored when a newer version is known. */
    void putJournal(long lba, long address);

    /** Blocks were zeroed by the record at {@code address}; ignored for blocks with a newer version. */
    void putZero(long lba, long count, long address);

    /** Puts the locators of {@code count} blocks into {@code out} from index {@code from}. */
    void lookup(long lba, int count, long[] out, int from);

    /** The locator of one block. */
    default long lookup(long lba) {
        long[] one = new long[1];
        lookup(lba, 1, one, 0);
        return one[0];
    }

    /**
     * Block {@code lba} moved from {@code expected} to {@code replacement} (journal to segment by the flusher, segment
     * to segment by the collector). Does nothing unless the slot holds exactly {@code expected}. True when it did.
     */
    boolean move(long lba, long expected, long replacement);

    /**
     * Makes the leaf resident and keeps it so until {@link #endFill}: called before the committed mapping is asked, so
     * that a change in between cannot be lost.
     */
    void beginFill(long leaf);

    /** Fills the UNKNOWN slots from {@code committed} (64 locators; null when it could not be read) and unpins. */
    void endFill(long leaf, long @org.jspecify.annotations.Nullable [] committed);

    /** Leaves resident now. */
    long residentLeaves();

    /**
     * Tells how far the journal is settled: locators with lower addresses need not be kept. The index drops leaves by
     * itself when it nears its bound.
     */
    void settledBelow(long journalAddress);

    /** True when so many leaves cannot be dropped that writers should wait for the flusher. */
    boolean underPressure();

    /** Marks the content as matching committed state {@code stamp} and closes; a later open with the same stamp reuses it. */
    void closeClean(long stamp);

    /** Closes without the mark: the next open starts empty. */
    @Override
    void close();
}
