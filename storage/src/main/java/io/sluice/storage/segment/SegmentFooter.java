package io.sluice.storage.segment;

import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.PieceSealer.NotAuthenticException;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import java.nio.ByteBuffer;

/**
 * The end of a segment: says that nothing behind the header is missing.
 *
 * <pre>
 *   0       4                                        36
 *  +-------+----------------------------------------+
 *  | magic | sealed: attempt tag 8, stored length 8 |
 *  +-------+----------------------------------------+
 * </pre>
 */
final class SegmentFooter {
    private SegmentFooter() {}

    /** Appends the footer to {@code object}, which ends with it. */
    static void seal(PieceSealer sealer, byte[] prologue, long attemptTag, ByteBuffer object) {
        object.putInt(SegmentFormat.FOOTER_MAGIC);
        ByteBuffer plain = ByteBuffer.allocate(SegmentFormat.FOOTER_PLAIN_BYTES)
                .putLong(attemptTag)
                .putLong(object.capacity())
                .flip();
        sealer.seal(SegmentFormat.PIECE_FOOTER, ByteBuffer.wrap(prologue), plain, object);
    }

    /** Fails unless {@code footer}'s remaining bytes are the end of the segment with that tag and length. */
    static void check(
            String object, PieceSealer sealer, byte[] prologue, ByteBuffer footer, long attemptTag, long storedBytes)
            throws DamagedObjectException {
        CheckedReader reader = new CheckedReader(object, footer);
        reader.check(reader.i32() == SegmentFormat.FOOTER_MAGIC, "does not end with a footer");
        ByteBuffer plain = ByteBuffer.allocate(SegmentFormat.FOOTER_PLAIN_BYTES);
        try {
            sealer.open(
                    SegmentFormat.PIECE_FOOTER,
                    ByteBuffer.wrap(prologue),
                    reader.slice(SegmentFormat.FOOTER_PLAIN_BYTES + PieceSealer.OVERHEAD_BYTES),
                    plain);
        } catch (NotAuthenticException e) {
            throw new DamagedObjectException(object, "its footer is not authentic", e);
        }
        reader.end();
        reader.check(
                plain.getLong(0) == attemptTag && plain.getLong(Long.BYTES) == storedBytes,
                "its footer belongs to another segment");
    }
}
