package io.sluice.target.iscsi.pdu;

/**
 * Text Request (RFC 7143 section 11.10).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|I| 0x04      |F|C| reserved                                    |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or reserved                                               |
 *    16 | Initiator Task Tag                                            |
 *    20 | Target Transfer Tag or 0xffffffff                             |
 *    24 | CmdSN                                                         |
 *    28 | ExpStatSN                                                     |
 * </pre>
 */
public final class TextRequest extends InitiatorPdu {
    /** C: the text goes on in the next request. */
    public boolean isContinued() {
        return (flags() & CONTINUE) != 0;
    }

    /** Repeats the tag of the response it goes on from. */
    public int targetTransferTag() {
        return intAt(20);
    }

    public void targetTransferTag(int value) {
        putInt(20, value);
    }
}
