package io.sluice.target.lun;

import io.sluice.target.scsi.ParameterData;
import io.sluice.target.scsi.ScsiStatus;
import org.jspecify.annotations.Nullable;

/**
 * How far a copy is, for RECEIVE COPY STATUS (LID1) and RECEIVE COPY FAILURE DETAILS (LID1) (SPC-4 sections 6.18, 6.21).
 *
 * <p>States: in progress, then completed with or without errors, or abandoned. Written on the loop of the copy's nexus,
 * read on any.
 */
final class CopyStatus {
    private static final int IN_PROGRESS = 0x00;
    private static final int COMPLETED = 0x01;
    private static final int COMPLETED_WITH_ERRORS = 0x02;
    private static final int STATUS_DATA_BYTES = 8;
    private static final int DETAILS_HEADER_BYTES = 56;
    private static final long COUNT_MAX = 0xFFFF_FFFFL;

    private int state = IN_PROGRESS;
    private int segments;
    private long bytes;
    private byte @Nullable [] sense;

    synchronized void segmentDone() {
        segments++;
    }

    synchronized void copied(long more) {
        bytes += more;
    }

    /** The copy is over; {@code failure} is its sense data, null when all segments were copied. */
    synchronized void completed(byte @Nullable [] failure) {
        state = failure == null ? COMPLETED : COMPLETED_WITH_ERRORS;
        sense = failure;
    }

    synchronized boolean isInProgress() {
        return state == IN_PROGRESS;
    }

    /** TRANSFER COUNT is in bytes as long as 32 bits hold it, then in KiB (1), MiB (2) and so on. */
    synchronized ParameterData status() {
        int units = 0;
        long count = bytes;
        while (count > COUNT_MAX) {
            count >>= 10;
            units++;
        }
        return new ParameterData()
                .u32(STATUS_DATA_BYTES)
                .u8(state)
                .u16(segments)
                .u8(units)
                .u32(count);
    }

    /** Nothing but the header when no segment has failed. */
    synchronized ParameterData failureDetails() {
        byte[] failure = sense;
        ParameterData data = new ParameterData().u32(0);
        if (failure != null) {
            data.padTo(DETAILS_HEADER_BYTES)
                    .u8(ScsiStatus.CHECK_CONDITION.code())
                    .u8(0)
                    .u16(failure.length)
                    .bytes(failure);
        }
        return data.setU32(0, data.length() - 4L);
    }

    synchronized boolean hasFailed() {
        return state == COMPLETED_WITH_ERRORS;
    }
}
