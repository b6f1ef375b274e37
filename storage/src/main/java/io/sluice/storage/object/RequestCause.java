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
    ADMIN
}
