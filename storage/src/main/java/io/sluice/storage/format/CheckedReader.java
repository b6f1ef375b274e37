package io.sluice.storage.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads bytes that nobody vouches for yet: each underflow and each number out of its bounds becomes a {@link
 * DamagedObjectException} that names the object. Big-endian. Not thread-safe.
 */
public final class CheckedReader {
    private static final int VARINT_BYTES_MAX = 9;

    private final String object;
    private final ByteBuffer bytes;

    /** Reads {@code bytes}' remaining bytes, which are not consumed; {@code object} is their name in messages. */
    public CheckedReader(String object, ByteBuffer bytes) {
        this.object = object;
        this.bytes = bytes.slice().order(ByteOrder.BIG_ENDIAN);
    }

    public String object() {
        return object;
    }

    /** Bytes read so far. */
    public int position() {
        return bytes.position();
    }

    public int remaining() {
        return bytes.remaining();
    }

    /** The exception for something wrong with the object; to be thrown by the caller. */
    public DamagedObjectException damaged(String what) {
        return new DamagedObjectException(object, what);
    }

    /** Fails with {@code what} is wrong unless {@code holds}. */
    public void check(boolean holds, String what) throws DamagedObjectException {
        if (!holds) {
            throw damaged(what);
        }
    }

    public int u8() throws DamagedObjectException {
        need(1);
        return bytes.get() & 0xff;
    }

    public int u16() throws DamagedObjectException {
        need(Short.BYTES);
        return bytes.getShort() & 0xffff;
    }

    public int i32() throws DamagedObjectException {
        need(Integer.BYTES);
        return bytes.getInt();
    }

    public long u32() throws DamagedObjectException {
        return i32() & 0xffff_ffffL;
    }

    public long i64() throws DamagedObjectException {
        need(Long.BYTES);
        return bytes.getLong();
    }

    public UUID uuid() throws DamagedObjectException {
        return new UUID(i64(), i64());
    }

    /** A 32-bit length or count from {@code min} to {@code max}. */
    public int count(String what, int min, int max) throws DamagedObjectException {
        return (int) bounded(what, u32(), min, max);
    }

    /** A 64-bit number from {@code min} to {@code max}. */
    public long number(String what, long min, long max) throws DamagedObjectException {
        return bounded(what, i64(), min, max);
    }

    /** An unsigned number in 1 to 9 bytes (LEB128: seven bits each, least significant first), at most {@code max}. */
    public long varint(String what, long max) throws DamagedObjectException {
        long value = 0;
        for (int i = 0; i < VARINT_BYTES_MAX; i++) {
            int next = u8();
            value |= (next & 0x7fL) << (7 * i);
            if ((next & 0x80) == 0) {
                return bounded(what, value, 0, max);
            }
        }
        throw damaged(what + " is too long a number");
    }

    /** A copy of the next {@code length} bytes. */
    public byte[] bytes(int length) throws DamagedObjectException {
        need(length);
        byte[] copy = new byte[length];
        bytes.get(copy);
        return copy;
    }

    /** The next {@code length} bytes without copying them. */
    public ByteBuffer slice(int length) throws DamagedObjectException {
        need(length);
        ByteBuffer slice = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return slice;
    }

    /** A text: its length in 16 bits, at most {@code bytesMax}, then UTF-8. */
    public String text(String what, int bytesMax) throws DamagedObjectException {
        int length = (int) bounded(what + " length", u16(), 0, bytesMax);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice(length)).toString();
        } catch (CharacterCodingException e) {
            throw new DamagedObjectException(object, what + " is not UTF-8", e);
        }
    }

    /** A byte that is 0 or 1. */
    public boolean flag(String what) throws DamagedObjectException {
        return bounded(what, u8(), 0, 1) == 1;
    }

    /** The next {@code length} bytes must be zero. */
    public void zeros(int length) throws DamagedObjectException {
        need(length);
        for (int i = 0; i < length; i++) {
            check(bytes.get() == 0, "padding is not zero");
        }
    }

    /** Nothing may be left. */
    public void end() throws DamagedObjectException {
        check(!bytes.hasRemaining(), bytes.remaining() + " bytes too many");
    }

    private long bounded(String what, long value, long min, long max) throws DamagedObjectException {
        if (value < min || value > max) {
            throw damaged(what + " is " + value + ", must be " + min + " to " + max);
        }
        return value;
    }

    private void need(int length) throws DamagedObjectException {
        if (length < 0 || length > bytes.remaining()) {
            throw damaged("ends too early: " + length + " bytes wanted, " + bytes.remaining() + " left");
        }
    }
}
