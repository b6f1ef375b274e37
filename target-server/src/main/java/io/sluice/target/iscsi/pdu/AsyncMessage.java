package io.sluice.target.iscsi.pdu;

/**
 * Asynchronous Message (RFC 7143 section 11.9).
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|.| 0x32      |1| reserved                                      |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or reserved                                               |
 *    16 | 0xffffffff                                                    |
 *    20 | reserved                                                      |
 *    24 | StatSN                                                        |
 *    28 | ExpCmdSN                                                      |
 *    32 | MaxCmdSN                                                      |
 *    36 | AsyncEvent    | AsyncVCode    | Parameter1 or reserved        |
 *    40 | Parameter2 or reserved        | Parameter3 or reserved        |
 *    48 | SenseLength and sense (event 0), or vendor data               |
 * </pre>
 */
public final class AsyncMessage extends TargetPdu {
    public int event() {
        return byteAt(36);
    }

    public void event(int value) {
        putByte(36, value);
    }

    public int parameter1() {
        return shortAt(38);
    }

    public void parameter1(int value) {
        putShort(38, value);
    }

    public int parameter2() {
        return shortAt(40);
    }

    public void parameter2(int value) {
        putShort(40, value);
    }

    public int parameter3() {
        return shortAt(42);
    }

    public void parameter3(int value) {
        putShort(42, value);
    }
}
