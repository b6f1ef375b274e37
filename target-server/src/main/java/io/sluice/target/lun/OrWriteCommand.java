package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;

/** ORWRITE (16) (SBC-3 section 5.8): medium OR data-out is written; no write of any session comes between. */
final class OrWriteCommand {
    private static final int FUA = 0x08;

    private final LogicalUnit unit;
    private final BlockRange ranges;
    private final Step readOld;
    private final Step writeNew;

    OrWriteCommand(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
        this.readOld = this::readOld;
        this.writeNew = this::writeNew;
    }

    void execute(Command command) {
        if (!ranges.unprotected(command)
                || !ranges.take(command)
                || !ranges.transferable(command)
                || !ranges.writable(command)) {
            return;
        }
        if (command.lengthBytes() == 0) {
            command.good();
        } else if (command.dataOut().remaining() < command.lengthBytes()) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else {
            command.excludeRange(readOld);
        }
    }

    private void readOld(Command command) {
        ByteBuffer buffer = command.allocate((int) command.lengthBytes());
        if (buffer != null) {
            command.buffer(buffer);
            command.read(command.offsetBytes(), buffer, writeNew);
        }
    }

    private void writeNew(Command command) {
        ByteBuffer medium = command.buffer().flip();
        ByteBuffer data = command.dataOut();
        int start = data.position();
        for (int i = 0; i < medium.limit(); i++) {
            medium.put(i, (byte) (medium.get(i) | data.get(start + i)));
        }
        boolean durable =
                CdbField.bit(command.cdb(), 1, FUA) || !unit.modePages().writeCache();
        command.write(command.offsetBytes(), medium, durable, Step.GOOD);
    }
}
