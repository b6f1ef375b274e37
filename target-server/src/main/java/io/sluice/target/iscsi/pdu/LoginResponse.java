package io.sluice.target.iscsi.pdu;

/**
 * Login Response: the answer to one step of a login (RFC 7143 section 11.13).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x23      |T|C|.|.|CSG|NSG| Version-max   | Version-active|
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | ISID                                                          |
 *    12 | ISID                          | TSIH                          |
 *    16 | Initiator Task Tag                                            |
 *    20 | reserved                                                      |
 *    24 | StatSN                                                        |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 *    36 | Status-Class  | Status-Detail | reserved                      |
 * </pre>
 */
public final class LoginResponse extends TargetPdu {
    /** T: the target goes to the next stage, too. */
    public boolean isTransit() {
        return isFinal();
    }

    /** C: the text goes on in the next response. */
    public boolean isContinued() {
        return (flags() & CONTINUE) != 0;
    }

    /** CSG. */
    public int currentStage() {
        return (flags() >> 2) & 3;
    }

    /** NSG. */
    public int nextStage() {
        return flags() & 3;
    }

    /** T, C, CSG and NSG. */
    public void stages(boolean transit, boolean continued, int currentStage, int nextStage) {
        flags((transit ? FINAL : 0) | (continued ? CONTINUE : 0) | (currentStage << 2) | nextStage);
    }

    /** The 48 bits of the ISID. */
    public long isid() {
        return longAt(8) >>> 16;
    }

    /** ISID and TSIH; a TSIH other than 0 is in the final response only. */
    public void sessionId(long isid, int targetSessionIdentifyingHandle) {
        putLong(8, (isid << 16) | targetSessionIdentifyingHandle);
    }

    /** TSIH. */
    public int targetSessionIdentifyingHandle() {
        return shortAt(14);
    }

    /** Status-Class and Status-Detail; org.jscsi's LoginStatus names them. */
    public int status() {
        return shortAt(36);
    }

    public void status(int value) {
        putShort(36, value);
    }
}
