package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.CommandDescriptor;
import io.sluice.target.scsi.CommandTable;
import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.SenseCode;
import org.jspecify.annotations.Nullable;

/**
 * REPORT SUPPORTED OPERATION CODES and REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-4 sections 6.35, 6.36), answered
 * from the command table itself.
 */
final class ReportSupportedCommand {
    private static final int RCTD = 0x80;
    private static final int TIMEOUTS_BYTES = 12;
    private static final int SUPPORTED = 0x03;
    private static final int NOT_SUPPORTED = 0x01;
    private static final int CTDP_ONE = 0x80;
    private static final int CTDP_ALL = 0x02;
    private static final int SERVACTV = 0x01;
    /** ATS, ATSS, CTSS, LURS, TRS: all but CLEAR ACA, QUERY TASK and the nexus functions. */
    private static final int TASK_MANAGEMENT_FUNCTIONS = 0xD8;

    private static final int REPD = 0x80;

    private final LogicalUnit unit;

    ReportSupportedCommand(LogicalUnit unit) {
        this.unit = unit;
    }

    void reportOperationCodes(Command command) {
        byte[] cdb = command.cdb();
        boolean timeouts = CdbField.bit(cdb, 2, RCTD);
        ParameterData data = switch (cdb[2] & 0x07) {
            case 0 -> all(timeouts);
            case 1, 2, 3 -> one(cdb[2] & 0x07, CdbField.u8(cdb, 3), CdbField.u16(cdb, 4), timeouts);
            default -> null;
        };
        if (data == null) {
            command.fail(SenseCode.INVALID_FIELD_IN_CDB);
        } else {
            command.reply(data, CdbField.u32(cdb, 6));
        }
    }

    private ParameterData all(boolean timeouts) {
        ParameterData data = new ParameterData().u32(0);
        for (CommandDescriptor row : unit.commands().all()) {
            int flags = (timeouts ? CTDP_ALL : 0) | (row.hasServiceAction() ? SERVACTV : 0);
            data.u8(row.opcode()).u8(0).u16(Math.max(0, row.serviceAction()));
            data.u8(0).u8(flags).u16(row.cdbBytes());
            if (timeouts) {
                putTimeouts(data);
            }
        }
        return data.setU32(0, data.length() - 4L);
    }

    /** Options: 1 by operation code, 2 by service action as well, 3 whichever the command has. Null for a wrong one. */
    private @Nullable ParameterData one(int option, int opcode, int serviceAction, boolean timeouts) {
        CommandTable table = unit.commands();
        boolean withAction = table.hasServiceActions(opcode);
        if ((option == 1 && withAction) || (option == 2 && table.knows(opcode) && !withAction)) {
            return null;
        }
        CommandDescriptor row = withAction
                ? table.find(opcode, serviceAction)
                : table.find(opcode, CommandDescriptor.NO_SERVICE_ACTION);
        if (row == null || (option == 3 && !withAction && serviceAction != 0)) {
            return new ParameterData().u8(0).u8(NOT_SUPPORTED).u16(0);
        }
        ParameterData data = new ParameterData().u8(0).u8(SUPPORTED | (timeouts ? CTDP_ONE : 0));
        data.u16(row.cdbBytes()).bytes(usage(row));
        if (timeouts) {
            putTimeouts(data);
        }
        return data;
    }

    private static byte[] usage(CommandDescriptor row) {
        byte[] usage = row.usage().clone();
        usage[0] = (byte) row.opcode();
        if (row.hasServiceAction()) {
            usage[1] = (byte) ((usage[1] & 0xE0) | row.serviceAction());
        }
        return usage;
    }

    /** No timeouts are recommended: descriptor length, then zeros. */
    private static void putTimeouts(ParameterData data) {
        data.u16(TIMEOUTS_BYTES - 2).zeros(TIMEOUTS_BYTES - 2);
    }

    void reportTaskManagementFunctions(Command command) {
        ParameterData data =
                new ParameterData().u8(TASK_MANAGEMENT_FUNCTIONS).u8(0).u16(0);
        if (CdbField.bit(command.cdb(), 2, REPD)) {
            data.setU8(3, 0x0C).padTo(16);
        }
        command.reply(data, CdbField.u32(command.cdb(), 6));
    }
}
