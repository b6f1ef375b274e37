package io.sluice.storage.inspection;

import io.sluice.storage.manifest.Manifest;
import java.util.List;

/**
 * What was restored.
 *
 * @param manifest that the image stands on
 * @param lastSegment the newest segment in it
 * @param epoch of that segment
 * @param sequence the image holds every write below, and none from it on
 * @param newestWriteMillis when the newest write in it was acknowledged, milliseconds since 1970, 0 when not known
 * @param bytesWritten bytes of blocks that were put into the target
 * @param bytesThere bytes of blocks that the target held already (a restore that was resumed)
 * @param bytesRead from the store, as frames
 * @param requests gets of frames
 * @param passes how often the image was begun: more than once when a gateway went on meanwhile
 * @param damaged blocks that could not be read and are zeros in the image, in order
 */
public record RestoreReport(
        Manifest manifest,
        long lastSegment,
        long epoch,
        long sequence,
        long newestWriteMillis,
        long bytesWritten,
        long bytesThere,
        long bytesRead,
        long requests,
        int passes,
        List<BlockDamage> damaged) {
    /** Copies the list. */
    public RestoreReport {
        damaged = List.copyOf(damaged);
    }
}
