package io.sluice.target.iscsi.pdu;

/**
 * Reject: the data segment is the header that was wrong (RFC 7143 section 11.17).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x3f      |1| reserved    | Reason        | reserved      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | reserved                                                      |
 *    16 | 0xffffffff                                                    |
 *    20 | reserved                                                      |
 *    24 | StatSN                                                        |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 *    36 | DataSN/R2TSN or reserved                                      |
 *    48 | complete header of the bad PDU                                |
 * </pre>
 */
public final class Reject extends TargetPdu {
    public int reason() {
        return byteAt(2);
    }

    public void reason(int value) {
        putByte(2, value);
    }
}
