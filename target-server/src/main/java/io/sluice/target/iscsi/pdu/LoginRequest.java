package io.sluice.target.iscsi.pdu;

/**
 * Login Request: negotiates one step of a login (RFC 7143 section 11.12).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|1| 0x03      |T|C|.|.|CSG|NSG| Version-max   | Version-min   |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | ISID                                                          |
 *    12 | ISID                          | TSIH                          |
 *    16 | Initiator Task Tag                                            |
 *    20 | CID                           | reserved                      |
 *    24 | CmdSN                                                         |
 *    28 | ExpStatSN                                                     |
 * </pre>
 */
public final class LoginRequest extends InitiatorPdu {
    /** T: the initiator is ready for the next stage. */
    public boolean isTransit() {
        return isFinal();
    }

    /** C: the text goes on in the next request. */
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

    public int versionMax() {
        return byteAt(2);
    }

    public void versionMax(int value) {
        putByte(2, value);
    }

    public int versionMin() {
        return byteAt(3);
    }

    public void versionMin(int value) {
        putByte(3, value);
    }

    /** The 48 bits of the ISID. */
    public long isid() {
        return longAt(8) >>> 16;
    }

    public void isid(long value) {
        putLong(8, (value << 16) | targetSessionIdentifyingHandle());
    }

    /** TSIH; 0 asks for a new session. */
    public int targetSessionIdentifyingHandle() {
        return shortAt(14);
    }

    public void targetSessionIdentifyingHandle(int value) {
        putShort(14, value);
    }

    /** CID. */
    public int connectionId() {
        return shortAt(20);
    }

    public void connectionId(int value) {
        putShort(20, value);
    }
}
