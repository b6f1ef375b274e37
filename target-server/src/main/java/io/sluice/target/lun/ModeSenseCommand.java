package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.SenseCode;

/**
 * MODE SENSE (6), (10) (SPC-4 sections 6.13, 6.14).
 *
 * <pre>
 * header (6)                          header (10)
 * 0  MODE DATA LENGTH                 0  MODE DATA LENGTH (2)
 * 1  MEDIUM TYPE                      2  MEDIUM TYPE
 * 2  WP(7), DPOFUA(4)                 3  WP(7), DPOFUA(4)
 * 3  BLOCK DESCRIPTOR LENGTH          4  LONGLBA(0)
 *                                     6  BLOCK DESCRIPTOR LENGTH (2)
 * </pre>
 */
final class ModeSenseCommand {
    private static final int MODE_SENSE_6 = 0x1A;
    private static final int DBD = 0x08;
    private static final int LLBAA = 0x10;
    private static final int ALL_PAGES = 0x3F;
    private static final int ALL_SUBPAGES = 0xFF;
    private static final int WP = 0x80;
    private static final int DPOFUA = 0x10;

    /** PC, the kind of values asked for. */
    private enum Values {
        CURRENT,
        CHANGEABLE,
        DEFAULTS,
        SAVED
    }

    private final LogicalUnit unit;

    ModeSenseCommand(LogicalUnit unit) {
        this.unit = unit;
    }

    void execute(Command command) {
        byte[] cdb = command.cdb();
        boolean six = (cdb[0] & 0xFF) == MODE_SENSE_6;
        Values values = Values.values()[CdbField.u8(cdb, 2) >>> 6];
        int code = cdb[2] & 0x3F;
        int subpage = CdbField.u8(cdb, 3);
        boolean known = code == ALL_PAGES || unit.modePages().page(code) != null;
        if (!known || (subpage != 0 && subpage != ALL_SUBPAGES)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        if (values == Values.SAVED) {
            command.fail(SenseCode.SAVING_PARAMETERS_NOT_SUPPORTED);
            return;
        }
        ParameterData data = six ? header6(cdb) : header10(cdb);
        for (int each : unit.modePages().codes()) {
            if (code == ALL_PAGES || code == each) {
                putPage(data, each, values);
            }
        }
        if (six) {
            command.reply(data.setU8(0, data.length() - 1), CdbField.u8(cdb, 4));
        } else {
            command.reply(data.setU16(0, data.length() - 2), CdbField.u16(cdb, 7));
        }
    }

    private ParameterData header6(byte[] cdb) {
        boolean descriptor = !CdbField.bit(cdb, 1, DBD);
        ParameterData data =
                new ParameterData().u8(0).u8(0).u8(deviceSpecific()).u8(descriptor ? 8 : 0);
        return descriptor ? shortDescriptor(data) : data;
    }

    private ParameterData header10(byte[] cdb) {
        boolean descriptor = !CdbField.bit(cdb, 1, DBD);
        boolean longAddress = descriptor && CdbField.bit(cdb, 1, LLBAA);
        ParameterData data = new ParameterData().u16(0).u8(0).u8(deviceSpecific());
        data.u8(longAddress ? 1 : 0).u8(0);
        if (!descriptor) {
            return data.u16(0);
        }
        return longAddress
                ? data.u16(16).u64(unit.capacityBlocks()).u32(0).u32(unit.blockBytes())
                : shortDescriptor(data.u16(8));
    }

    private ParameterData shortDescriptor(ParameterData data) {
        return data.u32(Math.min(unit.capacityBlocks(), 0xFFFF_FFFFL)).u32(unit.blockBytes());
    }

    private int deviceSpecific() {
        boolean protectedNow = unit.settings().readOnly() || unit.modePages().softwareWriteProtect();
        return DPOFUA | (protectedNow ? WP : 0);
    }

    private void putPage(ParameterData data, int code, Values values) {
        ModePage page = unit.modePages().page(code);
        if (page == null) {
            return;
        }
        switch (values) {
            case CURRENT -> data.bytes(unit.modePages().current(page));
            case DEFAULTS -> data.bytes(unit.modePages().defaults(page));
            case CHANGEABLE -> {
                int start = data.length();
                data.bytes(page.changeable());
                data.setU8(start, code).setU8(start + 1, page.defaults()[1]);
            }
            case SAVED -> throw new IllegalStateException("refused before");
        }
    }
}
