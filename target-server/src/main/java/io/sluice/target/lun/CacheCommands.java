package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.Step;

/** SYNCHRONIZE CACHE (10), (16) and START STOP UNIT (SBC-3 sections 5.20, 5.24, 5.25). */
final class CacheCommands {
    private final LogicalUnit unit;
    private final BlockRange ranges;

    CacheCommands(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
    }

    /**
     * Everything that completed before is made safe, whatever range the CDB names; NUMBER OF LOGICAL BLOCKS zero means
     * up to the end anyway. IMMED gets its status after the flush too: an error must reach the host.
     */
    void synchronizeCache(Command command) {
        if (ranges.take(command)) {
            command.flush(Step.GOOD);
        }
    }

    /** START STOP UNIT (SBC-3 section 5.20): the medium is fixed and there is no other power condition than active. */
    void startStop(Command command) {
        boolean powerCondition = CdbField.bit(command.cdb(), 4, 0xF0);
        boolean loadEject = CdbField.bit(command.cdb(), 4, 0x02);
        boolean start = CdbField.bit(command.cdb(), 4, 0x01);
        boolean noFlush = CdbField.bit(command.cdb(), 4, 0x04);
        if (powerCondition || loadEject) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else if (start || noFlush || unit.settings().readOnly()) {
            command.good();
        } else {
            command.flush(Step.GOOD);
        }
    }
}
