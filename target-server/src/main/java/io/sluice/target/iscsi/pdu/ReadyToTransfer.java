package io.sluice.target.iscsi.pdu;

/**
 * Ready To Transfer (R2T) (RFC 7143 section 11.8).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x31      |1| reserved                                      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN                                                           |
 *    16 | Initiator Task Tag                                            |
 *    20 | Target Transfer Tag                                           |
 *    24 | StatSN (not advanced)                                         |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 *    36 | R2TSN                                                         |
 *    40 | Buffer Offset                                                 |
 *    44 | Desired Data Transfer Length                                  |
 * </pre>
 */
public final class ReadyToTransfer extends TargetPdu {
    public int targetTransferTag() {
        return intAt(20);
    }

    public void targetTransferTag(int value) {
        putInt(20, value);
    }

    /** R2TSN. */
    public int readyToTransferSequenceNumber() {
        return intAt(36);
    }

    public void readyToTransferSequenceNumber(int value) {
        putInt(36, value);
    }

    /** Unsigned. */
    public int bufferOffset() {
        return intAt(40);
    }

    public void bufferOffset(int value) {
        putInt(40, value);
    }

    public int desiredBytes() {
        return intAt(44);
    }

    public void desiredBytes(int value) {
        putInt(44, value);
    }
}
