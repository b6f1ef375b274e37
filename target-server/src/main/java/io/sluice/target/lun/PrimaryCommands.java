package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.ReportLunsData;
import io.sluice.target.scsi.ScsiStatus;
import io.sluice.target.scsi.SenseCode;
import io.sluice.target.scsi.SenseData;
import io.sluice.target.scsi.TargetPortGroups;

/** REPORT LUNS, REQUEST SENSE, REPORT TARGET PORT GROUPS, RESERVE, RELEASE (SPC-4 section 6, SPC-2 section 7). */
final class PrimaryCommands {
    private static final int DESC = 0x01;
    private static final int EXTENDED_HEADER = 0x20;
    private static final int PARAMETER_DATA_FORMAT = 0xE0;
    private static final int EXTENT = 0x01;
    private static final int THIRD_PARTY = 0x10;
    /** AN_SUP, AO_SUP. */
    private static final int STATES_SUPPORTED = 0x03;
    /** STATUS CODE. */
    private static final int CHANGED_IMPLICITLY = 0x02;

    void reportLuns(Command command) {
        ParameterData data = ReportLunsData.of(command.target(), command.cdb());
        if (data == null) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        command.forgetInventoryChange();
        command.reply(data, ReportLunsData.allocationLength(command.cdb()));
    }

    void requestSense(Command command) {
        SenseCode condition = command.takeUnitAttention();
        SenseCode told = condition == null ? SenseCode.NO_ADDITIONAL_SENSE_INFORMATION : condition;
        boolean descriptorFormat = CdbField.bit(command.cdb(), 1, DESC);
        command.reply(
                new ParameterData().bytes(SenseData.encode(told, descriptorFormat)), CdbField.u8(command.cdb(), 4));
    }

    /** One group for each portal group, with one port; the answer is the same on every path. */
    void reportTargetPortGroups(Command command) {
        int format = command.cdb()[1] & PARAMETER_DATA_FORMAT;
        if (format != 0 && format != EXTENDED_HEADER) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        ParameterData data = new ParameterData().u32(0);
        if (format == EXTENDED_HEADER) {
            data.u8(0x10).u8(0).u16(0);
        }
        TargetPortGroups groups = command.target().portGroups();
        groups.states().forEach((tag, state) -> {
            data.u8(state.code()).u8(STATES_SUPPORTED).u16(tag);
            data.u8(0).u8(groups.changed() ? CHANGED_IMPLICITLY : 0).u8(0).u8(1);
            data.u16(0).u16(tag);
        });
        data.setU32(0, data.length() - 4L);
        command.reply(data, CdbField.u32(command.cdb(), 6));
    }

    /** RESERVE (6), (10): the whole unit, for the nexus itself. */
    void reserve(Command command) {
        if (CdbField.bit(command.cdb(), 1, EXTENT | THIRD_PARTY)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else if (command.unit().reservations().reserve(command.initiator())) {
            command.good();
        } else {
            command.end(ScsiStatus.RESERVATION_CONFLICT);
        }
    }

    void release(Command command) {
        if (CdbField.bit(command.cdb(), 1, EXTENT | THIRD_PARTY)) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else if (command.unit().reservations().release(command.initiator())) {
            command.good();
        } else {
            command.end(ScsiStatus.RESERVATION_CONFLICT);
        }
    }
}
