package io.sluice.target.iscsi.pdu;

/**
 * Logout Request (RFC 7143 section 11.14).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|I| 0x06      |1| Reason Code | reserved                      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | reserved                                                      |
 *    16 | Initiator Task Tag                                            |
 *    20 | CID or reserved               | reserved                      |
 *    24 | CmdSN                                                         |
 *    28 | ExpStatSN                                                     |
 * </pre>
 */
public final class LogoutRequest extends InitiatorPdu {
    /** 0 close the session, 1 close the connection, 2 remove the connection for recovery. */
    public int reason() {
        return flags() & 0x7f;
    }

    /** CID. */
    public int connectionId() {
        return shortAt(20);
    }

    public void connectionId(int value) {
        putShort(20, value);
    }
}
