package io.sluice.target.scsi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Parameter data under construction: grows as fields are appended, big-endian; lengths are filled in afterwards. */
public final class ParameterData {
    private byte[] bytes = new byte[64];
    private int length;

    public ParameterData u8(int value) {
        grow(1);
        bytes[length++] = (byte) value;
        return this;
    }

    public ParameterData u16(int value) {
        grow(2);
        CdbField.putU16(bytes, length, value);
        length += 2;
        return this;
    }

    public ParameterData u32(long value) {
        grow(4);
        CdbField.putU32(bytes, length, value);
        length += 4;
        return this;
    }

    public ParameterData u64(long value) {
        grow(8);
        CdbField.putU64(bytes, length, value);
        length += 8;
        return this;
    }

    public ParameterData bytes(byte[] source) {
        grow(source.length);
        System.arraycopy(source, 0, bytes, length, source.length);
        length += source.length;
        return this;
    }

    public ParameterData zeros(int count) {
        grow(count);
        length += count;
        return this;
    }

    /** ASCII as it is. */
    public ParameterData ascii(String text) {
        return bytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** ASCII, left-aligned in a field of {@code width} bytes, spaces behind it. */
    public ParameterData ascii(String text, int width) {
        byte[] field = new byte[width];
        Arrays.fill(field, (byte) ' ');
        byte[] characters = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(characters, 0, field, 0, Math.min(width, characters.length));
        return bytes(field);
    }

    /** Zeros up to {@code total} bytes. */
    public ParameterData padTo(int total) {
        return zeros(Math.max(0, total - length));
    }

    /** Overwrites one byte. */
    public ParameterData setU8(int at, int value) {
        bytes[at] = (byte) value;
        return this;
    }

    /** Overwrites two bytes. */
    public ParameterData setU16(int at, int value) {
        CdbField.putU16(bytes, at, value);
        return this;
    }

    /** Overwrites four bytes. */
    public ParameterData setU32(int at, long value) {
        CdbField.putU32(bytes, at, value);
        return this;
    }

    public int length() {
        return length;
    }

    /** The array behind; the first {@link #length} bytes count. */
    byte[] bytes() {
        return bytes;
    }

    /** A copy of what was put. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    private void grow(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
