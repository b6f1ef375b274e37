package io.sluice.target.iscsi.session;

import io.sluice.target.scsi.ScsiStatus;

/**
 * Residual counts (RFC 7143 section 11.4.5): how far what the initiator expected (EDTL) and what the CDB says
 * (SPDTL) are apart. Pure.
 *
 * <pre>
 *   byte 1:  o 10h  u 08h  bidirectional read overflow, underflow
 *            O 04h  U 02h  overflow, underflow
 * </pre>
 */
final class Residual {
    static final int OVERFLOW = 0x04;
    static final int UNDERFLOW = 0x02;
    /** Shift from O and U to o and u. */
    static final int BIDIRECTIONAL_SHIFT = 2;

    private Residual() {}

    /** Positive for overflow, negative for underflow. */
    static long of(long expectedBytes, long transferBytes) {
        return transferBytes - expectedBytes;
    }

    static int flags(long residual) {
        return residual == 0 ? 0 : residual > 0 ? OVERFLOW : UNDERFLOW;
    }

    /** What goes into the 32-bit field. */
    static int count(long residual) {
        return (int) Math.min(0xffff_ffffL, Math.abs(residual));
    }

    /** The residual of the expected data transfer length. */
    static long ofTask(SessionTask task, int dataInBytes) {
        if (task.isWrite()) {
            return of(task.expectedBytes(), dataOutBytes(task));
        }
        if (task.isRead()) {
            return of(task.expectedBytes(), dataInTransferBytes(task, dataInBytes));
        }
        return dataInTransferBytes(task, dataInBytes) + dataOutBytes(task);
    }

    /** The residual of the read direction of a bidirectional command. */
    static long ofBidirectionalRead(SessionTask task, int dataInBytes) {
        return task.isRead() && task.isWrite()
                ? of(task.expectedReadBytes(), dataInTransferBytes(task, dataInBytes))
                : 0;
    }

    private static long dataInTransferBytes(SessionTask task, int dataInBytes) {
        boolean truncated = isGood(task) && task.dataInWanted() > task.expectedReadBytes();
        return truncated ? task.dataInWanted() : dataInBytes;
    }

    private static long dataOutBytes(SessionTask task) {
        return isGood(task) ? task.dataOutWanted() : task.collector().receivedBytes();
    }

    private static boolean isGood(SessionTask task) {
        return task.status() == ScsiStatus.GOOD || task.status() == ScsiStatus.CONDITION_MET;
    }
}
