package io.sluice.storage.manifest;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.WrappedKey;
import io.sluice.storage.volume.Volume;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/**
 * The state of a volume as one numbered, immutable object. The one with the greatest number counts.
 *
 * @param number its place in the series, from 1
 * @param volume identity, for ever
 * @param name the operator's name for the volume, the prefix of its objects
 * @param createdMillis when the volume was created, milliseconds since 1970
 * @param sizeBytes a multiple of 4096
 * @param logicalBlockBytes 512 or 4096
 * @param encrypted whether the objects are sealed with keys
 * @param key the wrapped volume key; present exactly when encrypted
 * @param serialNumber what the LUN reports as its unit serial number (VPD page 80h)
 * @param naaIdentifier what the LUN reports as its NAA identifier (VPD page 83h)
 * @param epoch of the newest opening for writing, 0 before the first
 * @param owner the gateway that has, or had, the volume open in that epoch
 * @param ownerEpoch the newest epoch that the owner opened: below {@code epoch} when the volume was rebuilt since
 * @param ownerSinceEpoch the first of the epochs in a row in which that gateway owned it
 * @param gateway where that gateway runs and keeps its journal, for people: "host:/directory"; "" when not known
 * @param openedMillis when it opened the volume in that epoch, milliseconds since 1970, 0 when not known
 * @param clean whether the owner closed it with everything in the bucket
 * @param checkpoint the newest checkpoint
 * @param fenceSegment number of the fence segment of the epoch, 0 while not yet put
 * @param writtenMillis when this manifest was made, milliseconds since 1970
 * @param attemptTag random, drawn for each attempt to create: tells our own put from another's after a lost reply
 * @param reservations persistent reservations, as the SCSI layer encodes them
 * @param seal proof of its origin; {@link ManifestSeal#NONE} until it is written
 */
public record Manifest(
        long number,
        UUID volume,
        String name,
        long createdMillis,
        long sizeBytes,
        int logicalBlockBytes,
        boolean encrypted,
        Optional<WrappedKey> key,
        String serialNumber,
        long naaIdentifier,
        long epoch,
        UUID owner,
        long ownerEpoch,
        long ownerSinceEpoch,
        String gateway,
        long openedMillis,
        boolean clean,
        CheckpointRoot checkpoint,
        long fenceSegment,
        long writtenMillis,
        long attemptTag,
        ByteBuffer reservations,
        ManifestSeal seal) {
    /** Longest {@link #reservations}. */
    public static final int RESERVATIONS_BYTES_MAX = Volume.RESERVATIONS_BYTES_MAX;

    static final int NAME_BYTES_MAX = 128;
    static final int SERIAL_BYTES_MAX = 64;
    static final int GATEWAY_BYTES_MAX = 1024;

    /** Keeps a read-only view of the reservations. */
    public Manifest {
        reservations = reservations.asReadOnlyBuffer();
    }

    /** A read-only view, from position 0 of its own. */
    @Override
    public ByteBuffer reservations() {
        return reservations.duplicate();
    }

    /** Starts the first manifest of a volume. */
    public static ManifestBuilder builder(UUID volume, String name) {
        return new ManifestBuilder(volume, name);
    }

    /** Starts a changed copy with the same number; attempt tag and seal are cleared. */
    public ManifestBuilder toBuilder() {
        return new ManifestBuilder(this);
    }

    /** Starts the manifest that follows this one. */
    public ManifestBuilder next() {
        return toBuilder().number(number + 1);
    }
}
