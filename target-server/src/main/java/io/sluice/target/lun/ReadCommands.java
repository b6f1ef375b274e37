package io.sluice.target.lun;

import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;

/** READ (6), (10), (12), (16) (SBC-3 sections 5.11-5.14). Reads no more than the initiator takes. */
final class ReadCommands {
    private static final int READ_6 = 0x08;

    private final LogicalUnit unit;
    private final BlockRange ranges;

    ReadCommands(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
    }

    void read(Command command) {
        boolean hasProtection = (command.cdb()[0] & 0xFF) != READ_6;
        if ((hasProtection && !ranges.unprotected(command)) || !ranges.take(command) || !ranges.transferable(command)) {
            return;
        }
        long bytes = command.lengthBytes();
        command.task().wanted(0, bytes);
        int given = (int) Math.min(bytes, command.task().dataInRoom());
        if (given == 0) {
            command.good();
            return;
        }
        int blockBytes = unit.blockBytes();
        int whole = (given + blockBytes - 1) / blockBytes * blockBytes;
        ByteBuffer buffer = command.allocate(whole);
        if (buffer != null) {
            command.buffer(buffer);
            command.doneBytes(given);
            command.read(command.offsetBytes(), buffer, Step.GOOD_WITH_DATA);
        }
    }
}
