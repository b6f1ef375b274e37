package io.sluice.target.iscsi.pdu;

import java.nio.ByteBuffer;

/**
 * The 48 bytes that every PDU begins with (RFC 7143 section 11.2.1), read and written in place. Big endian. Reserved
 * bits are written as zero and ignored when read.
 *
 * <pre>
 * byte      0               1               2               3
 *     0 |.|I| opcode    |F| opcode-specific                             |
 *     4 | TotalAHSLength| DataSegmentLength                             |
 *     8 | LUN or opcode-specific                                        |
 *    12 |                                                               |
 *    16 | Initiator Task Tag                                            |
 *    20 | opcode-specific, to byte 47                                   |
 * </pre>
 *
 * <p>A flyweight: {@link #wrap} aims it at bytes, nothing is copied. The buffer must be big endian (ByteBuffer's
 * default).
 */
public class BasicHeaderSegment {
    /** Length of the header. */
    public static final int BYTES = 48;
    /** The tag that stands for no tag (ffffffffh). */
    public static final int RESERVED_TAG = -1;

    private static final int IMMEDIATE = 0x40;
    private static final int OPCODE_MASK = 0x3f;
    /** The topmost bit of byte 1. */
    protected static final int FINAL = 0x80;
    /** The bit below it in text and login PDUs. */
    protected static final int CONTINUE = 0x40;

    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int offset;

    /** Aims at the header that begins at {@code headerOffset}. */
    public void wrap(ByteBuffer bytes, int headerOffset) {
        buffer = bytes;
        offset = headerOffset;
    }

    public final ByteBuffer buffer() {
        return buffer;
    }

    public final int offset() {
        return offset;
    }

    /** The six bits; {@link Opcodes} names them. */
    public final int opcode() {
        return byteAt(0) & OPCODE_MASK;
    }

    /** Sets the opcode and clears the immediate bit. */
    public final void opcode(int value) {
        putByte(0, value);
    }

    public final boolean isImmediate() {
        return (byteAt(0) & IMMEDIATE) != 0;
    }

    public final void setImmediate() {
        putByte(0, byteAt(0) | IMMEDIATE);
    }

    /** The F bit (T in login PDUs). */
    public final boolean isFinal() {
        return (byteAt(1) & FINAL) != 0;
    }

    /** Byte 1: flags. */
    public final int flags() {
        return byteAt(1);
    }

    public final void flags(int value) {
        putByte(1, value);
    }

    /** Length of all additional header segments with their padding. */
    public final int ahsBytes() {
        return byteAt(4) * 4;
    }

    public final int dataSegmentBytes() {
        return intAt(4) & 0xff_ffff;
    }

    /** Sets the length of the data segment; there are no additional headers in what a target sends. */
    public final void dataSegmentBytes(int bytes) {
        putInt(4, bytes & 0xff_ffff);
    }

    /** Copies the 8-byte LUN field (SAM-5 section 4.7). */
    public final void copyLunTo(byte[] destination) {
        buffer.get(offset + 8, destination, 0, 8);
    }

    /** The 8-byte LUN field. */
    public final long lun() {
        return longAt(8);
    }

    public final void lun(long value) {
        putLong(8, value);
    }

    public final int initiatorTaskTag() {
        return intAt(16);
    }

    public final void initiatorTaskTag(int tag) {
        putInt(16, tag);
    }

    protected final int byteAt(int index) {
        return buffer.get(offset + index) & 0xff;
    }

    protected final void putByte(int index, int value) {
        buffer.put(offset + index, (byte) value);
    }

    protected final int shortAt(int index) {
        return buffer.getShort(offset + index) & 0xffff;
    }

    protected final void putShort(int index, int value) {
        buffer.putShort(offset + index, (short) value);
    }

    protected final int intAt(int index) {
        return buffer.getInt(offset + index);
    }

    protected final void putInt(int index, int value) {
        buffer.putInt(offset + index, value);
    }

    protected final long longAt(int index) {
        return buffer.getLong(offset + index);
    }

    protected final void putLong(int index, long value) {
        buffer.putLong(offset + index, value);
    }
}
