package io.sluice.target.scsi;

/**
 * Which reservations let a command of a nexus pass that does not hold them (SPC-4 table 49, SBC-3 table 13, SPC-2 table
 * 9 for RESERVE): the columns are RESERVE, the Write Exclusive types, the Exclusive Access types.
 */
public enum ReservationClass {
    /** INQUIRY, REPORT LUNS, REQUEST SENSE, RELEASE. */
    ALWAYS(true, true, true),
    /** Tells about the unit, touches no medium: TEST UNIT READY, READ CAPACITY, REPORT SUPPORTED OPERATION CODES. */
    STATUS(false, true, true),
    /** PERSISTENT RESERVE IN and OUT, which check for themselves. */
    PERSISTENT_RESERVATION(false, true, true),
    /** RESERVE, which conflicts with any reservation of another nexus. */
    RESERVE(false, false, false),
    /** Reads the medium or the mode pages. */
    READ(false, true, false),
    /** Changes the medium, the mode pages or the unit's state. */
    WRITE(false, false, false);

    private final boolean allowedUnderReserve;
    private final boolean allowedUnderWriteExclusive;
    private final boolean allowedUnderExclusiveAccess;

    ReservationClass(
            boolean allowedUnderReserve, boolean allowedUnderWriteExclusive, boolean allowedUnderExclusiveAccess) {
        this.allowedUnderReserve = allowedUnderReserve;
        this.allowedUnderWriteExclusive = allowedUnderWriteExclusive;
        this.allowedUnderExclusiveAccess = allowedUnderExclusiveAccess;
    }

    boolean allowedUnderReserve() {
        return allowedUnderReserve;
    }

    boolean allowedUnderWriteExclusive() {
        return allowedUnderWriteExclusive;
    }

    boolean allowedUnderExclusiveAccess() {
        return allowedUnderExclusiveAccess;
    }
}
