package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.SenseCode;

/** INQUIRY (SPC-4 section 6.6): standard data here, pages in {@link VitalProductData}. */
final class InquiryCommand {
    private static final int EVPD = 0x01;
    private static final int STANDARD_BYTES = 96;
    private static final int VERSION_SPC_4 = 0x06;
    private static final int HISUP_AND_FORMAT_2 = 0x12;
    private static final int TPGS_IMPLICIT = 0x10;
    private static final int THIRD_PARTY_COPY = 0x08;
    private static final int MULTIP = 0x10;
    private static final int CMDQUE = 0x02;
    /** SAM-5, SPC-4, SBC-3, iSCSI, without a claim of a revision (SPC-4 section 6.6.2). */
    private static final int[] VERSION_DESCRIPTORS = {0x00A0, 0x0460, 0x04C0, 0x0960};

    private final LogicalUnit unit;
    private final VitalProductData pages;

    InquiryCommand(LogicalUnit unit) {
        this.unit = unit;
        this.pages = new VitalProductData(unit);
    }

    void execute(Command command) {
        byte[] cdb = command.cdb();
        int page = CdbField.u8(cdb, 2);
        ParameterData data;
        if (CdbField.bit(cdb, 1, EVPD)) {
            data = pages.page(page, command);
        } else {
            data = page == 0 ? standard(command) : null;
        }
        if (data == null) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else {
            command.reply(data, CdbField.u16(cdb, 3));
        }
    }

    private ParameterData standard(Command command) {
        LogicalUnitIdentity identity = unit.identity();
        boolean severalPorts = command.target().portalGroupTags().size() > 1;
        ParameterData data = new ParameterData()
                .u8(0)
                .u8(0)
                .u8(VERSION_SPC_4)
                .u8(HISUP_AND_FORMAT_2)
                .u8(STANDARD_BYTES - 5)
                .u8(TPGS_IMPLICIT | THIRD_PARTY_COPY)
                .u8(severalPorts ? MULTIP : 0)
                .u8(CMDQUE)
                .ascii(identity.vendor(), 8)
                .ascii(identity.product(), 16)
                .ascii(identity.revision(), 4)
                .padTo(58);
        for (int descriptor : VERSION_DESCRIPTORS) {
            data.u16(descriptor);
        }
        return data.padTo(STANDARD_BYTES);
    }
}
