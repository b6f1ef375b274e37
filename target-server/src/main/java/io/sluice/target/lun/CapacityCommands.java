package io.sluice.target.lun;

import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.MappedRun;
import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.Step;

/** READ CAPACITY (10), (16) and GET LBA STATUS (SBC-3 sections 5.6, 5.15, 5.16). */
final class CapacityCommands {
    private static final long LBA_32_BITS_MAX = 0xFFFF_FFFFL;
    private static final int PROVISIONING = 0xC000;
    private static final int STATUS_DESCRIPTORS_MAX = 256;
    private static final int STATUS_BYTES_MAX = 8 + (STATUS_DESCRIPTORS_MAX * 16);
    private static final int MAPPED = 0x00;
    private static final int DEALLOCATED = 0x01;

    private final LogicalUnit unit;
    private final BlockRange ranges;
    private final Step tellExtents;

    CapacityCommands(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
        this.tellExtents = this::tellExtents;
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

    /** The first descriptor begins with the block asked for; each tells a whole extent, as far as 32 bits count. */
    void getLbaStatus(Command command) {
        long block = CdbField.u64(command.cdb(), 2);
        long blocks = unit.capacityBlocks() - block;
        if (ranges.take(command, block, Math.max(0, blocks))) {
            command.mapping(command.offsetBytes(), command.lengthBytes(), STATUS_DESCRIPTORS_MAX, tellExtents);
        }
    }

    private void tellExtents(Command command) {
        long allocation = CdbField.u32(command.cdb(), 10);
        ParameterData data = new ParameterData().u32(0).u32(0);
        for (MappedRun run : command.runs()) {
            putExtent(data, run);
        }
        data.setU32(0, data.length() - 4L);
        command.reply(data, allocation);
    }

    private void putExtent(ParameterData data, MappedRun run) {
        long block = run.offsetBytes() / unit.blockBytes();
        long end = (run.offsetBytes() + run.lengthBytes()) / unit.blockBytes();
        while (block < end && data.length() < STATUS_BYTES_MAX) {
            long blocks = Math.min(end - block, LBA_32_BITS_MAX);
            data.u64(block).u32(blocks).u8(run.mapped() ? MAPPED : DEALLOCATED).zeros(3);
            block += blocks;
        }
    }

    /**
     * TEST UNIT READY: a unit whose volume was fenced, or has failed, is not ready, as every other command to it is told:
     * else multipath's path checker would take the path for good and bring it back.
     */
    void testUnitReady(Command command) {
        IoFailure stopped = unit.volume().stopReason();
        if (stopped == null) {
            command.good();
        } else {
            command.fail(stopped);
        }
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
