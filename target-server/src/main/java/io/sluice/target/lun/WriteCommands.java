package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;

/**
 * WRITE (6), (10), (12), (16) and WRITE AND VERIFY (10), (12), (16) (SBC-3 sections 5.32-5.39). When the initiator sends
 * less than the CDB says, the whole blocks that came are written and the residual tells.
 */
final class WriteCommands {
    private static final int WRITE_6 = 0x0A;
    private static final int FUA = 0x08;
    private static final int BYTCHK = 0x02;

    private final LogicalUnit unit;
    private final BlockRange ranges;
    private final VerifyCommands verification;
    private final Step writeShared;
    private final Step verifyWritten;

    WriteCommands(LogicalUnit unit, VerifyCommands verification) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
        this.verification = verification;
        this.writeShared = this::writeShared;
        this.verifyWritten = this::verifyWritten;
    }

    void write(Command command) {
        boolean hasProtection = (command.cdb()[0] & 0xFF) != WRITE_6;
        if ((hasProtection && !ranges.unprotected(command)) || !takeWritable(command)) {
            return;
        }
        begin(command, writeShared);
    }

    private boolean takeWritable(Command command) {
        return ranges.take(command) && ranges.transferable(command) && ranges.writable(command);
    }

    private void begin(Command command, Step next) {
        int blockBytes = unit.blockBytes();
        int whole = command.dataOut().remaining() / blockBytes * blockBytes;
        command.range(command.offsetBytes(), Math.min(whole, command.lengthBytes()));
        if (command.lengthBytes() == 0) {
            command.good();
        } else {
            command.shareRange(next);
        }
    }

    private void writeShared(Command command) {
        boolean forced = (command.cdb()[0] & 0xFF) != WRITE_6 && CdbField.bit(command.cdb(), 1, FUA);
        command.write(
                command.offsetBytes(),
                source(command),
                forced || !unit.modePages().writeCache(),
                Step.GOOD);
    }

    private static ByteBuffer source(Command command) {
        ByteBuffer source = command.dataOut();
        // The limit is moved only when the initiator sent part of a block too much.
        if (source.remaining() != command.lengthBytes()) {
            source.limit(source.position() + (int) command.lengthBytes());
        }
        return source;
    }

    void writeAndVerify(Command command) {
        if (!ranges.unprotected(command) || !takeWritable(command)) {
            return;
        }
        begin(command, this::writeForVerify);
    }

    private void writeForVerify(Command command) {
        // Verification reads what is stored: the write is made durable whatever the cache mode is.
        command.write(command.offsetBytes(), source(command).duplicate(), true, verifyWritten);
    }

    private void verifyWritten(Command command) {
        boolean compare = CdbField.bit(command.cdb(), 1, BYTCHK);
        verification.verifyRange(
                command, compare ? VerifyCommands.Comparison.EACH_BLOCK : VerifyCommands.Comparison.NONE);
    }
}
