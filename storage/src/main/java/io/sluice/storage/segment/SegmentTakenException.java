package io.sluice.storage.segment;

import java.io.IOException;

/**
 * A fence met a segment that the former owner put after the history was listed: it belongs to the history and may be
 * acknowledged to a host. It is to be replayed, and the fence put behind it.
 */
public final class SegmentTakenException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient SegmentHeader found;

    /** {@code found} stands where the fence was to be put. */
    public SegmentTakenException(String object, SegmentHeader found) {
        super(object + " was written by the former owner in epoch " + found.epoch() + " while it was being fenced");
        this.found = found;
    }

    /** What stands there, authenticated. */
    public SegmentHeader found() {
        return found;
    }
}
