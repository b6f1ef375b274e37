package io.sluice.target.iscsi.pdu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Where the parts of a PDU are, with and without digests (RFC 7143 section 11.1). */
final class PduFrameTest {
    private static final int OFFSET = 3;

    private static ByteBuffer pdu(int ahsWords, int dataBytes, boolean headerDigest, boolean dataDigest) {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        bytes.put(OFFSET + 4, (byte) ahsWords).put(OFFSET + 7, (byte) dataBytes);
        int headerBytes = 48 + (ahsWords * 4);
        int at = OFFSET + headerBytes;
        if (headerDigest) {
            bytes.putInt(
                    at, new Digest().begin().add(bytes, OFFSET, headerBytes).wireValue());
            at += 4;
        }
        int padded = PduFrame.padded(dataBytes);
        if (dataDigest) {
            bytes.putInt(
                    at + padded, new Digest().begin().add(bytes, at, padded).wireValue());
        }
        return bytes;
    }

    @Test
    void findsDataBehindAdditionalHeadersAndPadding() {
        PduFrame frame = new PduFrame();
        assertEquals(PduFrame.Outcome.COMPLETE, frame.parse(pdu(2, 5, false, false), OFFSET, 64, 8192));
        assertEquals(OFFSET + 56, frame.dataOffset());
        assertEquals(5, frame.dataBytes());
        assertEquals(64, frame.totalBytes());
    }

    @Test
    void saysHowManyBytesAreMissing() {
        PduFrame frame = new PduFrame();
        ByteBuffer bytes = pdu(2, 5, false, false);
        assertEquals(PduFrame.Outcome.INCOMPLETE, frame.parse(bytes, OFFSET, 47, 8192));
        assertEquals(48, frame.totalBytes());
        assertEquals(PduFrame.Outcome.INCOMPLETE, frame.parse(bytes, OFFSET, 55, 8192));
        assertEquals(56, frame.totalBytes());
        assertEquals(PduFrame.Outcome.INCOMPLETE, frame.parse(bytes, OFFSET, 63, 8192));
        assertEquals(64, frame.totalBytes());
    }

    @Test
    void checksBothDigests() {
        PduFrame frame = new PduFrame();
        frame.digests(true, true);
        ByteBuffer bytes = pdu(1, 6, true, true);
        assertEquals(PduFrame.Outcome.COMPLETE, frame.parse(bytes, OFFSET, 4000, 8192));
        assertEquals(48 + 4 + 4 + 8 + 4, frame.totalBytes());
        assertTrue(frame.isDataIntact());
        bytes.put(frame.dataOffset() + 7, (byte) 1);
        assertFalse(frame.isDataIntact(), "padding belongs to the digest");
        bytes.put(OFFSET + 20, (byte) 1);
        assertEquals(PduFrame.Outcome.HEADER_DIGEST_WRONG, frame.parse(bytes, OFFSET, 4000, 8192));
    }

    @Test
    void hasNoDataDigestWithoutData() {
        PduFrame frame = new PduFrame();
        frame.digests(false, true);
        assertEquals(PduFrame.Outcome.COMPLETE, frame.parse(pdu(0, 0, false, false), OFFSET, 48, 8192));
        assertEquals(48, frame.totalBytes());
        assertTrue(frame.isDataIntact());
    }

    @Test
    void refusesSegmentsLongerThanDeclaredBeforeTheyHaveArrived() {
        assertEquals(PduFrame.Outcome.TOO_LONG, new PduFrame().parse(pdu(0, 200, false, false), OFFSET, 48, 199));
    }
}
