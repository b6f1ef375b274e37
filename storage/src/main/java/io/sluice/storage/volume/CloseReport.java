package io.sluice.storage.volume;

/**
 * How a volume was closed.
 *
 * @param drained everything acknowledged is in the bucket
 * @param clean the bucket says that the volume was closed: any gateway can open it without a word. False although it is
 *     drained when the checkpoint or the manifest could not be written in time, or the volume was fenced
 * @param bytesOnlyInJournal acknowledged bytes that so far stand only in the local journal (kept for the next start)
 * @param lastSequence the sequence number up to which the bucket holds the volume
 */
public record CloseReport(boolean drained, boolean clean, long bytesOnlyInJournal, long lastSequence) {}
