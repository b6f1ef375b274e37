package io.sluice.storage.volume;

/**
 * How a volume was closed.
 *
 * @param drained everything acknowledged is in the bucket
 * @param bytesOnlyInJournal acknowledged bytes that so far stand only in the local journal (kept for the next start)
 * @param lastSequence the sequence number up to which the bucket holds the volume
 */
public record CloseReport(boolean drained, long bytesOnlyInJournal, long lastSequence) {}
