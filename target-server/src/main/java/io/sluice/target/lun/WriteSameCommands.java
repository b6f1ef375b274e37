package io.sluice.target.lun;

import io.sluice.storage.volume.VolumePort;
import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.DataLength;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;

/**
 * WRITE SAME (10), (16) (SBC-3 sections 5.41, 5.42). A block of zeros, NDOB and UNMAP are one unmap of the volume (it
 * reads as zeros afterwards, LBPRZ=1); any other pattern is a fill of the volume.
 */
final class WriteSameCommands {
    private static final int WRITE_SAME_16 = 0x93;
    private static final int ANCHOR = 0x10;
    private static final int UNMAP = 0x08;
    private static final int NDOB = 0x01;
    /**
     * MAXIMUM WRITE SAME LENGTH of VPD B0h: below 64 Ki, a multiple of 4 KiB. More would let a host expect to write and
     * read back 64 Ki blocks in one command too (libiscsi's WriteSame16.Unmap does); UNMAP has no such limit.
     */
    static final long BLOCKS_MAX = 0xFFF8;

    /** One block unless NDOB; one more is asked for, so that surplus data-out shows. */
    static final DataLength DATA_OUT = (cdb, blockBytes) -> hasNoDataOut(cdb) ? 0 : 2L * blockBytes;

    private final LogicalUnit unit;
    private final BlockRange ranges;
    private final Step zero;
    private final Step fill;

    WriteSameCommands(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
        this.zero = this::zero;
        this.fill = this::fill;
    }

    private static boolean hasNoDataOut(byte[] cdb) {
        return (cdb[0] & 0xFF) == WRITE_SAME_16 && CdbField.bit(cdb, 1, NDOB);
    }

    void execute(Command command) {
        byte[] cdb = command.cdb();
        boolean unmap = CdbField.bit(cdb, 1, UNMAP);
        long blocks = CdbField.transferLength(cdb);
        if (!ranges.unprotected(command)) {
            return;
        }
        if (CdbField.bit(cdb, 1, ANCHOR)) {
            // ANC_SUP=000b: no anchored blocks, with or without UNMAP.
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        if (!ranges.take(command)) {
            return;
        }
        if (blocks == 0 || blocks > BLOCKS_MAX) {
            // WSNZ=1: NUMBER OF LOGICAL BLOCKS zero is refused.
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        if (!ranges.writable(command) || !hasPattern(command)) {
            return;
        }
        command.shareRange(unmap || isZeroPattern(command) ? zero : fill);
    }

    private boolean hasPattern(Command command) {
        return BlockRange.hasDataOut(command, hasNoDataOut(command.cdb()) ? 0 : unit.blockBytes());
    }

    private static boolean isZeroPattern(Command command) {
        ByteBuffer data = command.dataOut();
        for (int i = data.position(); i < data.limit(); i++) {
            if (data.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private void zero(Command command) {
        ByteBuffer data = command.dataOut();
        boolean keepsPattern = CdbField.bit(command.cdb(), 1, UNMAP) && data.hasRemaining() && !isZeroPattern(command);
        if (keepsPattern) {
            // SBC-3 section 4.7.3.4.4: unmapped blocks would not read as the pattern, so it is written.
            fill(command);
            return;
        }
        command.unmap(
                command.offsetBytes(), command.lengthBytes(), !unit.modePages().writeCache(), Step.GOOD);
    }

    /** The volume keeps whole blocks once, however long the range is. */
    private void fill(Command command) {
        long done = command.doneBytes();
        long piece = Math.min(command.lengthBytes() - done, VolumePort.FILL_BYTES_MAX);
        command.doneBytes(done + piece);
        command.fill(
                command.offsetBytes() + done,
                piece,
                command.dataOut().duplicate(),
                !unit.modePages().writeCache(),
                done + piece == command.lengthBytes() ? Step.GOOD : fill);
    }
}
