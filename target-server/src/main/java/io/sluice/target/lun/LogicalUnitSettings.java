package io.sluice.target.lun;

/**
 * How a logical unit behaves.
 *
 * @param readOnly writes are refused with 07/27/00 and the WP bit is set
 * @param writeCache whether WCE is on at the start and after a reset
 * @param transferBytesMax the most bytes one READ, WRITE or VERIFY moves (VPD B0h), a multiple of 4096
 * @param hidesPhysicalBlocks report physical blocks as long as logical ones, for hosts that cannot live with 512e
 * @param ignoresIsidInRegistrations persistent reservations know initiators by name only, whatever their ISID
 */
public record LogicalUnitSettings(
        boolean readOnly,
        boolean writeCache,
        int transferBytesMax,
        boolean hidesPhysicalBlocks,
        boolean ignoresIsidInRegistrations) {
    /** 8 MiB per command, write cache on. */
    public static final LogicalUnitSettings DEFAULT = new LogicalUnitSettings(false, true, 8 << 20, false, false);

    /** The same, read-only. */
    public LogicalUnitSettings asReadOnly() {
        return new LogicalUnitSettings(
                true, writeCache, transferBytesMax, hidesPhysicalBlocks, ignoresIsidInRegistrations);
    }

    /** The same with registrations by name alone, or not. */
    public LogicalUnitSettings ignoringIsid(boolean ignores) {
        return new LogicalUnitSettings(readOnly, writeCache, transferBytesMax, hidesPhysicalBlocks, ignores);
    }
}
