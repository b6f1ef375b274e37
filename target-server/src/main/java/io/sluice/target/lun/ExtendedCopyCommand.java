package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import java.nio.ByteBuffer;

/** EXTENDED COPY (LID1) (SPC-4 section 6.4): judges the parameter list, then hands over to {@link CopyOperation}. */
final class ExtendedCopyCommand {
    static final int OPERATION_CODE = 0x83;
    static final int LID1 = 0x00;

    private final LogicalUnit unit;

    ExtendedCopyCommand(LogicalUnit unit) {
        this.unit = unit;
    }

    void execute(Command command) {
        long listBytes = CdbField.u32(command.cdb(), 10);
        if (listBytes == 0) {
            command.good();
            return;
        }
        ByteBuffer data = command.dataOut();
        byte[] bytes = new byte[(int) Math.min(listBytes, data.remaining())];
        data.get(data.position(), bytes);
        try {
            begin(command, CopyParameterList.parse(bytes));
        } catch (CopyRefusal refusal) {
            command.failWith(refusal.sense(unit.descriptorSense()));
        }
    }

    private void begin(Command command, CopyParameterList list) {
        boolean named = list.usage() != CopyParameterList.Usage.NONE;
        if (named && unit.copies().isInProgress(command.initiator(), list.listIdentifier())) {
            command.fail(SenseCode.OPERATION_IN_PROGRESS);
            return;
        }
        CopyStatus status = unit.copies().begin(command.initiator(), list);
        if (status == null) {
            command.end(ScsiStatus.BUSY);
        } else {
            new CopyOperation(unit, command, list, status).begin();
        }
    }
}
