package io.sluice.storage.runtime;

import java.util.UUID;

/** Unpredictable bytes: a secure generator in production, a seeded one in simulation. Thread-safe. */
public interface Entropy {
    /** Fills the whole array. */
    void fill(byte[] destination);

    /** {@code length} fresh bytes. */
    default byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        fill(bytes);
        return bytes;
    }

    /** A fresh 64-bit value. */
    default long nextLong() {
        long value = 0;
        for (byte b : bytes(Long.BYTES)) {
            value = (value << 8) | (b & 0xff);
        }
        return value;
    }

    /** A fresh version-4 UUID (RFC 9562 section 5.4). */
    default UUID uuid() {
        long high = (nextLong() & ~0xf000L) | 0x4000L;
        long low = (nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }
}
