package io.sluice.target.iscsi.pdu;

import java.nio.ByteBuffer;

/**
 * Where the parts of one PDU are in a buffer (RFC 7143 section 11.1). A flyweight like the headers.
 *
 * <pre>
 *   BHS 48 | AHS 4*n | header digest 0/4 | data | padding to 4 | data digest 0/4
 * </pre>
 */
public final class PduFrame {
    /** What {@link #parse} found. */
    public enum Outcome {
        /** All of it is there and its header digest is right. */
        COMPLETE,
        /** More bytes are needed; {@link PduFrame#totalBytes} says how many in all, as far as that is known. */
        INCOMPLETE,
        /** The header cannot be trusted: nobody knows where the next PDU begins. */
        HEADER_DIGEST_WRONG,
        /** The data segment is longer than we declared to take. */
        TOO_LONG
    }

    private final BasicHeaderSegment header = new BasicHeaderSegment();
    private final Digest digest = new Digest();
    private boolean headerDigest;
    private boolean dataDigest;
    private int dataOffset;
    private int totalBytes;

    /** Which digests the connection uses from now on. */
    public void digests(boolean ofHeader, boolean ofData) {
        headerDigest = ofHeader;
        dataDigest = ofData;
    }

    /** Looks at the PDU that begins at {@code offset} and of which {@code availableBytes} are there. */
    public Outcome parse(ByteBuffer bytes, int offset, int availableBytes, int dataBytesMax) {
        totalBytes = BasicHeaderSegment.BYTES;
        if (availableBytes < totalBytes) {
            return Outcome.INCOMPLETE;
        }
        header.wrap(bytes, offset);
        int headerBytes = BasicHeaderSegment.BYTES + header.ahsBytes();
        int headerEnd = headerBytes + (headerDigest ? Digest.BYTES : 0);
        totalBytes = headerEnd;
        if (availableBytes < headerEnd) {
            return Outcome.INCOMPLETE;
        }
        if (headerDigest && !digest.matches(bytes, offset, headerBytes)) {
            return Outcome.HEADER_DIGEST_WRONG;
        }
        if (header.dataSegmentBytes() > dataBytesMax) {
            return Outcome.TOO_LONG;
        }
        dataOffset = offset + headerEnd;
        totalBytes = headerEnd + dataOnWireBytes();
        return availableBytes < totalBytes ? Outcome.INCOMPLETE : Outcome.COMPLETE;
    }

    /** The header, aimed at the PDU. */
    public BasicHeaderSegment header() {
        return header;
    }

    public ByteBuffer buffer() {
        return header.buffer();
    }

    /** Index of the first byte of the data segment in the buffer. */
    public int dataOffset() {
        return dataOffset;
    }

    /** Without padding. */
    public int dataBytes() {
        return header.dataSegmentBytes();
    }

    /** From the first byte of the header to the last one of the PDU. */
    public int totalBytes() {
        return totalBytes;
    }

    /** True when there is no data digest or it is right. */
    public boolean isDataIntact() {
        return !dataDigest || dataBytes() == 0 || digest.matches(buffer(), dataOffset, padded(dataBytes()));
    }

    /** {@code bytes} rounded up to a multiple of 4. */
    public static int padded(int bytes) {
        return (bytes + 3) & ~3;
    }

    private int dataOnWireBytes() {
        int bytes = padded(header.dataSegmentBytes());
        return bytes == 0 || !dataDigest ? bytes : bytes + Digest.BYTES;
    }
}
