package io.sluice.target.lun;

import io.sluice.storage.volume.Volume;
import io.sluice.target.scsi.CommandTable;
import io.sluice.target.scsi.DeviceServer;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.ReservationStore;
import io.sluice.target.scsi.SenseCode;

/** A direct-access block device (SBC-3) on a {@link Volume}. Thread-safe. */
public final class LogicalUnit extends DeviceServer {
    private final Volume volume;
    private final LogicalUnitIdentity identity;
    private final LogicalUnitSettings settings;
    private final ModePages modePages;
    private final CommandTable commands;
    private final int blockBytes;
    private final CopyManager copies = new CopyManager();

    /** A logical unit on an open volume whose persistent reservations end with the process. */
    public LogicalUnit(Volume volume, LogicalUnitIdentity identity, LogicalUnitSettings settings) {
        this(volume, identity, settings, ReservationStore.NOWHERE);
    }

    /** A logical unit on an open volume. */
    public LogicalUnit(
            Volume volume, LogicalUnitIdentity identity, LogicalUnitSettings settings, ReservationStore store) {
        super(store, settings.ignoresIsidInRegistrations());
        this.volume = volume;
        this.identity = identity;
        this.settings = settings;
        this.modePages = new ModePages(settings.writeCache());
        this.blockBytes = volume.description().logicalBlockBytes();
        this.commands = new BlockCommandTable(this).build();
    }

    @Override
    public Volume volume() {
        return volume;
    }

    @Override
    public CommandTable commands() {
        return commands;
    }

    @Override
    public int blockBytes() {
        return blockBytes;
    }

    @Override
    public long transferBytesMax() {
        return settings.transferBytesMax();
    }

    @Override
    public boolean descriptorSense() {
        return modePages.descriptorSense();
    }

    @Override
    protected void resetState() {
        modePages.reset();
        copies.reset();
    }

    @Override
    protected void forgetNexus(NexusIdentity nexus) {
        copies.forget(nexus);
    }

    /** To be called after the volume has grown: every nexus learns it (2A/09). */
    public void capacityChanged() {
        raise(SenseCode.CAPACITY_DATA_HAS_CHANGED);
    }

    LogicalUnitIdentity identity() {
        return identity;
    }

    LogicalUnitSettings settings() {
        return settings;
    }

    CopyManager copies() {
        return copies;
    }

    ModePages modePages() {
        return modePages;
    }

    /** LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT: physical blocks of 4 KiB. */
    int physicalBlockExponent() {
        return settings.hidesPhysicalBlocks() ? 0 : Integer.numberOfTrailingZeros(4096 / blockBytes);
    }

    /** The number of logical blocks now. */
    long capacityBlocks() {
        return volume.description().sizeBytes() / blockBytes;
    }
}
