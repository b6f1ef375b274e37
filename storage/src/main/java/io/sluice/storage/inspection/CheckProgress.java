package io.sluice.storage.inspection;

/** Is told how far a check is. */
@FunctionalInterface
public interface CheckProgress {
    /** {@code done} of {@code total} (0 when not known) in the part called {@code part}. */
    void at(String part, long done, long total);
}
