package io.sluice.target.lun;

import io.sluice.target.scsi.ParameterData;

/**
 * What the copy manager of a logical unit can do: told by RECEIVE COPY OPERATING PARAMETERS (SPC-4 section 6.20) and by
 * the third-party copy page (section 7.8.17), enforced by EXTENDED COPY.
 */
final class CopyLimits {
    /** MAXIMUM CSCD DESCRIPTOR COUNT. */
    static final int CSCD_DESCRIPTORS_MAX = 32;
    /** MAXIMUM SEGMENT DESCRIPTOR COUNT. */
    static final int SEGMENTS_MAX = 256;
    /** MAXIMUM DESCRIPTOR LIST LENGTH: as many of the longest descriptors as the counts allow. */
    static final int DESCRIPTOR_LIST_BYTES_MAX = (CSCD_DESCRIPTORS_MAX + SEGMENTS_MAX) * 32;
    /** MAXIMUM SEGMENT LENGTH in bytes. */
    static final long SEGMENT_BYTES_MAX = 256L << 20;
    /** MAXIMUM CONCURRENT COPIES of one logical unit. */
    static final int CONCURRENT_COPIES_MAX = 16;
    /** DATA SEGMENT GRANULARITY, log2 of bytes: what a volume can address. */
    static final int GRANULARITY_LOG2 = 9;

    static final int IDENTIFICATION_CSCD = 0xE4;
    static final int BLOCK_TO_BLOCK = 0x02;
    static final int BLOCK_TO_BLOCK_WITH_OFFSET = 0x0A;
    private static final int[] DESCRIPTOR_TYPES = {BLOCK_TO_BLOCK, BLOCK_TO_BLOCK_WITH_OFFSET, IDENTIFICATION_CSCD};

    private static final int SNLID = 0x01;
    private static final int OPERATING_PARAMETERS_BYTES = 44;
    private static final int SUPPORTED_COMMANDS = 0x0001;
    private static final int PARAMETER_DATA = 0x0004;
    private static final int SUPPORTED_DESCRIPTORS = 0x0008;
    private static final int GENERAL_COPY_OPERATIONS = 0x8001;

    private CopyLimits() {}

    /** There is neither inline data nor held data. */
    static ParameterData operatingParameters() {
        ParameterData data = new ParameterData().u32(0).u8(SNLID).zeros(3);
        data.u16(CSCD_DESCRIPTORS_MAX).u16(SEGMENTS_MAX);
        data.u32(DESCRIPTOR_LIST_BYTES_MAX).u32(SEGMENT_BYTES_MAX);
        data.padTo(34).u16(CONCURRENT_COPIES_MAX).u8(CONCURRENT_COPIES_MAX).u8(GRANULARITY_LOG2);
        data.padTo(OPERATING_PARAMETERS_BYTES - 1).u8(DESCRIPTOR_TYPES.length);
        putDescriptorTypes(data);
        return data.setU32(0, data.length() - 4L);
    }

    /** The descriptors of the third-party copy page, each a multiple of four long. */
    static void putThirdPartyCopy(ParameterData page) {
        putSupportedCommands(page);
        page.u16(PARAMETER_DATA).u16(0x1C).u32(0);
        page.u16(CSCD_DESCRIPTORS_MAX).u16(SEGMENTS_MAX).u32(DESCRIPTOR_LIST_BYTES_MAX);
        page.zeros(16);
        page.u16(SUPPORTED_DESCRIPTORS).u16(4).u8(DESCRIPTOR_TYPES.length);
        putDescriptorTypes(page);
        page.u16(GENERAL_COPY_OPERATIONS).u16(0x20);
        page.u32(CONCURRENT_COPIES_MAX).u32(CONCURRENT_COPIES_MAX).u32(SEGMENT_BYTES_MAX);
        page.u8(GRANULARITY_LOG2).zeros(19);
    }

    private static void putSupportedCommands(ParameterData page) {
        int[] received = ReceiveCopyResultsCommand.SERVICE_ACTIONS;
        int listBytes = 3 + 2 + received.length;
        page.u16(SUPPORTED_COMMANDS).u16((1 + listBytes + 3) / 4 * 4).u8(listBytes);
        page.u8(ExtendedCopyCommand.OPERATION_CODE).u8(1).u8(ExtendedCopyCommand.LID1);
        page.u8(ReceiveCopyResultsCommand.OPERATION_CODE).u8(received.length);
        for (int action : received) {
            page.u8(action);
        }
        page.padTo((page.length() + 3) / 4 * 4);
    }

    private static void putDescriptorTypes(ParameterData data) {
        for (int type : DESCRIPTOR_TYPES) {
            data.u8(type);
        }
    }
}
