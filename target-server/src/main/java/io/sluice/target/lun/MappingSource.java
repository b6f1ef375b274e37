package io.sluice.target.lun;

/**
 * What a {@link io.sluice.storage.volume.Volume} implements besides when it knows which blocks are mapped (GET LBA
 * STATUS). Without it every block is reported as mapped.
 */
public interface MappingSource {
    /**
     * The run that begins at {@code offsetBytes}: its length in bytes, at least one logical block and at most {@code
     * lengthBytes}; negative when the run is deallocated and so reads as zeros. Answers from memory, never from the
     * bucket.
     */
    long runAt(long offsetBytes, long lengthBytes);

    /** How many bytes are mapped in all. */
    long mappedBytes();
}
