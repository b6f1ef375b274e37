package io.sluice.target.lun;

import io.sluice.target.scsi.Command;
import io.sluice.target.scsi.NexusIdentity;
import io.sluice.target.scsi.ParameterData;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The vital product data pages (SPC-4 section 7.8, SBC-3 section 6.6). Each begins with peripheral device type, page
 * code and a two-byte length.
 */
final class VitalProductData {
    private static final int SUPPORTED_PAGES = 0x00;
    private static final int UNIT_SERIAL_NUMBER = 0x80;
    private static final int DEVICE_IDENTIFICATION = 0x83;
    private static final int EXTENDED_INQUIRY_DATA = 0x86;
    private static final int THIRD_PARTY_COPY = 0x8F;
    private static final int BLOCK_LIMITS = 0xB0;
    private static final int BLOCK_DEVICE_CHARACTERISTICS = 0xB1;
    private static final int LOGICAL_BLOCK_PROVISIONING = 0xB2;
    private static final int[] PAGES = {
        SUPPORTED_PAGES,
        UNIT_SERIAL_NUMBER,
        DEVICE_IDENTIFICATION,
        EXTENDED_INQUIRY_DATA,
        THIRD_PARTY_COPY,
        BLOCK_LIMITS,
        BLOCK_DEVICE_CHARACTERISTICS,
        LOGICAL_BLOCK_PROVISIONING
    };
    private static final int HEADER_BYTES = 4;
    private static final int UNMAP_GRANULARITY_BYTES = 4096;
    private static final int OPTIMAL_TRANSFER_BYTES = 1 << 20;

    private final LogicalUnit unit;

    VitalProductData(LogicalUnit unit) {
        this.unit = unit;
    }

    /** The page, null when there is none of this code. */
    @Nullable
    ParameterData page(int code, Command command) {
        ParameterData page = new ParameterData().u8(0).u8(code).u16(0);
        switch (code) {
            case SUPPORTED_PAGES -> supportedPages(page);
            case UNIT_SERIAL_NUMBER -> page.ascii(unit.identity().serial());
            case DEVICE_IDENTIFICATION -> deviceIdentification(page, command.initiator());
            case EXTENDED_INQUIRY_DATA -> extendedInquiry(page);
            case THIRD_PARTY_COPY -> CopyLimits.putThirdPartyCopy(page);
            case BLOCK_LIMITS -> blockLimits(page);
            case BLOCK_DEVICE_CHARACTERISTICS -> page.u16(1).padTo(64);
            case LOGICAL_BLOCK_PROVISIONING -> provisioning(page);
            default -> {
                return null;
            }
        }
        return page.setU16(2, page.length() - HEADER_BYTES);
    }

    private static void supportedPages(ParameterData page) {
        for (int code : PAGES) {
            page.u8(code);
        }
    }

    /**
     * Designators: NAA first, for hosts that look at one only; then T10 vendor id, SCSI name; of the port: relative port
     * identifier, target port group, SCSI name; of the target device: SCSI name.
     */
    private void deviceIdentification(ParameterData page, NexusIdentity nexus) {
        LogicalUnitIdentity identity = unit.identity();
        for (Designator designator : Designator.OF_UNIT) {
            designator.put(page, designator.ofUnit(identity));
        }
        int tag = nexus.portalGroupTag();
        byte[] group = {0, 0, (byte) (tag >>> 8), (byte) tag};
        Designator.RELATIVE_TARGET_PORT.put(page, group);
        Designator.TARGET_PORT_GROUP.put(page, group);
        Designator.PORT_SCSI_NAME.put(
                page, Designator.scsiName(String.format(Locale.ROOT, "%s,t,0x%04X", nexus.targetName(), tag)));
        Designator.DEVICE_SCSI_NAME.put(page, Designator.scsiName(nexus.targetName()));
    }

    /** SIMPSUP, ORDSUP, HEADSUP; V_SUP, the cache is volatile; LUICLR; no protection information. */
    private static void extendedInquiry(ParameterData page) {
        page.u8(0).u8(0x07).u8(0x01).u8(0x01).padTo(64);
    }

    private void blockLimits(ParameterData page) {
        int blockBytes = unit.blockBytes();
        long unmapGranularity = Math.max(1, UNMAP_GRANULARITY_BYTES / blockBytes);
        boolean writable = !unit.settings().readOnly();
        page.u8(1)
                .u8(writable ? CompareAndWriteCommand.BLOCKS_MAX : 0)
                .u16((int) unmapGranularity)
                .u32(unit.transferBytesMax() / blockBytes)
                .u32(Math.min(OPTIMAL_TRANSFER_BYTES, unit.transferBytesMax()) / blockBytes)
                .u32(0)
                .u32(0xFFFF_FFFFL)
                .u32(UnmapCommand.DESCRIPTORS_MAX)
                .u32(unmapGranularity)
                .u32(0x8000_0000L)
                .u64(WriteSameCommands.BLOCKS_MAX)
                .padTo(64);
    }

    /** LBPU, LBPWS, LBPWS10, LBPRZ=1; thin provisioned. */
    private static void provisioning(ParameterData page) {
        page.u8(0).u8(0xE4).u8(0x02).u8(0);
    }
}
