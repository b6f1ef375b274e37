package io.sluice.target.scsi;

import org.jspecify.annotations.Nullable;

/**
 * Sense data of a copy that stopped at a segment (SPC-4 sections 4.5.2.4.3, 4.5.3, 5.16.7.4): which segment, which of its
 * fields, and what the source or the destination answered.
 *
 * <pre>
 * fixed                                              descriptor
 *  7  additional length                               8  01h, 0Ah, 0, 0, 6 zeros, segment number (2)
 *  8  where the source's answer begins, 0 for none   20  02h, 06h, 0, 0, SKSV(7) SD(5), field (2), 0
 *  9  where the destination's answer begins              0Ch, length, source 1 / destination 2, status, sense data
 * 10  segment number (2)
 * 15  SKSV(7) SD(5), field (2)
 * 18  status, sense data of the source, then of the destination
 * </pre>
 *
 * @param segment number of the segment descriptor, the first is 0
 * @param field offset in the segment descriptor of the field that is wrong, -1 for none
 * @param source the source's answer, null when it has not failed
 * @param destination the destination's answer, null when it has not failed
 */
public record CopyAbortedSense(
        SenseCode code,
        int segment,
        int field,
        @Nullable Answer source,
        @Nullable Answer destination) {
    private static final int COMMAND_SPECIFIC_INFORMATION = 0x01;
    private static final int SENSE_KEY_SPECIFIC = 0x02;
    private static final int FORWARDED_SENSE = 0x0C;
    private static final int COPY_SOURCE = 0x01;
    private static final int COPY_DESTINATION = 0x02;
    private static final int SKSV_AND_SEGMENT_DESCRIPTOR = 0xA0;
    private static final int FIXED_BYTES = 18;

    /** What a logical unit answered to the copy manager. */
    public record Answer(ScsiStatus status, byte[] sense) {}

    /** A segment whose field is wrong. */
    public static CopyAbortedSense atField(SenseCode code, int segment, int field) {
        return new CopyAbortedSense(code, segment, field, null, null);
    }

    /** In the fixed or the descriptor format. */
    public byte[] encode(boolean descriptorFormat) {
        return descriptorFormat ? descriptors() : fixed();
    }

    private byte[] fixed() {
        ParameterData sense = new ParameterData().bytes(SenseData.encode(code, false));
        if (source != null) {
            sense.setU8(8, sense.length()).u8(source.status().code()).bytes(source.sense());
        }
        if (destination != null) {
            sense.setU8(9, sense.length()).u8(destination.status().code()).bytes(destination.sense());
        }
        sense.setU16(10, segment);
        if (field >= 0) {
            sense.setU8(15, SKSV_AND_SEGMENT_DESCRIPTOR).setU16(16, field);
        }
        return sense.setU8(7, sense.length() - FIXED_BYTES + 10).toByteArray();
    }

    private byte[] descriptors() {
        ParameterData sense = new ParameterData().bytes(SenseData.encode(code, true));
        sense.u8(COMMAND_SPECIFIC_INFORMATION).u8(10).zeros(8).u16(segment);
        if (field >= 0) {
            sense.u8(SENSE_KEY_SPECIFIC).u8(6).u16(0);
            sense.u8(SKSV_AND_SEGMENT_DESCRIPTOR).u16(field).u8(0);
        }
        putForwarded(sense, COPY_SOURCE, source);
        putForwarded(sense, COPY_DESTINATION, destination);
        return sense.setU8(7, sense.length() - 8).toByteArray();
    }

    private static void putForwarded(ParameterData sense, int origin, @Nullable Answer answer) {
        if (answer != null) {
            sense.u8(FORWARDED_SENSE).u8(answer.sense().length + 2).u8(origin);
            sense.u8(answer.status().code()).bytes(answer.sense());
        }
    }
}
