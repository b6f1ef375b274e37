package io.sluice.storage.segment;

import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The clear start of a segment. All of it is additional data of the sealed header and of the footer.
 *
 * <pre>
 *   0              36      44     45     48            56     72              76       80
 *  +--------------+-------+------+------+-------------+------+---------------+--------+
 *  | FormatHeader | epoch | kind | 0    | attempt tag | salt | header length | CRC32C |
 *  +--------------+-------+------+------+-------------+------+---------------+--------+
 * </pre>
 *
 * @param headerPlainBytes length of the header before sealing
 */
record SegmentPrologue(
        FormatHeader format, long epoch, SegmentHeader.Kind kind, long attemptTag, byte[] salt, int headerPlainBytes) {
    private static final int ZERO_BYTES = 3;

    /** Its {@link SegmentFormat#PROLOGUE_BYTES} bytes. */
    byte[] toBytes() {
        ByteWriter writer = new ByteWriter(SegmentFormat.PROLOGUE_BYTES);
        format.write(writer);
        writer.i64(epoch);
        writer.u8(code(kind));
        writer.bytes(new byte[ZERO_BYTES]);
        writer.i64(attemptTag);
        writer.bytes(salt);
        writer.i32(headerPlainBytes);
        writer.i32(crc32c(writer.view()));
        Invariant.check(writer.size() == SegmentFormat.PROLOGUE_BYTES, "length of a segment prologue");
        return writer.toBytes();
    }

    /** Reads it from the start of {@code bytes}, which are not consumed. */
    static SegmentPrologue read(String object, ByteBuffer bytes)
            throws DamagedObjectException, UnsupportedFormatException {
        CheckedReader reader = new CheckedReader(object, bytes);
        FormatHeader format = FormatHeader.read(FormatKind.SEGMENT, reader);
        long epoch = reader.number("epoch", 0, Long.MAX_VALUE);
        SegmentHeader.Kind kind = kind(reader);
        reader.zeros(ZERO_BYTES);
        long attemptTag = reader.i64();
        byte[] salt = reader.bytes(Sealing.SALT_BYTES);
        int headerPlainBytes = reader.count("header length", 1, SegmentFormat.HEADER_PLAIN_BYTES_MAX);
        int expected = crc32c(bytes.slice(bytes.position(), reader.position()));
        reader.check(reader.i32() == expected, "the checksum of its first bytes is wrong");
        return new SegmentPrologue(format, epoch, kind, attemptTag, salt, headerPlainBytes);
    }

    /** Where the first frame (or the footer) begins. */
    int headerEndBytes() {
        return SegmentFormat.padded(SegmentFormat.PROLOGUE_BYTES + SegmentFormat.sealedHeaderBytes(headerPlainBytes));
    }

    private static int code(SegmentHeader.Kind kind) {
        return switch (kind) {
            case DATA -> 1;
            case FENCE -> 2;
            case MOVED -> 3;
        };
    }

    private static SegmentHeader.Kind kind(CheckedReader reader) throws DamagedObjectException {
        int code = reader.u8();
        return switch (code) {
            case 1 -> SegmentHeader.Kind.DATA;
            case 2 -> SegmentHeader.Kind.FENCE;
            case 3 -> SegmentHeader.Kind.MOVED;
            default -> throw reader.damaged("kind " + code + " does not exist");
        };
    }

    private static int crc32c(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
