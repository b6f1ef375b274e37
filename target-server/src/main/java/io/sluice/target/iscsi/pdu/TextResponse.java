package io.sluice.target.iscsi.pdu;

/**
 * Text Response (RFC 7143 section 11.11).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x24      |F|C| reserved                                    |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or reserved                                               |
 *    16 | Initiator Task Tag                                            |
 *    20 | Target Transfer Tag or 0xffffffff                             |
 *    24 | StatSN                                                        |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 * </pre>
 */
public final class TextResponse extends TargetPdu {
    /** C: the text goes on in the next response. */
    public boolean isContinued() {
        return (flags() & CONTINUE) != 0;
    }

    /** F and C. */
    public void ends(boolean last, boolean continued) {
        flags((last ? FINAL : 0) | (continued ? CONTINUE : 0));
    }

    /** 0xffffffff in the last one. */
    public int targetTransferTag() {
        return intAt(20);
    }

    public void targetTransferTag(int value) {
        putInt(20, value);
    }
}
