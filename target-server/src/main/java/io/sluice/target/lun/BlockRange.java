package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.SenseCode;

/** The checks that all commands with a logical block address share. */
final class BlockRange {
    private static final int PROTECT_MASK = 0xE0;

    private final LogicalUnit unit;

    BlockRange(LogicalUnit unit) {
        this.unit = unit;
    }

    /**
     * Sets the command's range from LBA and TRANSFER LENGTH of its CDB. False: a block is outside and the command was
     * ended. An LBA behind the last block is outside also without blocks to transfer.
     */
    boolean take(Command command) {
        return take(command, CdbField.logicalBlockAddress(command.cdb()), CdbField.transferLength(command.cdb()));
    }

    /** Like {@link #take(Command)} with the given blocks. */
    boolean take(Command command, long address, long blocks) {
        long capacity = unit.capacityBlocks();
        if (address < 0 || address >= capacity || blocks > capacity - address) {
            command.fail(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE);
            return false;
        }
        command.range(address * unit.blockBytes(), blocks * unit.blockBytes());
        return true;
    }

    /** RDPROTECT, WRPROTECT, VRPROTECT, ORPROTECT must be zero: there is no protection information. */
    boolean unprotected(Command command) {
        if (CdbField.bit(command.cdb(), 1, PROTECT_MASK)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return false;
        }
        return true;
    }

    /** MAXIMUM TRANSFER LENGTH. */
    boolean transferable(Command command) {
        if (CdbField.transferLength(command.cdb()) * unit.blockBytes() > unit.transferBytesMax()) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return false;
        }
        return true;
    }

    /** Whether the medium may be written. */
    boolean writable(Command command) {
        if (unit.settings().readOnly()) {
            command.fail(SenseCode.WRITE_PROTECTED);
            return false;
        }
        if (unit.modePages().softwareWriteProtect()) {
            command.fail(SenseCode.LOGICAL_UNIT_SOFTWARE_WRITE_PROTECTED);
            return false;
        }
        return true;
    }

    /** The data-out must be exactly so long. */
    static boolean hasDataOut(Command command, long bytes) {
        boolean exact = command.dataOut().remaining() == bytes;
        command.task().wanted(bytes, 0);
        if (!exact) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        }
        return exact;
    }
}
