package io.sluice.target.iscsi.pdu;

/**
 * SCSI Response (RFC 7143 section 11.4).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x21      |1|.|.|o|u|O|U|.| Response      | Status        |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | reserved                                                      |
 *    16 | Initiator Task Tag                                            |
 *    20 | SNACK Tag or reserved                                         |
 *    24 | StatSN                                                        |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 *    36 | ExpDataSN or reserved                                         |
 *    40 | Bidirectional Read Residual Count or reserved                 |
 *    44 | Residual Count or reserved                                    |
 *    48 | SenseLength (2 bytes), sense data                             |
 * </pre>
 */
public final class ScsiResponse extends TargetPdu {
    /** 0 command completed, 1 target failure. */
    public int response() {
        return byteAt(2);
    }

    public void response(int value) {
        putByte(2, value);
    }

    /** SCSI status. */
    public int status() {
        return byteAt(3);
    }

    public void status(int value) {
        putByte(3, value);
    }

    /** Number of Data-In and R2T PDUs of the command. */
    public int expectedDataSequenceNumber() {
        return intAt(36);
    }

    public void expectedDataSequenceNumber(int value) {
        putInt(36, value);
    }

    public int bidirectionalReadResidualBytes() {
        return intAt(40);
    }

    public void bidirectionalReadResidualBytes(int value) {
        putInt(40, value);
    }

    public int residualBytes() {
        return intAt(44);
    }

    public void residualBytes(int value) {
        putInt(44, value);
    }
}
