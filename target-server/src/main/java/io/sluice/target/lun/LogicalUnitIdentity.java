package io.sluice.target.lun;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.UUID;

/**
 * What a logical unit is known by on every path and for ever: generated with the volume, never changed.
 *
 * <pre>
 * NAA IEEE Registered Extended (SPC-4 section 7.8.6.6.4), 16 bytes
 * 4 bits   6h
 * 24 bits  company identifier
 * 36 bits  vendor specific identifier       \ 100 bits of the
 * 64 bits  vendor specific extension        / volume's UUID
 * </pre>
 *
 * @param naa 16 bytes, NAA 6
 * @param serial unit serial number, ASCII
 * @param vendor T10 vendor identification, at most 8 characters
 * @param product product identification, at most 16 characters
 * @param revision product revision level, at most 4 characters
 */
public record LogicalUnitIdentity(byte[] naa, String serial, String vendor, String product, String revision) {
    /** 24 bits with the "locally administered" bit set: Sluice owns no IEEE company identifier. */
    private static final long COMPANY_ID = 0x025355;

    private static final long VENDOR_SPECIFIC_MASK = (1L << 36) - 1;

    /** Checks the lengths. */
    public LogicalUnitIdentity {
        Invariant.check(naa.length == 16 && (naa[0] & 0xF0) == 0x60, "an NAA 6 identifier has 16 bytes");
        Invariant.check(!serial.isEmpty() && serial.length() <= 252, "serial number of 1 to 252 characters");
        Invariant.check(vendor.length() <= 8, "vendor of at most 8 characters");
        Invariant.check(product.length() <= 16, "product of at most 16 characters");
        Invariant.check(revision.length() <= 4, "revision of at most 4 characters");
        naa = naa.clone();
    }

    /** The identity of a volume: everything follows from its UUID. */
    public static LogicalUnitIdentity ofVolume(UUID volume, String revision) {
        long vendorSpecific =
                (volume.getMostSignificantBits() ^ (volume.getMostSignificantBits() >>> 32)) & VENDOR_SPECIFIC_MASK;
        ByteBuffer naa = ByteBuffer.allocate(16);
        naa.putLong((6L << 60) | (COMPANY_ID << 36) | vendorSpecific);
        naa.putLong(volume.getLeastSignificantBits() ^ Long.rotateLeft(volume.getMostSignificantBits(), 17));
        String serial = volume.toString().replace("-", "");
        return new LogicalUnitIdentity(naa.array(), serial, "SLUICE", "VOLUME", revision);
    }

    /** What was stored with the volume when it was created. */
    public static LogicalUnitIdentity stored(
            UUID volume, long naaIdentifier, String serial, String vendor, String product, String revision) {
        ByteBuffer naa = ByteBuffer.wrap(ofVolume(volume, revision).naa());
        naa.putLong(Long.BYTES, naaIdentifier);
        return new LogicalUnitIdentity(naa.array(), serial, vendor, product, revision);
    }

    /** A copy of the identifier. */
    @Override
    public byte[] naa() {
        return naa.clone();
    }

    /** The SCSI name of the logical unit (SPC-4 section 7.8.6.11). */
    public String scsiName() {
        return "naa." + HexFormat.of().withUpperCase().formatHex(naa);
    }
}
