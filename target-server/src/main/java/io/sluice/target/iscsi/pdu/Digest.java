package io.sluice.target.iscsi.pdu;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC32C over header or data segment (RFC 7143 section 13.1). The checksum travels least significant byte first:
 * 32 bytes of zeros give 8A9136AAh, on the wire {@code aa 36 91 8a}. Confined.
 */
public final class Digest {
    /** Length on the wire. */
    public static final int BYTES = 4;

    private final CRC32C crc = new CRC32C();

    /** Begins a new checksum. */
    public Digest begin() {
        crc.reset();
        return this;
    }

    /** Adds {@code length} bytes from {@code offset} on; position and limit end up where they were. */
    public Digest add(ByteBuffer bytes, int offset, int length) {
        int position = bytes.position();
        int limit = bytes.limit();
        bytes.limit(offset + length);
        bytes.position(offset);
        crc.update(bytes);
        bytes.limit(limit);
        bytes.position(position);
        return this;
    }

    /** The checksum as the big-endian int that puts it on the wire. */
    public int wireValue() {
        return Integer.reverseBytes((int) crc.getValue());
    }

    /** True when the bytes {@code [offset, offset + length)} are followed by their checksum. */
    public boolean matches(ByteBuffer bytes, int offset, int length) {
        return begin().add(bytes, offset, length).wireValue() == bytes.getInt(offset + length);
    }
}
