package io.sluice.target.iscsi.pdu;

/**
 * SCSI Data-Out (RFC 7143 section 11.7).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x05      |F| reserved                                      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or reserved                                               |
 *    16 | Initiator Task Tag                                            |
 *    20 | Target Transfer Tag or 0xffffffff                             |
 *    24 | reserved                                                      |
 *    28 | ExpStatSN                                                     |
 *    32 | reserved                                                      |
 *    36 | DataSN                                                        |
 *    40 | Buffer Offset                                                 |
 *    44 | reserved                                                      |
 * </pre>
 */
public final class DataOut extends InitiatorPdu {
    /** Repeats the tag of the R2T; 0xffffffff for unsolicited data. */
    public int targetTransferTag() {
        return intAt(20);
    }

    public void targetTransferTag(int value) {
        putInt(20, value);
    }

    public int dataSequenceNumber() {
        return intAt(36);
    }

    public void dataSequenceNumber(int value) {
        putInt(36, value);
    }

    /** Unsigned. */
    public int bufferOffset() {
        return intAt(40);
    }

    public void bufferOffset(int value) {
        putInt(40, value);
    }
}
