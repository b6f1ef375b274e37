package io.sluice.target.scsi;

/**
 * Sense data (SPC-4 section 4.5), in the fixed or in the descriptor format.
 *
 * <pre>
 * fixed (18 bytes)                              descriptor (8 bytes, or 20 with INFORMATION)
 *  0  VALID(7) | 70h                             0  72h
 *  2  sense key                                  1  sense key
 *  3  INFORMATION (4 bytes)                      2  ASC
 *  7  additional length, 10                      3  ASCQ
 * 12  ASC                                        7  additional length, 0 or 12
 * 13  ASCQ                                       8  00h, 0Ah, VALID(7), 0, INFORMATION (8 bytes)
 * </pre>
 */
public final class SenseData {
    private static final int FIXED_BYTES = 18;
    private static final int DESCRIPTOR_HEADER_BYTES = 8;
    private static final int INFORMATION_DESCRIPTOR_BYTES = 12;
    private static final int SENSE_KEY_SPECIFIC_BYTES = 8;
    /** SENSE-KEY SPECIFIC VALID. */
    private static final int SKSV = 0x80;

    private SenseData() {}

    /** Without INFORMATION. */
    public static byte[] encode(SenseCode code, boolean descriptorFormat) {
        return descriptorFormat ? descriptor(code, DESCRIPTOR_HEADER_BYTES) : fixed(code);
    }

    /** With INFORMATION; the fixed format leaves out what does not fit into 32 bits. */
    public static byte[] encode(SenseCode code, long information, boolean descriptorFormat) {
        if (descriptorFormat) {
            return descriptorWithInformation(code, information);
        }
        byte[] sense = fixed(code);
        if ((information >>> 32) == 0) {
            sense[0] |= (byte) 0x80;
            CdbField.putU32(sense, 3, information);
        }
        return sense;
    }

    /** With a pointer to the byte of the parameter list that is wrong (SPC-4 section 4.5.2.4.2). */
    public static byte[] inParameterList(SenseCode code, int offset, boolean descriptorFormat) {
        byte[] pointer = {(byte) SKSV, (byte) (offset >>> 8), (byte) offset};
        if (!descriptorFormat) {
            byte[] sense = fixed(code);
            System.arraycopy(pointer, 0, sense, 15, pointer.length);
            return sense;
        }
        return new ParameterData()
                .bytes(descriptor(code, DESCRIPTOR_HEADER_BYTES + SENSE_KEY_SPECIFIC_BYTES))
                .setU8(8, 0x02)
                .setU8(9, SENSE_KEY_SPECIFIC_BYTES - 2)
                .setU8(12, pointer[0])
                .setU16(13, offset)
                .toByteArray();
    }

    private static byte[] fixed(SenseCode code) {
        byte[] sense = new byte[FIXED_BYTES];
        sense[0] = 0x70;
        sense[2] = (byte) code.key().code();
        sense[7] = FIXED_BYTES - 8;
        sense[12] = (byte) code.additionalCode();
        sense[13] = (byte) code.qualifier();
        return sense;
    }

    private static byte[] descriptor(SenseCode code, int length) {
        byte[] sense = new byte[length];
        sense[0] = 0x72;
        sense[1] = (byte) code.key().code();
        sense[2] = (byte) code.additionalCode();
        sense[3] = (byte) code.qualifier();
        sense[7] = (byte) (length - DESCRIPTOR_HEADER_BYTES);
        return sense;
    }

    private static byte[] descriptorWithInformation(SenseCode code, long information) {
        byte[] sense = descriptor(code, DESCRIPTOR_HEADER_BYTES + INFORMATION_DESCRIPTOR_BYTES);
        sense[9] = 0x0A;
        sense[10] = (byte) 0x80;
        CdbField.putU64(sense, 12, information);
        return sense;
    }
}
