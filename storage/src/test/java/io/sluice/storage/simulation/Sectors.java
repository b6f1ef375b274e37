package io.sluice.storage.simulation;

import java.nio.ByteBuffer;

/** Stamps as bytes: a sector holds its stamp over and over, so that a sector made of two shows. */
final class Sectors {
    static final int BYTES = ModelVolume.SECTOR_BYTES;

    private Sectors() {}

    /** {@code count} sectors with a stamp each, from {@code first} on, {@code step} (0 or 1) apart. */
    static ByteBuffer stamped(long first, int step, int count) {
        ByteBuffer data = ByteBuffer.allocate(count * BYTES);
        for (int sector = 0; sector < count; sector++) {
            long stamp = first + (long) sector * step;
            for (int i = 0; i < BYTES; i += Long.BYTES) {
                data.putLong(stamp);
            }
        }
        return data.flip();
    }

    /** The stamps of the whole buffer; fails on a sector that is a mixture. */
    static long[] stamps(ByteBuffer bytes, int firstSector) {
        long[] stamps = new long[bytes.capacity() / BYTES];
        for (int sector = 0; sector < stamps.length; sector++) {
            int at = sector * BYTES;
            stamps[sector] = bytes.getLong(at);
            for (int i = Long.BYTES; i < BYTES; i += Long.BYTES) {
                if (bytes.getLong(at + i) != stamps[sector]) {
                    throw new SimulationFailure("sector " + (firstSector + sector) + " is a mixture: " + stamps[sector]
                            + " and " + bytes.getLong(at + i));
                }
            }
        }
        return stamps;
    }
}
