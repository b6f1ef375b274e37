package io.sluice.target.iscsi.pdu;

/**
 * SCSI Data-In (RFC 7143 section 11.7).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x25      |F|A|.|.|.|O|U|S| reserved      | Status        |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or reserved                                               |
 *    16 | Initiator Task Tag                                            |
 *    20 | Target Transfer Tag or 0xffffffff                             |
 *    24 | StatSN or reserved                                            |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 *    36 | DataSN                                                        |
 *    40 | Buffer Offset                                                 |
 *    44 | Residual Count                                                |
 * </pre>
 */
public final class DataIn extends TargetPdu {
    /** S: the PDU carries the status, too. */
    public static final int STATUS = 0x01;
    /** F: the last one of its sequence. */
    public static final int LAST = FINAL;

    public boolean hasStatus() {
        return (flags() & STATUS) != 0;
    }

    /** SCSI status, with S. */
    public int status() {
        return byteAt(3);
    }

    public void status(int value) {
        putByte(3, value);
    }

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

    /** With S. */
    public int residualBytes() {
        return intAt(44);
    }

    public void residualBytes(int value) {
        putInt(44, value);
    }
}
