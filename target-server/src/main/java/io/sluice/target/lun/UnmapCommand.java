package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.Step;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * UNMAP (SBC-3 section 5.26). Every descriptor is checked before the first is carried out.
 *
 * <pre>
 * 0  UNMAP DATA LENGTH              8  descriptor: LBA (8), NUMBER OF LOGICAL BLOCKS (4), reserved (4)
 * 2  BLOCK DESCRIPTOR DATA LENGTH  24  ...
 * </pre>
 */
final class UnmapCommand {
    /** MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT of VPD B0h. */
    static final int DESCRIPTORS_MAX = 256;

    private static final int ANCHOR = 0x01;
    private static final int HEADER_BYTES = 8;
    private static final int DESCRIPTOR_BYTES = 16;

    private final LogicalUnit unit;
    private final BlockRange ranges;
    private final Step unmapNext;

    UnmapCommand(LogicalUnit unit) {
        this.unit = unit;
        this.ranges = new BlockRange(unit);
        this.unmapNext = this::unmapNext;
    }

    void execute(Command command) {
        if (CdbField.bit(command.cdb(), 1, ANCHOR)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        int listBytes = CdbField.u16(command.cdb(), 7);
        if (listBytes == 0) {
            command.good();
            return;
        }
        SenseCode wrong = check(list(command), listBytes);
        if (wrong != null) {
            command.fail(wrong);
        } else if (ranges.writable(command)) {
            // The whole unit is shared: descriptors may lie anywhere, and a command holds one range.
            command.range(0, unit.capacityBlocks() * unit.blockBytes());
            command.shareRange(unmapNext);
        }
    }

    private static ByteBuffer list(Command command) {
        return command.dataOut().slice().order(ByteOrder.BIG_ENDIAN);
    }

    private static int descriptors(ByteBuffer list) {
        return (list.getShort(2) & 0xFFFF) / DESCRIPTOR_BYTES;
    }

    private @Nullable SenseCode check(ByteBuffer list, int listBytes) {
        if (listBytes < HEADER_BYTES || list.remaining() < listBytes) {
            return SenseCode.PARAMETER_LIST_LENGTH_ERROR;
        }
        int descriptors = descriptors(list);
        if (HEADER_BYTES + (descriptors * DESCRIPTOR_BYTES) > listBytes) {
            return SenseCode.PARAMETER_LIST_LENGTH_ERROR;
        }
        if (descriptors > DESCRIPTORS_MAX) {
            return SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
        }
        long capacity = unit.capacityBlocks();
        for (int i = 0; i < descriptors; i++) {
            long address = address(list, i);
            if (address < 0 || address > capacity || blocks(list, i) > capacity - address) {
                return SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE;
            }
        }
        return null;
    }

    private static long address(ByteBuffer list, int descriptor) {
        return list.getLong(HEADER_BYTES + (descriptor * DESCRIPTOR_BYTES));
    }

    private static long blocks(ByteBuffer list, int descriptor) {
        return list.getInt(HEADER_BYTES + (descriptor * DESCRIPTOR_BYTES) + 8) & 0xFFFF_FFFFL;
    }

    /** Here {@link Command#doneBytes} counts descriptors. */
    private void unmapNext(Command command) {
        ByteBuffer list = list(command);
        int descriptors = descriptors(list);
        int next = (int) command.doneBytes();
        while (next < descriptors && blocks(list, next) == 0) {
            next++;
        }
        if (next == descriptors) {
            command.good();
            return;
        }
        command.doneBytes(next + 1L);
        long blockBytes = unit.blockBytes();
        command.unmap(
                address(list, next) * blockBytes,
                blocks(list, next) * blockBytes,
                !unit.modePages().writeCache(),
                unmapNext);
    }
}
