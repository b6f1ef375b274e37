package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.SenseCode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * MODE SELECT (6), (10) (SPC-4 sections 6.11, 6.12). All pages of the list are checked before one takes effect; other
 * nexuses are told by unit attention 2A/01.
 */
final class ModeSelectCommand {
    private static final int MODE_SELECT_6 = 0x15;
    private static final int PF = 0x10;
    private static final int SP = 0x01;
    private static final int PARAMETERS_SAVEABLE = 0x80;

    private final LogicalUnit unit;

    ModeSelectCommand(LogicalUnit unit) {
        this.unit = unit;
    }

    void execute(Command command) {
        byte[] cdb = command.cdb();
        boolean six = (cdb[0] & 0xFF) == MODE_SELECT_6;
        if (!CdbField.bit(cdb, 1, PF) || CdbField.bit(cdb, 1, SP)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        int listBytes = six ? CdbField.u8(cdb, 4) : CdbField.u16(cdb, 7);
        if (listBytes == 0) {
            command.good();
            return;
        }
        ByteBuffer data = command.dataOut();
        byte[] list = new byte[Math.min(data.remaining(), listBytes)];
        data.get(data.position(), list);
        List<byte[]> pages = new ArrayList<>();
        SenseCode wrong = list.length < listBytes ? SenseCode.PARAMETER_LIST_LENGTH_ERROR : parse(list, six, pages);
        if (wrong != null) {
            command.fail(wrong);
            return;
        }
        if (unit.modePages().change(pages)) {
            command.raiseForOthers(SenseCode.MODE_PARAMETERS_CHANGED);
        }
        // Writes that were acknowledged from the cache become durable before WCE=0 is acknowledged.
        if (unit.modePages().writeCache()) {
            command.good();
        } else {
            command.flush(io.sluice.target.scsi.Step.GOOD);
        }
    }

    private @Nullable SenseCode parse(byte[] list, boolean six, List<byte[]> pages) {
        int headerBytes = six ? 4 : 8;
        if (list.length < headerBytes) {
            return SenseCode.PARAMETER_LIST_LENGTH_ERROR;
        }
        int descriptorBytes = six ? CdbField.u8(list, 3) : CdbField.u16(list, 6);
        boolean longAddress = !six && CdbField.bit(list, 4, 1);
        if (descriptorBytes != 0 && descriptorBytes != (longAddress ? 16 : 8)) {
            return SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
        }
        int at = headerBytes + descriptorBytes;
        if (at > list.length) {
            return SenseCode.PARAMETER_LIST_LENGTH_ERROR;
        }
        if (descriptorBytes != 0 && !keepsBlockLength(list, at, longAddress)) {
            return SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
        }
        return parsePages(list, at, pages);
    }

    private boolean keepsBlockLength(byte[] list, int descriptorEnd, boolean longAddress) {
        long length = longAddress ? CdbField.u32(list, descriptorEnd - 4) : CdbField.u24(list, descriptorEnd - 3);
        return length == unit.blockBytes();
    }

    private @Nullable SenseCode parsePages(byte[] list, int start, List<byte[]> pages) {
        int at = start;
        while (at < list.length) {
            ModePage page = unit.modePages().page(list[at] & ~PARAMETERS_SAVEABLE & 0xFF);
            if (page == null) {
                return SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
            }
            int bytes = page.defaults().length;
            if (at + 2 > list.length || at + bytes > list.length) {
                return SenseCode.PARAMETER_LIST_LENGTH_ERROR;
            }
            if (CdbField.u8(list, at + 1) != bytes - 2) {
                return SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
            }
            byte[] wanted = java.util.Arrays.copyOfRange(list, at, at + bytes);
            wanted[0] = (byte) page.code();
            if (!changesOnlyChangeable(page, wanted)) {
                return SenseCode.INVALID_FIELD_IN_PARAMETER_LIST;
            }
            pages.add(wanted);
            at += bytes;
        }
        return null;
    }

    private boolean changesOnlyChangeable(ModePage page, byte[] wanted) {
        byte[] current = unit.modePages().current(page);
        for (int i = 2; i < wanted.length; i++) {
            if (((wanted[i] ^ current[i]) & ~page.changeable()[i]) != 0) {
                return false;
            }
        }
        return true;
    }
}
