package io.sluice.target.iscsi.pdu;

/**
 * Logout Response (RFC 7143 section 11.15).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x26      |1| reserved    | Response      | reserved      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | reserved                                                      |
 *    16 | Initiator Task Tag                                            |
 *    20 | reserved                                                      |
 *    24 | StatSN                                                        |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 *    36 | reserved                                                      |
 *    40 | Time2Wait                     | Time2Retain                   |
 * </pre>
 */
public final class LogoutResponsePdu extends TargetPdu {
    public int response() {
        return byteAt(2);
    }

    public void response(int value) {
        putByte(2, value);
    }

    public int timeToWaitSeconds() {
        return shortAt(40);
    }

    public void timeToWaitSeconds(int value) {
        putShort(40, value);
    }

    public int timeToRetainSeconds() {
        return shortAt(42);
    }

    public void timeToRetainSeconds(int value) {
        putShort(42, value);
    }
}
