package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.SenseCode;

/**
 * RECEIVE COPY STATUS (LID1), RECEIVE COPY OPERATING PARAMETERS, RECEIVE COPY FAILURE DETAILS (LID1) (SPC-4 sections 6.18,
 * 6.20, 6.21). Nothing is ever held for RECEIVE COPY DATA.
 */
final class ReceiveCopyResultsCommand {
    static final int OPERATION_CODE = 0x84;
    static final int COPY_STATUS = 0x00;
    static final int OPERATING_PARAMETERS = 0x03;
    static final int FAILURE_DETAILS = 0x04;
    static final int[] SERVICE_ACTIONS = {COPY_STATUS, OPERATING_PARAMETERS, FAILURE_DETAILS};

    private final LogicalUnit unit;

    ReceiveCopyResultsCommand(LogicalUnit unit) {
        this.unit = unit;
    }

    /** A status that says how the copy ended is told once, unless failure details wait to be told after it. */
    void copyStatus(Command command) {
        int identifier = CdbField.u8(command.cdb(), 2);
        CopyStatus copy = unit.copies().find(command.initiator(), identifier);
        if (copy == null) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        if (!copy.hasFailed()) {
            unit.copies().told(command.initiator(), identifier);
        }
        command.reply(copy.status(), CdbField.u32(command.cdb(), 10));
    }

    void operatingParameters(Command command) {
        command.reply(CopyLimits.operatingParameters(), CdbField.u32(command.cdb(), 10));
    }

    /** Of a copy that has ended; what is told of a failure is told once. */
    void failureDetails(Command command) {
        int identifier = CdbField.u8(command.cdb(), 2);
        CopyStatus copy = unit.copies().find(command.initiator(), identifier);
        if (copy == null || copy.isInProgress()) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        if (copy.hasFailed()) {
            unit.copies().told(command.initiator(), identifier);
        }
        command.reply(copy.failureDetails(), CdbField.u32(command.cdb(), 10));
    }
}
