package io.sluice.storage.segment;

import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.PieceSealer.NotAuthenticException;
import java.nio.ByteBuffer;

/** A segment header's body in pieces of at most 128 KiB, each bound to the prologue. */
final class SealedHeader {
    private SealedHeader() {}

    /** Appends the sealed form of {@code body}. */
    static void seal(PieceSealer sealer, byte[] prologue, byte[] body, ByteBuffer destination) {
        long piece = SegmentFormat.PIECE_HEADER;
        for (int start = 0; start < body.length; start += SegmentFormat.HEADER_PIECE_BYTES) {
            int length = Math.min(SegmentFormat.HEADER_PIECE_BYTES, body.length - start);
            sealer.seal(piece--, ByteBuffer.wrap(prologue), ByteBuffer.wrap(body, start, length), destination);
        }
    }

    /** The body of {@code plainBytes} whose sealed form are {@code sealed}'s remaining bytes. */
    static byte[] open(PieceSealer sealer, byte[] prologue, ByteBuffer sealed, int plainBytes)
            throws NotAuthenticException {
        byte[] body = new byte[plainBytes];
        ByteBuffer source = sealed.duplicate();
        long piece = SegmentFormat.PIECE_HEADER;
        for (int start = 0; start < plainBytes; start += SegmentFormat.HEADER_PIECE_BYTES) {
            int length = Math.min(SegmentFormat.HEADER_PIECE_BYTES, plainBytes - start);
            int sealedLength = length + PieceSealer.OVERHEAD_BYTES;
            sealer.open(
                    piece--,
                    ByteBuffer.wrap(prologue),
                    source.slice(source.position(), sealedLength),
                    ByteBuffer.wrap(body, start, length));
            source.position(source.position() + sealedLength);
        }
        return body;
    }
}
