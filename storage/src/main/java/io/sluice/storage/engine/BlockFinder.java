package io.sluice.storage.engine;

import io.sluice.storage.format.Locator;
import io.sluice.storage.index.BlockIndex;

/** Looks blocks up, through records of references. Gives every kind of locator but REFERENCE. Thread-safe. */
final class BlockFinder {
    private final BlockIndex index;
    private final PendingReferences references;

    BlockFinder(BlockIndex index, PendingReferences references) {
        this.index = index;
        this.references = references;
    }

    /** The locator of one block. */
    long lookup(long lba) {
        while (true) {
            long locator = resolve(lba, index.lookup(lba));
            if (!Locator.isReference(locator)) {
                return locator;
            }
        }
    }

    /** The locators of {@code count} blocks. */
    void lookup(long lba, int count, long[] out) {
        index.lookup(lba, count, out, 0);
        for (int i = 0; i < count; i++) {
            if (Locator.isReference(out[i])) {
                out[i] = lookup(lba + i);
            }
        }
    }

    /** A record that is gone leaves the REFERENCE: the index knows better by then. */
    private long resolve(long lba, long locator) {
        if (!Locator.isReference(locator)) {
            return locator;
        }
        long resolved = references.locator(Locator.address(locator), lba);
        return resolved == Locator.UNKNOWN ? locator : resolved;
    }
}
