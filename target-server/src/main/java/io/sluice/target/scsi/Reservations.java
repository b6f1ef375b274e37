package io.sluice.target.scsi;

import org.jspecify.annotations.Nullable;

/**
 * Who may do what at a logical unit: RESERVE (SPC-2 section 7.21). Thread-safe; the question asked by every command
 * takes no lock.
 */
public final class Reservations {
    private volatile @Nullable NexusIdentity reservedBy;

    /** Whether a command of this class may pass. */
    boolean allow(NexusIdentity nexus, ReservationClass reservationClass) {
        NexusIdentity holder = reservedBy;
        return holder == null || holder.equals(nexus) || reservationClass.allowedUnderReserve();
    }

    /** RESERVE: true when the nexus holds the unit now. */
    public synchronized boolean reserve(NexusIdentity nexus) {
        NexusIdentity holder = reservedBy;
        if (holder != null && !holder.equals(nexus)) {
            return false;
        }
        reservedBy = nexus;
        return true;
    }

    /** RELEASE: of another nexus it has no effect. */
    public synchronized void release(NexusIdentity nexus) {
        if (nexus.equals(reservedBy)) {
            reservedBy = null;
        }
    }

    synchronized void nexusLost(NexusIdentity nexus) {
        release(nexus);
    }

    /** Logical unit reset ends RESERVE. */
    synchronized void reset() {
        reservedBy = null;
    }
}
