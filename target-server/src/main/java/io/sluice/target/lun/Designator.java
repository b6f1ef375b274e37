package io.sluice.target.lun;

import io.sluice.target.scsi.ParameterData;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

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

    /** Those of a logical unit, whichever path it is reached by. */
    static final List<Designator> OF_UNIT = List.of(NAA, T10_VENDOR_ID, UNIT_SCSI_NAME);

    /** What of {@link #OF_UNIT} identifies this unit. */
    byte[] ofUnit(LogicalUnitIdentity identity) {
        return switch (this) {
            case NAA -> identity.naa();
            case T10_VENDOR_ID ->
                new ParameterData()
                        .ascii(identity.vendor(), 8)
                        .ascii(identity.serial())
                        .toByteArray();
            case UNIT_SCSI_NAME -> scsiName(identity.scsiName());
            case RELATIVE_TARGET_PORT, TARGET_PORT_GROUP, PORT_SCSI_NAME, DEVICE_SCSI_NAME ->
                throw new IllegalArgumentException(this + " is not a logical unit's");
        };
    }

    /** UTF-8, ended by at least one zero, a multiple of four long (SPC-4 section 7.8.6.11). */
    static byte[] scsiName(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(text, (text.length + 4) / 4 * 4);
    }

    /** Whether it has this code set, association and type. */
    boolean is(int otherCodeSet, int associationAndType) {
        return (codeSet & 0x0F) == otherCodeSet && (kind & 0x3F) == associationAndType;
    }

    void put(ParameterData page, byte[] designator) {
        page.u8(codeSet).u8(kind).u8(0).u8(designator.length).bytes(designator);
    }
}
