package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.DataLength;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;

/**
 * COMPARE AND WRITE (SBC-3 section 5.2): the first half of the data-out is compared with the medium, the second half is
 * written when they are equal; no write of any session comes between.
 */
final class CompareAndWriteCommand {
    /** MAXIMUM COMPARE AND WRITE LENGTH of VPD B0h. */
    static final int BLOCKS_MAX = 128;

    /** Two blocks for each in the CDB; one more is asked for, so that surplus data-out shows. */
    static final DataLength DATA_OUT = (cdb, blockBytes) -> (2L * blocks(cdb) + 1) * blockBytes;

    private static final int FUA = 0x08;

    private final LogicalUnit unit;
    private final BlockRange ranges;
    private final Step readOld;
    private final Step compare;

    CompareAndWriteCommand(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
        this.readOld = this::readOld;
        this.compare = this::compare;
    }

    private static int blocks(byte[] cdb) {
        return CdbField.u8(cdb, 13);
    }

    void execute(Command command) {
        int blocks = blocks(command.cdb());
        if (!ranges.unprotected(command)
                || !ranges.take(command, CdbField.u64(command.cdb(), 2), blocks)
                || !ranges.writable(command)
                || !BlockRange.hasDataOut(command, 2L * blocks * unit.blockBytes())) {
            return;
        }
        if (blocks > BLOCKS_MAX) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else if (blocks == 0) {
            command.good();
        } else {
            command.excludeRange(readOld);
        }
    }

    private void readOld(Command command) {
        ByteBuffer buffer = command.allocate((int) command.lengthBytes());
        if (buffer != null) {
            command.buffer(buffer);
            command.read(command.offsetBytes(), buffer, compare);
        }
    }

    private void compare(Command command) {
        ByteBuffer medium = command.buffer().flip();
        ByteBuffer data = command.dataOut();
        int half = (int) command.lengthBytes();
        int mismatch = data.slice(data.position(), half).mismatch(medium);
        if (mismatch >= 0) {
            command.fail(SenseCode.MISCOMPARE_DURING_VERIFY_OPERATION, mismatch);
            return;
        }
        boolean durable =
                CdbField.bit(command.cdb(), 1, FUA) || !unit.modePages().writeCache();
        command.write(command.offsetBytes(), data.slice(data.position() + half, half), durable, Step.GOOD);
    }
}
