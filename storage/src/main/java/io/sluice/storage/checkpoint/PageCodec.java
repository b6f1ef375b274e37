package io.sluice.storage.checkpoint;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;

/**
 * Turns the content of a page into its stored form and back.
 *
 * <pre>
 *    0 +----------------------+-----------------------+
 *      | magic "SLPG" (u32)   | version (u32) = 3     |  in clear, and bound by the seal
 *    8 | piece number (u32)   | stored length (u32)   |
 *   16 | salt (16 bytes)                              |
 *   32 +----------------------------------------------+
 *      | kind (u8) level (u8) packing (u8) 0 | raw length (u32) |   sealed
 *      | index (u64)                                  |
 *      | content: raw (packing 0) or zstd (packing 1) |
 *      +----------------------------------------------+
 *      | seal (16 bytes)                              |
 *      +----------------------------------------------+
 * </pre>
 *
 * <p>Big-endian. The seal also covers, as additional data: volume UUID, object number (u64), offset (u64), and the 32
 * clear bytes. So a page cannot stand for another one, be moved within its object, or into another object or volume.
 */
final class PageCodec {
    /** Purpose of the object's key. */
    static final String PURPOSE = "checkpoint";
    /** Stored bytes around the content. */
    static final int OVERHEAD_BYTES = 32 + 16 + PieceSealer.OVERHEAD_BYTES;

    static final int CLEAR_BYTES = 32;

    private static final int MAGIC = 0x534c_5047;
    private static final int VERSION = 3;
    private static final int PLAIN_HEAD_BYTES = 16;
    private static final int PACKING_RAW = 0;
    private static final int PACKING_ZSTD = 1;
    private static final int ZSTD_LEVEL = 1;
    private static final int ADDITIONAL_BYTES = 16 + 8 + 8 + CLEAR_BYTES;
    private static final int LENGTH_AT = 12;
    private static final int CONTENT_BYTES_MAX = 1 << 17;

    private final UUID volume;
    private final Sealing sealing;

    PageCodec(UUID volume, Sealing sealing) {
        this.volume = volume;
        this.sealing = sealing;
    }

    UUID volume() {
        return volume;
    }

    PieceSealer newObject() {
        return sealing.newObject(PURPOSE);
    }

    /** The stored form of page {@code id} with {@code raw} content, to stand at {@code offset} of {@code object}. */
    ByteBuffer seal(PieceSealer sealer, long object, int offset, int piece, PageId id, byte[] raw) {
        byte[] packed = Zstd.compress(raw, ZSTD_LEVEL);
        boolean smaller = packed.length < raw.length;
        byte[] content = smaller ? packed : raw;
        int storedBytes = OVERHEAD_BYTES + content.length;
        ByteBuffer stored = ByteBuffer.allocate(storedBytes);
        stored.putInt(MAGIC).putInt(VERSION).putInt(piece).putInt(storedBytes).put(sealer.salt());
        ByteBuffer plain = ByteBuffer.allocate(PLAIN_HEAD_BYTES + content.length);
        plain.put((byte) id.kind().code()).put((byte) id.level());
        plain.put((byte) (smaller ? PACKING_ZSTD : PACKING_RAW)).put((byte) 0);
        plain.putInt(raw.length).putLong(id.index()).put(content).flip();
        sealer.seal(piece, additional(object, offset, stored), plain, stored);
        return stored.flip();
    }

    /** Stored length of the page that begins at the position of {@code stored}. */
    static int storedBytes(ByteBuffer stored) throws DamagedObjectException {
        if (stored.remaining() < OVERHEAD_BYTES) {
            throw new DamagedObjectException("checkpoint page", "is cut off");
        }
        int length = stored.getInt(stored.position() + LENGTH_AT);
        if (length < OVERHEAD_BYTES || length > stored.remaining()) {
            throw new DamagedObjectException("checkpoint page", "has a wrong length");
        }
        return length;
    }

    /** Version of the page that begins at the position of {@code stored}, long enough as {@link #storedBytes} says. */
    static int version(ByteBuffer stored) {
        return stored.getInt(stored.position() + 4);
    }

    /** The content of the page in {@code stored} (exactly), checked to be {@code id} at this place. */
    byte[] open(long object, int offset, ByteBuffer stored, PageId id)
            throws DamagedObjectException, UnsupportedFormatException {
        String what = "checkpoint object " + object + " offset " + offset + " (" + id + ") of volume " + volume;
        boolean sound = stored.remaining() >= OVERHEAD_BYTES
                && stored.getInt(stored.position()) == MAGIC
                && stored.getInt(stored.position() + LENGTH_AT) == stored.remaining();
        if (!sound) {
            throw new DamagedObjectException(what, "not a page");
        }
        int version = stored.getInt(stored.position() + 4);
        if (version < 1 || version > VERSION) {
            throw new UnsupportedFormatException(what, version, VERSION);
        }
        return unpack(openSealed(object, offset, stored, what), id, what);
    }

    private ByteBuffer openSealed(long object, int offset, ByteBuffer stored, String what)
            throws DamagedObjectException {
        ByteBuffer bytes = stored.duplicate();
        ByteBuffer clear = ByteBuffer.allocate(CLEAR_BYTES);
        clear.put(bytes.slice(bytes.position(), CLEAR_BYTES));
        int piece = clear.getInt(8);
        byte[] salt = Arrays.copyOfRange(clear.array(), 16, CLEAR_BYTES);
        bytes.position(bytes.position() + CLEAR_BYTES);
        ByteBuffer plain = ByteBuffer.allocate(bytes.remaining());
        try {
            sealing.existing(PURPOSE, salt).open(piece, additional(object, offset, clear), bytes, plain);
        } catch (PieceSealer.NotAuthenticException forged) {
            throw new DamagedObjectException(what, "not authentic", forged);
        }
        return plain.flip();
    }

    private static byte[] unpack(ByteBuffer plain, PageId id, String what) throws DamagedObjectException {
        if (plain.remaining() < PLAIN_HEAD_BYTES) {
            throw new DamagedObjectException(what, "too short");
        }
        int kind = plain.get();
        int level = plain.get();
        int packing = plain.get();
        plain.get();
        int rawBytes = plain.getInt();
        long index = plain.getLong();
        if (kind != id.kind().code() || level != id.level() || index != id.index()) {
            throw new DamagedObjectException(what, "holds another page");
        }
        if (rawBytes < 0 || rawBytes > CONTENT_BYTES_MAX) {
            throw new DamagedObjectException(what, "wrong content length " + rawBytes);
        }
        byte[] content = new byte[plain.remaining()];
        plain.get(content);
        return switch (packing) {
            case PACKING_RAW -> checkLength(content, rawBytes, what);
            case PACKING_ZSTD -> decompress(content, rawBytes, what);
            default -> throw new DamagedObjectException(what, "packing " + packing + " is not known here");
        };
    }

    private static byte[] decompress(byte[] content, int rawBytes, String what) throws DamagedObjectException {
        byte[] raw = new byte[rawBytes];
        try {
            long length = Zstd.decompress(raw, content);
            if (Zstd.isError(length) || length != rawBytes) {
                throw new DamagedObjectException(what, "does not decompress");
            }
        } catch (ZstdException broken) {
            throw new DamagedObjectException(what, "does not decompress", broken);
        }
        return raw;
    }

    private static byte[] checkLength(byte[] content, int rawBytes, String what) throws DamagedObjectException {
        if (content.length != rawBytes) {
            throw new DamagedObjectException(what, "wrong content length");
        }
        return content;
    }

    private ByteBuffer additional(long object, int offset, ByteBuffer clear) {
        ByteBuffer additional = ByteBuffer.allocate(ADDITIONAL_BYTES);
        additional.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
        additional.putLong(object).putLong(offset).put(clear.slice(0, CLEAR_BYTES));
        return additional.flip();
    }

    static byte[] toBytes(long[] words) {
        byte[] bytes = new byte[words.length * Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().put(words);
        return bytes;
    }

    static long[] toWords(byte[] bytes) {
        long[] words = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(words);
        return words;
    }
}
