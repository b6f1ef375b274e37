package io.sluice.target.scsi;

import org.jspecify.annotations.Nullable;

/**
 * REPORT LUNS parameter data (SPC-4 section 6.33): LUN LIST LENGTH, 4 reserved bytes, 8 bytes for each LUN. It is the
 * same on every LUN, also on those that do not exist.
 */
public final class ReportLunsData {
    private static final int SELECT_ALL_BUT_WELL_KNOWN = 0x00;
    private static final int SELECT_WELL_KNOWN = 0x01;
    private static final int SELECT_ALL = 0x02;

    private ReportLunsData() {}

    /** The data for a CDB; null when SELECT REPORT has a value that does not exist. */
    public static @Nullable ParameterData of(TargetDevice target, byte[] cdb) {
        int[] luns = switch (CdbField.u8(cdb, 2)) {
            case SELECT_ALL_BUT_WELL_KNOWN, SELECT_ALL -> target.luns();
            case SELECT_WELL_KNOWN -> new int[0];
            default -> null;
        };
        if (luns == null) {
            return null;
        }
        ParameterData data = new ParameterData().u32(luns.length * 8L).u32(0);
        byte[] field = new byte[8];
        for (int lun : luns) {
            LunField.encode(lun, field, 0);
            data.bytes(field);
        }
        return data;
    }

    /** ALLOCATION LENGTH. */
    public static long allocationLength(byte[] cdb) {
        return CdbField.u32(cdb, 6);
    }
}
