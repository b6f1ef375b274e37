package io.sluice.storage.volume;

/**
 * A run of bytes that are all mapped or all deallocated.
 *
 * @param offsetBytes where it begins
 * @param lengthBytes greater than 0; runs begin and end at multiples of 4096, or at the ends of the range asked for
 * @param mapped false: reads as zeros and takes no space
 */
public record MappedRun(long offsetBytes, long lengthBytes, boolean mapped) {}
