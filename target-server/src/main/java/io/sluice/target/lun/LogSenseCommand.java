package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.SenseCode;

/**
 * LOG SENSE (SPC-4 section 6.8): supported log pages (00h) and logical block provisioning (0Ch, SBC-3 section 6.4.4). The
 * latter tells the used LBA mapping resources when the volume knows them.
 */
final class LogSenseCommand {
    private static final int SUPPORTED_PAGES = 0x00;
    private static final int LOGICAL_BLOCK_PROVISIONING = 0x0C;
    private static final int SP = 0x01;
    private static final int USED_RESOURCES = 0x0002;
    private static final int BINARY_FORMAT = 0x03;
    private static final int SCOPE_THIS_UNIT = 0x01;

    private final LogicalUnit unit;

    LogSenseCommand(LogicalUnit unit) {
        this.unit = unit;
    }

    void execute(Command command) {
        byte[] cdb = command.cdb();
        int code = cdb[2] & 0x3F;
        boolean known = code == SUPPORTED_PAGES || code == LOGICAL_BLOCK_PROVISIONING;
        if (!known || cdb[3] != 0 || CdbField.bit(cdb, 1, SP)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        ParameterData page = new ParameterData().u8(code).u8(0).u16(0);
        if (code == SUPPORTED_PAGES) {
            page.u8(SUPPORTED_PAGES).u8(LOGICAL_BLOCK_PROVISIONING);
        } else if (unit.volume() instanceof MappingSource mapping) {
            long used = Math.min(mapping.mappedBytes() / unit.blockBytes(), 0xFFFF_FFFFL);
            page.u16(USED_RESOURCES).u8(BINARY_FORMAT).u8(8).u32(used);
            page.u8(SCOPE_THIS_UNIT).zeros(3);
        }
        command.reply(page.setU16(2, page.length() - 4), CdbField.u16(cdb, 7));
    }
}
