package io.sluice.target.scsi;

import java.nio.ByteBuffer;

/**
 * Answers for LUNs that the target does not have (SPC-4 sections 6.6, 6.33, 6.39; SAM-5 section 5.11): INQUIRY says that
 * nothing is there, REPORT LUNS says what is, REQUEST SENSE tells why, everything else is refused.
 */
final class AbsentUnit {
    private static final int REQUEST_SENSE = 0x03;
    private static final int INQUIRY = 0x12;
    private static final int REPORT_LUNS = 0xA0;
    private static final int NOT_CAPABLE = 0x7F;
    private static final int NOT_CONNECTED = 0x3F;
    private static final int EVPD = 0x01;
    private static final int DESC = 0x01;

    private final TargetDevice target;

    AbsentUnit(TargetDevice target) {
        this.target = target;
    }

    void execute(ScsiTask task, int lun) {
        byte[] cdb = task.cdb();
        switch (CdbField.u8(cdb, 0)) {
            case INQUIRY -> inquiry(task, lun);
            case REPORT_LUNS -> reportLuns(task);
            case REQUEST_SENSE ->
                reply(
                        task,
                        new ParameterData()
                                .bytes(SenseData.encode(
                                        SenseCode.LOGICAL_UNIT_NOT_SUPPORTED, CdbField.bit(cdb, 1, DESC))),
                        CdbField.u8(cdb, 4));
            default -> fail(task, SenseCode.LOGICAL_UNIT_NOT_SUPPORTED);
        }
    }

    static boolean tellsInventory(ScsiTask task) {
        return CdbField.u8(task.cdb(), 0) == REPORT_LUNS && task.status() == ScsiStatus.GOOD;
    }

    private void reportLuns(ScsiTask task) {
        ParameterData data = ReportLunsData.of(target, task.cdb());
        if (data == null) {
            fail(task, SenseCode.INVALID_FIELD_IN_CDB);
        } else {
            reply(task, data, ReportLunsData.allocationLength(task.cdb()));
        }
    }

    private static void inquiry(ScsiTask task, int lun) {
        byte[] cdb = task.cdb();
        boolean vitalProductData = CdbField.bit(cdb, 1, EVPD);
        if (!vitalProductData && cdb[2] != 0) {
            fail(task, SenseCode.INVALID_FIELD_IN_CDB);
            return;
        }
        // LUN 0 is always known, so that hosts ask it for the list of the others.
        int peripheral = lun == 0 ? NOT_CONNECTED : NOT_CAPABLE;
        ParameterData data = new ParameterData().u8(peripheral);
        if (vitalProductData) {
            data.u8(cdb[2]).u16(0);
        } else {
            data.u8(0).u8(0x06).u8(0x12).u8(31).zeros(2).u8(0x02);
            data.ascii("SLUICE", 8).ascii("", 16).ascii("", 4);
        }
        reply(task, data, CdbField.u16(cdb, 3));
    }

    private static void reply(ScsiTask task, ParameterData data, long allocationLength) {
        int given = (int) Math.min(data.length(), allocationLength);
        int moved = Math.min(given, task.dataInRoom());
        task.wanted(0, given);
        if (moved > 0) {
            ByteBuffer buffer = task.allocateDataIn(moved);
            if (buffer == null) {
                task.wanted(0, 0);
                task.end(ScsiStatus.TASK_SET_FULL, null);
                return;
            }
            buffer.clear();
            task.dataIn(buffer.put(data.bytes(), 0, moved).flip());
        }
        task.end(ScsiStatus.GOOD, null);
    }

    private static void fail(ScsiTask task, SenseCode code) {
        task.wanted(0, 0);
        task.end(ScsiStatus.CHECK_CONDITION, SenseData.encode(code, false));
    }
}
