package io.sluice.target.scsi;

/**
 * The 8-byte LUN field (SAM-5 section 4.7), single level: peripheral device addressing (00b, LUN 0-255 on bus 0), flat
 * space addressing (01b, LUN 0-16383); extended and logical unit addressing are answered as unknown.
 *
 * <pre>
 * byte 0      byte 1     bytes 2-7
 * 00 000000b  LUN        0          peripheral, LUN 0-255
 * 01 LUN high LUN low    0          flat, LUN 0-16383
 * </pre>
 */
public final class LunField {
    /** LUNs are 0 to this, exclusive. */
    public static final int LUNS_MAX = 16384;

    private LunField() {}

    /** The LUN, or -1 when the field names none this target can have. */
    public static int decode(byte[] field) {
        for (int i = 2; i < 8; i++) {
            if (field[i] != 0) {
                return -1;
            }
        }
        return switch (CdbField.u8(field, 0) >>> 6) {
            case 0 -> (field[0] & 0x3F) == 0 ? CdbField.u8(field, 1) : -1;
            case 1 -> CdbField.u16(field, 0) & 0x3FFF;
            default -> -1;
        };
    }

    /** Peripheral addressing up to 255, flat beyond. */
    public static void encode(int lun, byte[] field, int at) {
        java.util.Arrays.fill(field, at, at + 8, (byte) 0);
        CdbField.putU16(field, at, lun < 256 ? lun : 0x4000 | lun);
    }
}
