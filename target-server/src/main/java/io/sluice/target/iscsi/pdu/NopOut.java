package io.sluice.target.iscsi.pdu;

/**
 * NOP-Out: a ping of the initiator, or its answer to ours (RFC 7143 section 11.18).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|I| 0x00      |1| reserved                                      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or reserved                                               |
 *    16 | Initiator Task Tag or 0xffffffff                              |
 *    20 | Target Transfer Tag or 0xffffffff                             |
 *    24 | CmdSN                                                         |
 *    28 | ExpStatSN                                                     |
 * </pre>
 */
public final class NopOut extends InitiatorPdu {
    public int targetTransferTag() {
        return intAt(20);
    }

    public void targetTransferTag(int value) {
        putInt(20, value);
    }
}
