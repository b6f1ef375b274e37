package io.sluice.target.iscsi.pdu;

import org.jscsi.parser.OperationCode;
import org.jspecify.annotations.Nullable;

/** From the six bits on the wire to jSCSI's names, without garbage (RFC 7143 section 11.2.1.2). */
public final class Opcodes {
    private static final @Nullable OperationCode[] BY_CODE = new @Nullable OperationCode[64];

    static {
        for (OperationCode code : OperationCode.values()) {
            BY_CODE[code.value()] = code;
        }
    }

    private Opcodes() {}

    /** Null for a code that is not defined. */
    public static @Nullable OperationCode of(int code) {
        return BY_CODE[code & 0x3f];
    }
}
