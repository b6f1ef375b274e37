package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.SenseCode;
import org.jspecify.annotations.Nullable;

/**
 * LOG SENSE (SPC-4 section 6.8).
 *
 * <p>Logical block provisioning (SBC-3 section 6.4.5) tells counts of logical blocks, as THRESHOLD EXPONENT is zero: the
 * space behind a volume is the bucket, which has no end, so there is no threshold that a host could be warned of. What can
 * run out for a while is the journal on the gateway's disk, and then hosts are told BUSY.
 */
final class LogSenseCommand {
    private static final int SUPPORTED_PAGES = 0x00;
    private static final int LOGICAL_BLOCK_PROVISIONING = 0x0C;
    private static final int TEMPERATURE = 0x0D;
    private static final int INFORMATIONAL_EXCEPTIONS = 0x2F;
    private static final int[] PAGES = {
        SUPPORTED_PAGES, LOGICAL_BLOCK_PROVISIONING, TEMPERATURE, INFORMATIONAL_EXCEPTIONS
    };
    private static final int SUPPORTED_SUBPAGES = 0xFF;
    private static final int SP = 0x01;
    private static final int AVAILABLE_RESOURCES = 0x0001;
    private static final int USED_RESOURCES = 0x0002;
    private static final long COUNT_MAX = 0xFFFF_FFFFL;
    private static final int SCOPE_THIS_UNIT = 0x01;
    private static final int SCOPE_SHARED = 0x02;
    private static final int TEMPERATURE_UNKNOWN = 0xFF;

    private final LogicalUnit unit;

    LogSenseCommand(LogicalUnit unit) {
        this.unit = unit;
    }

    void execute(Command command) {
        byte[] cdb = command.cdb();
        int pointer = CdbField.u16(cdb, 5);
        ParameterData data = CdbField.bit(cdb, 1, SP) ? null : page(cdb[2] & 0x3F, CdbField.u8(cdb, 3), pointer);
        if (data == null) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else {
            command.reply(data, CdbField.u16(cdb, 7));
        }
    }

    private @Nullable ParameterData page(int code, int subpage, int pointer) {
        if (code == SUPPORTED_PAGES && pointer == 0 && (subpage == 0 || subpage == SUPPORTED_SUBPAGES)) {
            return supported(subpage);
        }
        if (subpage != 0) {
            return null;
        }
        LogPage page = new LogPage(code, subpage);
        switch (code) {
            case LOGICAL_BLOCK_PROVISIONING -> addProvisioning(page);
            case TEMPERATURE -> addTemperature(page);
            case INFORMATIONAL_EXCEPTIONS ->
                page.add(
                        0,
                        new ParameterData().u8(0).u8(0).u8(TEMPERATURE_UNKNOWN).u8(0));
            default -> {
                return null;
            }
        }
        return page.reaches(pointer) ? page.from(pointer) : null;
    }

    /** Pages; with subpage FFh pages and subpages. */
    private static ParameterData supported(int subpage) {
        ParameterData entries = new ParameterData();
        for (int code : PAGES) {
            entries.u8(code);
            if (subpage != 0) {
                entries.u8(0);
                if (code == SUPPORTED_PAGES) {
                    entries.u8(code).u8(SUPPORTED_SUBPAGES);
                }
            }
        }
        return new LogPage(SUPPORTED_PAGES, subpage).listing(entries);
    }

    /** Whatever of the unit is not mapped yet can be. */
    private void addProvisioning(LogPage page) {
        long used = unit.volume().status().mappedBytes() / unit.blockBytes();
        long available = Math.max(0, unit.capacityBlocks() - used);
        page.add(AVAILABLE_RESOURCES, count(available, SCOPE_SHARED));
        page.add(USED_RESOURCES, count(used, SCOPE_THIS_UNIT));
    }

    private static ParameterData count(long blocks, int scope) {
        return new ParameterData().u32(Math.min(blocks, COUNT_MAX)).u8(scope).zeros(3);
    }

    /** A volume has no temperature, and no limit for it either. */
    private static void addTemperature(LogPage page) {
        page.add(0x0000, new ParameterData().u8(0).u8(TEMPERATURE_UNKNOWN));
        page.add(0x0001, new ParameterData().u8(0).u8(TEMPERATURE_UNKNOWN));
    }
}
