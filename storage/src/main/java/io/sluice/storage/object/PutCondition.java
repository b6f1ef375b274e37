package io.sluice.storage.object;

/** What must hold for a put to happen. */
public enum PutCondition {
    /** Put whatever is there. */
    ALWAYS,
    /** Put only when the key does not exist ({@code If-None-Match: *}). */
    IF_ABSENT
}
