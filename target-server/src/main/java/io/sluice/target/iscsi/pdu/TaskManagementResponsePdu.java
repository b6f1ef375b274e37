package io.sluice.target.iscsi.pdu;

/**
 * Task Management Function Response (RFC 7143 section 11.6).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x22      |1| reserved    | Response      | reserved      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | reserved                                                      |
 *    16 | Initiator Task Tag                                            |
 *    20 | reserved                                                      |
 *    24 | StatSN                                                        |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 * </pre>
 */
public final class TaskManagementResponsePdu extends TargetPdu {
    public int response() {
        return byteAt(2);
    }

    public void response(int value) {
        putByte(2, value);
    }
}
