package io.sluice.storage.format;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Gathers bytes, big-endian, in an array that grows: the counterpart of {@link CheckedReader}. Not thread-safe. */
public final class ByteWriter {
    private static final int TEXT_BYTES_MAX = 0xffff;

    private byte[] bytes;
    private int size;

    /** Starts with room for {@code capacity} bytes. */
    public ByteWriter(int capacity) {
        bytes = new byte[Math.max(capacity, 16)];
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** A copy of what was written. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    /** What was written, from position 0; valid until the next write. */
    public ByteBuffer view() {
        return ByteBuffer.wrap(bytes, 0, size).slice();
    }

    public void u8(int value) {
        room(1);
        bytes[size++] = (byte) value;
    }

    public void u16(int value) {
        u8(value >>> 8);
        u8(value);
    }

    public void i32(int value) {
        u16(value >>> 16);
        u16(value);
    }

    public void i64(long value) {
        i32((int) (value >>> 32));
        i32((int) value);
    }

    public void uuid(UUID value) {
        i64(value.getMostSignificantBits());
        i64(value.getLeastSignificantBits());
    }

    /** 1 or 0. */
    public void flag(boolean value) {
        u8(value ? 1 : 0);
    }

    /** The shortest form that {@link CheckedReader#varint} reads; {@code value} is not negative. */
    public void varint(long value) {
        Invariant.check(value >= 0, "varint of a negative number", value, 0);
        long rest = value;
        while (rest > 0x7f) {
            u8((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        u8((int) rest);
    }

    public void bytes(byte[] source) {
        bytes(source, 0, source.length);
    }

    /** {@code length} bytes of {@code source} from {@code offset}. */
    public void bytes(byte[] source, int offset, int length) {
        room(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
    }

    /** The remaining bytes, which are not consumed. */
    public void bytes(ByteBuffer source) {
        int length = source.remaining();
        room(length);
        source.duplicate().get(bytes, size, length);
        size += length;
    }

    /** As {@link CheckedReader#text} reads it. */
    public void text(String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
        Invariant.check(encoded.length <= TEXT_BYTES_MAX, "text too long", encoded.length, TEXT_BYTES_MAX);
        u16(encoded.length);
        bytes(encoded);
    }

    private void room(int length) {
        if (length > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, Math.max(size + length, bytes.length * 2));
        }
    }
}
