package io.sluice.storage.segment;

import java.io.IOException;

/** Another gateway has taken the volume over: this one must stop writing for good. */
public final class FencedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final long epoch;

    /** {@code object} was found to be of {@code epoch} while this gateway is of {@code ownEpoch}. */
    public FencedException(String object, long epoch, long ownEpoch) {
        super(object + " was written by another gateway in epoch " + epoch + "; this gateway has epoch " + ownEpoch
                + " and no longer owns the volume");
        this.epoch = epoch;
    }

    /** The epoch that was found. */
    public long epoch() {
        return epoch;
    }
}
