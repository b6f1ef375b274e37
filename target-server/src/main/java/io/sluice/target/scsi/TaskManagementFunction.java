package io.sluice.target.scsi;

/** SAM-5 section 7; the values are those of RFC 7143 section 11.5.1. */
public enum TaskManagementFunction {
    ABORT_TASK(1),
    ABORT_TASK_SET(2),
    CLEAR_ACA(3),
    CLEAR_TASK_SET(4),
    LOGICAL_UNIT_RESET(5),
    TARGET_WARM_RESET(6),
    TARGET_COLD_RESET(7),
    TASK_REASSIGN(8);

    private final int code;

    TaskManagementFunction(int code) {
        this.code = code;
    }

    /** The function code on the wire. */
    public int code() {
        return code;
    }
}
