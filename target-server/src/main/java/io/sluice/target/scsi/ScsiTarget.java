package io.sluice.target.scsi;

import java.util.concurrent.Executor;

/** A SCSI target device with its logical units, as the transport sees it. Thread-safe. */
public interface ScsiTarget {
    /** The iSCSI name. */
    String name();

    /**
     * A new nexus whose calls all come from {@code loop}'s thread. The caller has closed an older nexus of the same
     * identity before (session reinstatement).
     */
    Nexus open(NexusIdentity identity, Executor loop);
}
