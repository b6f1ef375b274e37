package io.sluice.storage.object;

/** Why a request is made: the bill is counted by it. */
public enum RequestCause {
    HOST,
    READ_AHEAD,
    FLUSH,
    CHECKPOINT,
    MANIFEST,
    GC,
    SCRUB,
    RECOVERY,
    ADMIN;

    /** True when a host's command may be waiting for the answer: a read joins the request that is under way. */
    public boolean isAwaited() {
        return this == HOST || this == READ_AHEAD;
    }
}
