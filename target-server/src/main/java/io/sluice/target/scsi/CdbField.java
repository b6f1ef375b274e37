package io.sluice.target.scsi;

/**
 * Big-endian fields of CDBs and parameter data, and the fields whose place follows from the command group (SPC-4
 * section 4.2.5.1).
 *
 * <pre>
 * group   CDB bytes   LBA            transfer length
 * 0       6           1-3 (21 bits)  4, 0 means 256
 * 1, 2    10          2-5            7-8
 * 4       16          2-9            10-13
 * 5       12          2-5            6-9
 * </pre>
 */
public final class CdbField {
    private CdbField() {}

    public static int u8(byte[] bytes, int at) {
        return bytes[at] & 0xFF;
    }

    public static int u16(byte[] bytes, int at) {
        return (u8(bytes, at) << 8) | u8(bytes, at + 1);
    }

    public static int u24(byte[] bytes, int at) {
        return (u8(bytes, at) << 16) | u16(bytes, at + 1);
    }

    public static long u32(byte[] bytes, int at) {
        return ((long) u16(bytes, at) << 16) | u16(bytes, at + 2);
    }

    /** All 64 bits; negative when the highest is set. */
    public static long u64(byte[] bytes, int at) {
        return (u32(bytes, at) << 32) | u32(bytes, at + 4);
    }

    public static boolean bit(byte[] bytes, int at, int mask) {
        return (bytes[at] & mask) != 0;
    }

    public static void putU16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    public static void putU32(byte[] bytes, int at, long value) {
        putU16(bytes, at, (int) (value >>> 16));
        putU16(bytes, at + 2, (int) value);
    }

    public static void putU64(byte[] bytes, int at, long value) {
        putU32(bytes, at, value >>> 32);
        putU32(bytes, at + 4, value);
    }

    /** The command group: the upper three bits of the operation code. */
    public static int group(byte[] cdb) {
        return u8(cdb, 0) >>> 5;
    }

    /** LOGICAL BLOCK ADDRESS; negative when the highest of 64 bits is set. */
    public static long logicalBlockAddress(byte[] cdb) {
        return switch (group(cdb)) {
            case 0 -> u24(cdb, 1) & 0x1F_FFFF;
            case 4 -> u64(cdb, 2);
            default -> u32(cdb, 2);
        };
    }

    /** TRANSFER LENGTH (or NUMBER OF LOGICAL BLOCKS) in blocks. */
    public static long transferLength(byte[] cdb) {
        return switch (group(cdb)) {
            case 0 -> u8(cdb, 4) == 0 ? 256 : u8(cdb, 4);
            case 4 -> u32(cdb, 10);
            case 5 -> u32(cdb, 6);
            default -> u16(cdb, 7);
        };
    }
}
