package io.sluice.storage.index;

import io.sluice.storage.format.Locator;
import org.jspecify.annotations.Nullable;

/**
 * The local, derived map from blocks to {@link io.sluice.storage.format.Locator locators}: a bounded set of resident
 * leaves over the committed mapping. A slot that is {@code UNKNOWN} here says "ask the committed mapping"; what stands
 * here always wins over it.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>A JOURNAL, ZERO or REFERENCE locator is replaced only by one with a higher address or, by {@link #move}, by the place to
 *       which exactly that version went.
 *   <li>A leaf is dropped from memory only when none of its slots points at or behind {@code settledBelow} (the
 *       journal's tail): the committed mapping knows all of it.
 *   <li>Zeroing or filling a range of any size costs at most a pass over resident leaves: leaves that are not resident are covered
 *       by a range record until they become resident or the record is settled.
 * </ol>
 *
 * Thread-safe; one striped lock per leaf, none for the volume.
 */
public interface BlockIndex extends AutoCloseable {
    /** Block {@code lba} was written to journal address {@code address}; ignored when a newer version is known. */
    void putJournal(long lba, long address);

    /**
     * One record put all these blocks at {@code locator} (ZERO, JOURNAL or REFERENCE with its address); ignored for
     * blocks with a newer version.
     */
    void putRange(long lba, long count, long locator);

    /** Blocks were zeroed by the record at {@code address}; ignored for blocks with a newer version. */
    default void putZero(long lba, long count, long address) {
        putRange(lba, count, Locator.zero(address));
    }

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
     * As {@link #move} for each of {@code count} blocks; block {@code i} goes to {@code replacement + stride * i} (stride
     * 1: the slots of a frame one after another). Costs at most a pass over resident leaves.
     */
    void moveRange(long lba, long count, long expected, long replacement, int stride);

    /**
     * The committed mapping knows all records below {@code address}: ranges of leaves that are not resident are looked
     * up there from now on. Called before the blocks of those records are moved, so that none comes back at its old
     * place with a leaf that becomes resident in between.
     */
    void committedBelow(long address);

    /**
     * Leaves {@code leaf} to {@code end() - 1} are not resident, and all blocks in them are at {@code locator()} (UNKNOWN:
     * ask the committed mapping); at most up to {@code end}. Null when the leaf is resident. May look at every resident
     * leaf when the range is long.
     */
    @Nullable
    AbsentLeaves absentFrom(long leaf, long end);

    /** A part of the address space without resident leaves. */
    record AbsentLeaves(long end, long locator) {}

    /**
     * Makes the leaf resident and keeps it so until {@link #endFill}: called before the committed mapping is asked, so
     * that a change in between cannot be lost.
     */
    void beginFill(long leaf);

    /** Fills the UNKNOWN slots from {@code committed} (64 locators; null when it could not be read) and unpins. */
    void endFill(long leaf, long @Nullable [] committed);

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
