package io.sluice.target.lun;

import io.sluice.target.scsi.ParameterData;

/**
 * Designation descriptors of VPD page 83h (SPC-4 section 7.8.6).
 *
 * <pre>
 * 0  protocol identifier (4 bits), code set (4 bits)
 * 1  PIV(7), association (2 bits), designator type (4 bits)
 * 3  designator length
 * 4  designator
 * </pre>
 */
enum Designator {
    NAA(0x01, 0x03),
    T10_VENDOR_ID(0x02, 0x01),
    UNIT_SCSI_NAME(0x03, 0x08),
    RELATIVE_TARGET_PORT(0x51, 0x94),
    TARGET_PORT_GROUP(0x51, 0x95),
    PORT_SCSI_NAME(0x53, 0x98),
    DEVICE_SCSI_NAME(0x53, 0xA8);

    private final int codeSet;
    private final int kind;

    Designator(int codeSet, int kind) {
        this.codeSet = codeSet;
        this.kind = kind;
    }

    void put(ParameterData page, byte[] designator) {
        page.u8(codeSet).u8(kind).u8(0).u8(designator.length).bytes(designator);
    }
}
