package io.sluice.target.lun;

import io.sluice.target.scsi.CdbField;
import io.sluice.target.scsi.SenseCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The parameter list of EXTENDED COPY (LID1) (SPC-4 section 6.4.2), as far as it can be judged without the logical units.
 *
 * <pre>
 *  0  LIST IDENTIFIER
 *  1  STR(5), LIST ID USAGE (2 bits at 3), PRIORITY (3 bits)
 *  2  CSCD DESCRIPTOR LIST LENGTH (2)
 *  8  SEGMENT DESCRIPTOR LIST LENGTH (4)
 * 12  INLINE DATA LENGTH (4)
 * 16  CSCD descriptors, segment descriptors
 * </pre>
 *
 * @param listIdentifier known by this to RECEIVE COPY RESULTS
 * @param usage what of it is wanted
 */
record CopyParameterList(
        int listIdentifier, Usage usage, List<CscdDescriptor> cscds, List<SegmentDescriptor> segments) {
    private static final int HEADER_BYTES = 16;
    private static final int CSCD_BYTES = 32;
    private static final int SEGMENT_HEADER_BYTES = 4;

    /** LIST ID USAGE. */
    enum Usage {
        /** 00b: the outcome is kept until it is asked for. */
        HELD,
        /** 10b: the outcome need not be kept. */
        DISCARDED,
        /** 11b: the copy has no list identifier. */
        NONE
    }

    /**
     * An identification descriptor (E4h, SPC-4 section 6.4.5.3).
     *
     * <pre>
     *  1  PERIPHERAL DEVICE TYPE (5 bits)
     *  4  CODE SET, association and DESIGNATOR TYPE, reserved, DESIGNATOR LENGTH, DESIGNATOR (20)
     * 29  DISK BLOCK LENGTH (3)
     * </pre>
     *
     * @param kind association and designator type, as they stand in a designation descriptor
     */
    record CscdDescriptor(int deviceType, int codeSet, int kind, byte[] designator, int blockBytes) {
        static CscdDescriptor parse(byte[] list, int at) throws CopyRefusal {
            if (CdbField.u8(list, at) != CopyLimits.IDENTIFICATION_CSCD) {
                throw new CopyRefusal(SenseCode.UNSUPPORTED_TARGET_DESCRIPTOR_TYPE_CODE, at);
            }
            int length = CdbField.u8(list, at + 7);
            boolean ofUnit = (list[at + 5] & 0x30) == 0;
            if (!ofUnit || length > 20) {
                throw new CopyRefusal(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST, ofUnit ? at + 7 : at + 5);
            }
            return new CscdDescriptor(
                    list[at + 1] & 0x1F,
                    list[at + 4] & 0x0F,
                    list[at + 5] & 0x0F,
                    Arrays.copyOfRange(list, at + 8, at + 8 + length),
                    CdbField.u24(list, at + 29));
        }
    }

    /**
     * A copy from block device to block device (02h and 0Ah, SPC-4 sections 6.4.6.3 and 6.4.6.10).
     *
     * <pre>
     *  1  DC(1)                                        for 0Ah:
     *  2  DESCRIPTOR LENGTH (2)
     *  4  SOURCE, DESTINATION CSCD DESCRIPTOR ID
     * 10  NUMBER OF BLOCKS (2)                          8  NUMBER OF BYTES (4)
     * 12  SOURCE, DESTINATION LOGICAL BLOCK ADDRESS
     *                                                  28  SOURCE, DESTINATION BYTE OFFSET (2)
     * </pre>
     *
     * @param countsDestination DC: the blocks counted are the destination's
     * @param blocks -1 when {@code bytes} counts
     */
    record SegmentDescriptor(
            int source,
            int destination,
            boolean countsDestination,
            long blocks,
            long bytes,
            long sourceBlock,
            long destinationBlock,
            int sourceOffset,
            int destinationOffset) {
        /** Offset of SOURCE CSCD DESCRIPTOR ID. */
        static final int SOURCE_FIELD = 4;
        /** Offset of DESTINATION CSCD DESCRIPTOR ID. */
        static final int DESTINATION_FIELD = 6;
        /** Offset of what tells the length in a descriptor 02h. */
        static final int BLOCKS_FIELD = 10;
        /** Offset of what tells the length in a descriptor 0Ah. */
        static final int BYTES_FIELD = 8;
        /** Offset of SOURCE LOGICAL BLOCK ADDRESS. */
        static final int SOURCE_BLOCK_FIELD = 12;
        /** Offset of DESTINATION LOGICAL BLOCK ADDRESS. */
        static final int DESTINATION_BLOCK_FIELD = 20;

        static SegmentDescriptor parse(byte[] list, int at, boolean withOffset) {
            return new SegmentDescriptor(
                    CdbField.u16(list, at + SOURCE_FIELD),
                    CdbField.u16(list, at + DESTINATION_FIELD),
                    CdbField.bit(list, at + 1, 0x02),
                    withOffset ? -1 : CdbField.u16(list, at + BLOCKS_FIELD),
                    withOffset ? CdbField.u32(list, at + BYTES_FIELD) : 0,
                    CdbField.u64(list, at + SOURCE_BLOCK_FIELD),
                    CdbField.u64(list, at + DESTINATION_BLOCK_FIELD),
                    withOffset ? CdbField.u16(list, at + 28) : 0,
                    withOffset ? CdbField.u16(list, at + 30) : 0);
        }

        int lengthField() {
            return blocks < 0 ? BYTES_FIELD : BLOCKS_FIELD;
        }
    }

    /** Judges lengths, counts and descriptor types; {@code list} is what the initiator sent of PARAMETER LIST LENGTH. */
    static CopyParameterList parse(byte[] list) throws CopyRefusal {
        if (list.length < HEADER_BYTES) {
            throw new CopyRefusal(SenseCode.PARAMETER_LIST_LENGTH_ERROR, -1);
        }
        int cscdBytes = CdbField.u16(list, 2);
        long segmentBytes = CdbField.u32(list, 8);
        long inlineBytes = CdbField.u32(list, 12);
        if (cscdBytes + segmentBytes > CopyLimits.DESCRIPTOR_LIST_BYTES_MAX
                || HEADER_BYTES + cscdBytes + segmentBytes + inlineBytes > list.length
                || cscdBytes % CSCD_BYTES != 0) {
            throw new CopyRefusal(SenseCode.PARAMETER_LIST_LENGTH_ERROR, -1);
        }
        if (inlineBytes > 0) {
            throw new CopyRefusal(SenseCode.INLINE_DATA_LENGTH_EXCEEDED, 12);
        }
        int segmentsAt = HEADER_BYTES + cscdBytes;
        Usage usage = usage(list);
        return new CopyParameterList(
                CdbField.u8(list, 0),
                usage,
                cscds(list, segmentsAt),
                segments(list, segmentsAt, segmentsAt + (int) segmentBytes));
    }

    private static Usage usage(byte[] list) throws CopyRefusal {
        return switch ((list[1] >>> 3) & 0x03) {
            case 0 -> Usage.HELD;
            case 2 -> Usage.DISCARDED;
            case 3 -> {
                if (list[0] != 0) {
                    throw new CopyRefusal(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST, 0);
                }
                yield Usage.NONE;
            }
            default -> throw new CopyRefusal(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST, 1);
        };
    }

    private static List<CscdDescriptor> cscds(byte[] list, int end) throws CopyRefusal {
        if ((end - HEADER_BYTES) / CSCD_BYTES > CopyLimits.CSCD_DESCRIPTORS_MAX) {
            throw new CopyRefusal(SenseCode.TOO_MANY_TARGET_DESCRIPTORS, 2);
        }
        List<CscdDescriptor> cscds = new ArrayList<>();
        for (int at = HEADER_BYTES; at < end; at += CSCD_BYTES) {
            cscds.add(CscdDescriptor.parse(list, at));
        }
        return cscds;
    }

    private static List<SegmentDescriptor> segments(byte[] list, int start, int end) throws CopyRefusal {
        List<SegmentDescriptor> segments = new ArrayList<>();
        int at = start;
        while (at < end) {
            if (segments.size() == CopyLimits.SEGMENTS_MAX) {
                throw new CopyRefusal(SenseCode.TOO_MANY_SEGMENT_DESCRIPTORS, 8);
            }
            int type = CdbField.u8(list, at);
            boolean withOffset = type == CopyLimits.BLOCK_TO_BLOCK_WITH_OFFSET;
            if (type != CopyLimits.BLOCK_TO_BLOCK && !withOffset) {
                throw new CopyRefusal(SenseCode.UNSUPPORTED_SEGMENT_DESCRIPTOR_TYPE_CODE, at);
            }
            int bytes = SEGMENT_HEADER_BYTES + (withOffset ? 0x1C : 0x18);
            if (at + bytes > end) {
                throw new CopyRefusal(SenseCode.PARAMETER_LIST_LENGTH_ERROR, -1);
            }
            if (SEGMENT_HEADER_BYTES + CdbField.u16(list, at + 2) != bytes) {
                throw new CopyRefusal(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST, at + 2);
            }
            SegmentDescriptor segment = SegmentDescriptor.parse(list, at, withOffset);
            if (segment.bytes() > CopyLimits.SEGMENT_BYTES_MAX) {
                throw new CopyRefusal(SenseCode.INVALID_FIELD_IN_PARAMETER_LIST, at + SegmentDescriptor.BYTES_FIELD);
            }
            segments.add(segment);
            at += bytes;
        }
        return segments;
    }
}
