package io.sluice.storage.manifest;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.WrappedKey;
import io.sluice.storage.format.BlockGeometry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/** Makes a {@link Manifest}, whose parameters are described there. Not thread-safe. */
public final class ManifestBuilder {
    private static final UUID NOBODY = new UUID(0, 0);

    private final UUID volume;
    private final String name;
    private long number = 1;
    private long createdMillis;
    private long sizeBytes;
    private int logicalBlockBytes = BlockGeometry.SECTOR_BYTES;
    private Optional<WrappedKey> key = Optional.empty();
    private String serialNumber = "";
    private long naaIdentifier;
    private long epoch;
    private UUID owner = NOBODY;
    private long ownerEpoch;
    private long ownerSinceEpoch;
    private String gateway = "";
    private long openedMillis;
    private boolean clean = true;
    private CheckpointRoot checkpoint = CheckpointRoot.EMPTY;
    private long fenceSegment;
    private long writtenMillis;
    private long attemptTag;
    private ByteBuffer reservations = ByteBuffer.allocate(0);

    ManifestBuilder(UUID volume, String name) {
        this.volume = volume;
        this.name = name;
    }

    ManifestBuilder(Manifest from) {
        this(from.volume(), from.name());
        number = from.number();
        createdMillis = from.createdMillis();
        sizeBytes = from.sizeBytes();
        logicalBlockBytes = from.logicalBlockBytes();
        key = from.key();
        serialNumber = from.serialNumber();
        naaIdentifier = from.naaIdentifier();
        epoch = from.epoch();
        owner = from.owner();
        ownerEpoch = from.ownerEpoch();
        ownerSinceEpoch = from.ownerSinceEpoch();
        gateway = from.gateway();
        openedMillis = from.openedMillis();
        clean = from.clean();
        checkpoint = from.checkpoint();
        fenceSegment = from.fenceSegment();
        writtenMillis = from.writtenMillis();
        reservations = from.reservations();
    }

    @CanIgnoreReturnValue
    public ManifestBuilder number(long value) {
        number = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder createdMillis(long value) {
        createdMillis = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder sizeBytes(long value) {
        sizeBytes = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder logicalBlockBytes(int value) {
        logicalBlockBytes = value;
        return this;
    }

    /** Present for an encrypted volume, empty for one that is not. */
    @CanIgnoreReturnValue
    public ManifestBuilder key(Optional<WrappedKey> value) {
        key = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder serialNumber(String value) {
        serialNumber = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder naaIdentifier(long value) {
        naaIdentifier = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder epoch(long value) {
        epoch = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder owner(UUID value) {
        owner = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder ownerEpoch(long value) {
        ownerEpoch = value;
        return this;
    }

    /** The owner opened the epoch itself. */
    @CanIgnoreReturnValue
    public ManifestBuilder ownerOpenedEpoch() {
        return ownerEpoch(epoch);
    }

    @CanIgnoreReturnValue
    public ManifestBuilder ownerSinceEpoch(long value) {
        ownerSinceEpoch = value;
        return this;
    }

    /** Cut when it is longer than a manifest takes. */
    @CanIgnoreReturnValue
    public ManifestBuilder gateway(String value) {
        gateway = value;
        while (gateway.getBytes(StandardCharsets.UTF_8).length > Manifest.GATEWAY_BYTES_MAX) {
            gateway = gateway.substring(0, gateway.length() - 1);
        }
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder openedMillis(long value) {
        openedMillis = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder clean(boolean value) {
        clean = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder checkpoint(CheckpointRoot value) {
        checkpoint = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder fenceSegment(long value) {
        fenceSegment = value;
        return this;
    }

    @CanIgnoreReturnValue
    public ManifestBuilder writtenMillis(long value) {
        writtenMillis = value;
        return this;
    }

    /** 0 has {@link ManifestStore#create} draw one. */
    @CanIgnoreReturnValue
    public ManifestBuilder attemptTag(long value) {
        attemptTag = value;
        return this;
    }

    /** Copied. */
    @CanIgnoreReturnValue
    public ManifestBuilder reservations(ByteBuffer value) {
        reservations =
                ByteBuffer.allocate(value.remaining()).put(value.duplicate()).flip();
        return this;
    }

    /** The manifest, not yet sealed. */
    public Manifest build() {
        return build(ManifestSeal.NONE);
    }

    Manifest build(ManifestSeal seal) {
        return new Manifest(
                number,
                volume,
                name,
                createdMillis,
                sizeBytes,
                logicalBlockBytes,
                key.isPresent(),
                key,
                serialNumber,
                naaIdentifier,
                epoch,
                owner,
                ownerEpoch,
                ownerSinceEpoch,
                gateway,
                openedMillis,
                clean,
                checkpoint,
                fenceSegment,
                writtenMillis,
                attemptTag,
                reservations,
                seal);
    }
}
