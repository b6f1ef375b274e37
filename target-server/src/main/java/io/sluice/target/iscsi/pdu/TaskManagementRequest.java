package io.sluice.target.iscsi.pdu;

/**
 * Task Management Function Request (RFC 7143 section 11.5).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|I| 0x02      |1| Function    | reserved                      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or reserved                                               |
 *    16 | Initiator Task Tag                                            |
 *    20 | Referenced Task Tag or 0xffffffff                             |
 *    24 | CmdSN                                                         |
 *    28 | ExpStatSN                                                     |
 *    32 | RefCmdSN or reserved                                          |
 *    36 | ExpDataSN or reserved                                         |
 * </pre>
 */
public final class TaskManagementRequest extends InitiatorPdu {
    /** The function code. */
    public int function() {
        return flags() & 0x7f;
    }

    public int referencedTaskTag() {
        return intAt(20);
    }

    public void referencedTaskTag(int value) {
        putInt(20, value);
    }

    /** RefCmdSN. */
    public int referencedCommandSequenceNumber() {
        return intAt(32);
    }

    public void referencedCommandSequenceNumber(int value) {
        putInt(32, value);
    }
}
