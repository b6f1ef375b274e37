package io.sluice.target.scsi;

/** RFC 7143 section 11.6.1. */
public enum TaskManagementResponse {
    FUNCTION_COMPLETE(0),
    TASK_DOES_NOT_EXIST(1),
    LUN_DOES_NOT_EXIST(2),
    TASK_STILL_ALLEGIANT(3),
    REASSIGNMENT_NOT_SUPPORTED(4),
    NOT_SUPPORTED(5),
    AUTHORIZATION_FAILED(6),
    REJECTED(255);

    private final int code;

    TaskManagementResponse(int code) {
        this.code = code;
    }

    /** The response code on the wire. */
    public int code() {
        return code;
    }
}
