package io.sluice.target.scsi;

/**
 * Asymmetric access state of a target port group (SPC-4 section 6.27, table 266). Standby, unavailable and offline are not
 * offered: hosts answer them with storms of retries.
 */
public enum AccessState {
    /** The path to use. */
    ACTIVE_OPTIMIZED(0x0),
    /** Works as well; to be used when no optimized path is left. */
    ACTIVE_NON_OPTIMIZED(0x1);

    private final int code;

    AccessState(int code) {
        this.code = code;
    }

    /** ASYMMETRIC ACCESS STATE. */
    public int code() {
        return code;
    }
}
