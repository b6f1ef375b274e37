package io.sluice.storage.inspection;

import java.util.List;

/**
 * Where the blocks of a part of the address space stand.
 *
 * @param firstBlock the first of them
 * @param locators of the blocks in order: ZERO or SEGMENT; UNKNOWN where a page of the mapping cannot be read; not to be
 *     changed
 * @param unreadable what is wrong with those
 */
public record MappedSection(long firstBlock, long[] locators, List<BlockDamage> unreadable) {
    /** Copies the list. */
    public MappedSection {
        unreadable = List.copyOf(unreadable);
    }

    /** The block behind the last one. */
    public long endBlock() {
        return firstBlock + locators.length;
    }
}
