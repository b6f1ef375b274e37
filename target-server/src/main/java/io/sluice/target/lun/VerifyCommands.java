package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.DataLength;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;

/**
 * VERIFY (10), (12), (16) (SBC-3 sections 5.28-5.30): reads the medium piece by piece, and compares according to BYTCHK.
 */
final class VerifyCommands {
    private static final int BYTCHK_MASK = 0x06;
    private static final int PIECE_BYTES = 256 * 1024;

    /** What the blocks are compared with. */
    enum Comparison {
        /** BYTCHK 00b: with nothing; they need only be readable. */
        NONE,
        /** BYTCHK 01b: each block with its own in the data-out. */
        EACH_BLOCK,
        /** BYTCHK 11b: all of them with the one block in the data-out. */
        ONE_BLOCK
    }

    private final LogicalUnit unit;
    private final BlockRange ranges;
    private final Step comparedEach;
    private final Step comparedOne;
    private final Step readOnly;

    VerifyCommands(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
        this.comparedEach = command -> compared(command, Comparison.EACH_BLOCK);
        this.comparedOne = command -> compared(command, Comparison.ONE_BLOCK);
        this.readOnly = command -> compared(command, Comparison.NONE);
    }

    /** Data-out by BYTCHK. */
    static final DataLength DATA_OUT = (cdb, blockBytes) -> switch (bytchk(cdb)) {
        case 1 -> CdbField.transferLength(cdb) * blockBytes;
        case 3 -> CdbField.transferLength(cdb) == 0 ? 0 : blockBytes;
        default -> 0;
    };

    private static int bytchk(byte[] cdb) {
        return (cdb[1] & BYTCHK_MASK) >>> 1;
    }

    void verify(Command command) {
        if (!ranges.unprotected(command)) {
            return;
        }
        switch (bytchk(command.cdb())) {
            case 0 -> begin(command, Comparison.NONE, 0);
            case 1 -> begin(command, Comparison.EACH_BLOCK, CdbField.transferLength(command.cdb()) * unit.blockBytes());
            case 3 -> begin(command, Comparison.ONE_BLOCK, unit.blockBytes());
            default -> command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        }
    }

    private void begin(Command command, Comparison comparison, long dataBytes) {
        if (!ranges.take(command)) {
            return;
        }
        if (comparison == Comparison.EACH_BLOCK && !ranges.transferable(command)) {
            return;
        }
        if (command.lengthBytes() == 0) {
            command.good();
            return;
        }
        if (command.dataOut().remaining() < dataBytes) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        verifyRange(command, comparison);
    }

    /** Verifies the command's range against its data-out, then ends it. */
    void verifyRange(Command command, Comparison comparison) {
        command.doneBytes(0);
        ByteBuffer buffer = command.allocate((int) Math.min(command.lengthBytes(), PIECE_BYTES));
        if (buffer != null) {
            command.buffer(buffer);
            readPiece(command, comparison);
        }
    }

    private void readPiece(Command command, Comparison comparison) {
        ByteBuffer buffer = command.buffer();
        long left = command.lengthBytes() - command.doneBytes();
        buffer.clear().limit((int) Math.min(left, Math.min(buffer.capacity(), PIECE_BYTES)));
        command.read(command.offsetBytes() + command.doneBytes(), buffer, stepOf(comparison));
    }

    private Step stepOf(Comparison comparison) {
        return switch (comparison) {
            case NONE -> readOnly;
            case EACH_BLOCK -> comparedEach;
            case ONE_BLOCK -> comparedOne;
        };
    }

    private void compared(Command command, Comparison comparison) {
        ByteBuffer piece = command.buffer().flip();
        long mismatch = switch (comparison) {
            case NONE -> -1;
            case EACH_BLOCK -> mismatchWithEach(command, piece);
            case ONE_BLOCK -> mismatchWithOne(command, piece);
        };
        if (mismatch >= 0) {
            command.fail(SenseCode.MISCOMPARE_DURING_VERIFY_OPERATION, mismatch);
            return;
        }
        command.doneBytes(command.doneBytes() + piece.limit());
        if (command.doneBytes() == command.lengthBytes()) {
            command.good();
        } else {
            readPiece(command, comparison);
        }
    }

    /** The offset in the data-out of the first byte that differs, -1 for none. */
    private static long mismatchWithEach(Command command, ByteBuffer piece) {
        ByteBuffer data = command.dataOut();
        ByteBuffer expected = data.slice(data.position() + (int) command.doneBytes(), piece.remaining());
        int at = expected.mismatch(piece);
        return at < 0 ? -1 : command.doneBytes() + at;
    }

    private long mismatchWithOne(Command command, ByteBuffer piece) {
        int blockBytes = unit.blockBytes();
        ByteBuffer expected = command.dataOut().slice().limit(blockBytes);
        for (int at = 0; at < piece.limit(); at += blockBytes) {
            int differs = expected.mismatch(piece.slice(at, blockBytes));
            if (differs >= 0) {
                return differs;
            }
        }
        return -1;
    }
}
