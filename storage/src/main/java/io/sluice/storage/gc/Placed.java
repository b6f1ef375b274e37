package io.sluice.storage.gc;

/** Block {@code lba} stood at the SEGMENT locator {@code locator} as of segment {@code asOf}, by the committed mapping. */
record Placed(long lba, long locator, long asOf) {
    /** Where a header says that the block stands; whether it still does is not known yet. */
    static Placed claimed(long lba, long locator) {
        return new Placed(lba, locator, 0);
    }

    Placed foundAsOf(long segment) {
        return new Placed(lba, locator, segment);
    }
}
