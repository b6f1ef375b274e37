package io.sluice.target.scsi;

/**
 * Which reservations let a command of a nexus pass that does not hold them (SPC-4 table 67, SBC-3 table 13, SPC-2 table
 * 10 for RESERVE). A holder passes always, and a registrant when the type is for registrants; PERSISTENT RESERVE IN and
 * OUT conflict with RESERVE even when the nexus itself holds it (SPC-2 section 5.5.1).
 */
public enum ReservationClass {
    //                     under RESERVE of another nexus, Write Exclusive types, Exclusive Access types
    /** INQUIRY, REPORT LUNS, REQUEST SENSE. */
    ALWAYS(true, true, true),
    /** Tells about the unit, touches no medium: TEST UNIT READY, READ CAPACITY, REPORT SUPPORTED OPERATION CODES. */
    STATUS(false, true, true),
    /** PERSISTENT RESERVE IN and OUT, which check for themselves. */
    PERSISTENT_RESERVATION(false, true, true),
    /** RESERVE, which conflicts with any reservation of another nexus. */
    RESERVE(false, false, false),
    /** RELEASE, which has no effect on a RESERVE of another nexus. */
    RELEASE(true, false, false),
    /** Reads the medium or the mode pages. */
    READ(false, true, false),
    /** Changes the medium, the mode pages or the unit's state. */
    WRITE(false, false, false),
    /** START STOP UNIT: starting harms nobody, all else does. */
    START_STOP(false, false, false) {
        private static final int POWER_CONDITION = 0xF0;
        private static final int START = 0x01;

        @Override
        ReservationClass of(byte[] cdb) {
            return CdbField.bit(cdb, 4, START) && !CdbField.bit(cdb, 4, POWER_CONDITION) ? STATUS : WRITE;
        }
    };

    private final boolean allowedUnderReserve;
    private final boolean allowedUnderWriteExclusive;
    private final boolean allowedUnderExclusiveAccess;

    ReservationClass(
            boolean allowedUnderReserve, boolean allowedUnderWriteExclusive, boolean allowedUnderExclusiveAccess) {
        this.allowedUnderReserve = allowedUnderReserve;
        this.allowedUnderWriteExclusive = allowedUnderWriteExclusive;
        this.allowedUnderExclusiveAccess = allowedUnderExclusiveAccess;
    }

    /** The class of one command, for commands that are in one or the other as their CDB says. */
    ReservationClass of(byte[] cdb) {
        return this;
    }

    boolean allowedUnderReserve(boolean own) {
        return own ? this != PERSISTENT_RESERVATION : allowedUnderReserve;
    }

    boolean allowedUnderWriteExclusive() {
        return allowedUnderWriteExclusive;
    }

    boolean allowedUnderExclusiveAccess() {
        return allowedUnderExclusiveAccess;
    }
}
