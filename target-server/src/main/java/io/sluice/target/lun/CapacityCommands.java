package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.SenseCode;

/** READ CAPACITY (10), (16) and GET LBA STATUS (SBC-3 sections 5.6, 5.15, 5.16). */
final class CapacityCommands {
    private static final long LBA_32_BITS_MAX = 0xFFFF_FFFFL;
    private static final int PROVISIONING = 0xC000;
    private static final int STATUS_DESCRIPTOR_BYTES = 16;
    private static final int STATUS_DESCRIPTORS_MAX = 256;
    private static final int MAPPED = 0x00;
    private static final int DEALLOCATED = 0x01;

    private final LogicalUnit unit;
    private final BlockRange ranges;

    CapacityCommands(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
    }

    void readCapacity10(Command command) {
        long last = unit.capacityBlocks() - 1;
        ParameterData data =
                new ParameterData().u32(Math.min(last, LBA_32_BITS_MAX)).u32(unit.blockBytes());
        command.reply(data, data.length());
    }

    /** LBPME and LBPRZ are set; the physical block is 4 KiB. */
    void readCapacity16(Command command) {
        ParameterData data = new ParameterData()
                .u64(unit.capacityBlocks() - 1)
                .u32(unit.blockBytes())
                .u8(0)
                .u8(unit.physicalBlockExponent())
                .u16(PROVISIONING)
                .padTo(32);
        command.reply(data, CdbField.u32(command.cdb(), 10));
    }

    void getLbaStatus(Command command) {
        byte[] cdb = command.cdb();
        if (!ranges.take(command, CdbField.u64(cdb, 2), 0)) {
            return;
        }
        long allocation = CdbField.u32(cdb, 10);
        long room = Math.max(1, (allocation - 8) / STATUS_DESCRIPTOR_BYTES);
        ParameterData data = new ParameterData().u32(0).u32(0);
        long block = CdbField.u64(cdb, 2);
        for (long i = 0; i < Math.min(room, STATUS_DESCRIPTORS_MAX) && block < unit.capacityBlocks(); i++) {
            block += putExtent(data, block);
        }
        data.setU32(0, data.length() - 4L);
        command.reply(data, allocation);
    }

    /** One descriptor; returns how many blocks it covers. */
    private long putExtent(ParameterData data, long block) {
        long blockBytes = unit.blockBytes();
        long left = unit.capacityBlocks() - block;
        long run = left * blockBytes;
        if (unit.volume() instanceof MappingSource mapping) {
            run = mapping.runAt(block * blockBytes, left * blockBytes);
        }
        long blocks = Math.min(Math.abs(run) / blockBytes, LBA_32_BITS_MAX);
        data.u64(block).u32(blocks).u8(run < 0 ? DEALLOCATED : MAPPED).zeros(3);
        return blocks;
    }

    /** TEST UNIT READY: an attached unit is ready; what is not is told by its volume's failures. */
    void testUnitReady(Command command) {
        command.good();
    }

    /** SEND DIAGNOSTIC (SPC-4 section 6.42): the default self-test succeeds; there are no diagnostic pages. */
    void sendDiagnostic(Command command) {
        boolean selfTest = CdbField.bit(command.cdb(), 1, 0x04);
        boolean selfTestCode = CdbField.bit(command.cdb(), 1, 0xE0);
        if (CdbField.u16(command.cdb(), 3) != 0 || (selfTest && selfTestCode)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else {
            command.good();
        }
    }
}
