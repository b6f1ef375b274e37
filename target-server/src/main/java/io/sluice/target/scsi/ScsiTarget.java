package io.sluice.target.scsi;

/** A SCSI target device with its logical units, as the transport sees it. Thread-safe. */
public interface ScsiTarget {
    /** The iSCSI name. */
    String name();

    /**
     * A new nexus whose calls all come from the thread of {@code transport}'s loop. The caller has closed an older nexus of the same
     * identity before (session reinstatement).
     */
    Nexus open(NexusIdentity identity, NexusTransport transport);
}
