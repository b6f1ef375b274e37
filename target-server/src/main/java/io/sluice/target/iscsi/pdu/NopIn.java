package io.sluice.target.iscsi.pdu;

/**
 * NOP-In: the answer to a ping, or our ping (RFC 7143 section 11.19).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x20      |1| reserved                                      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or reserved                                               |
 *    16 | Initiator Task Tag or 0xffffffff                              |
 *    20 | Target Transfer Tag or 0xffffffff                             |
 *    24 | StatSN (not advanced by a ping)                               |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 * </pre>
 */
public final class NopIn extends TargetPdu {
    public int targetTransferTag() {
        return intAt(20);
    }

    public void targetTransferTag(int value) {
        putInt(20, value);
    }
}
