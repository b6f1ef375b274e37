package io.sluice.storage.segment;

import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.PieceSealer.NotAuthenticException;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.runtime.Entropy;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;

/**
 * Writes and reads the segments of one volume ({@code FORMAT.md}). Believes nothing before it is authenticated, and takes
 * no memory on the word of a length that is not bounded. Thread-safe.
 */
public final class SegmentCodec implements AutoCloseable {
    private final UUID volume;
    private final Sealing sealing;
    private final Entropy entropy;
    private final FrameCodec frames;

    /** {@code zstdLevel} is -5 to 19; 0 stores all blocks raw. What was written with another level can be read. */
    public SegmentCodec(UUID volume, Sealing sealing, Entropy entropy, int zstdLevel) {
        this.volume = volume;
        this.sealing = sealing;
        this.entropy = entropy;
        this.frames = new FrameCodec(volume, sealing, zstdLevel);
    }

    /** Starts segment {@code number}. */
    public SegmentBuilder builder(long number, long epoch, SegmentHeader.Kind kind) {
        return new SegmentBuilder(volume, frames, sealing, entropy, number, epoch, kind);
    }

    /**
     * The authenticated header of segment {@code number}. When {@code prefixBytes} are the whole object, its footer is
     * checked too.
     *
     * @param prefixBytes the object from its first byte on; not consumed
     * @param objectSizeBytes length of the object as the store says it
     */
    public SegmentHeader readHeader(long number, ByteBuffer prefixBytes, long objectSizeBytes)
            throws DamagedObjectException, UnsupportedFormatException, NeedMoreBytesException {
        String name = name(number);
        if (objectSizeBytes < SegmentFormat.PROLOGUE_BYTES + SegmentFormat.FOOTER_BYTES) {
            throw new DamagedObjectException(name, "has only " + objectSizeBytes + " bytes");
        }
        need(SegmentFormat.PROLOGUE_BYTES, prefixBytes);
        SegmentPrologue prologue = SegmentPrologue.read(name, prefixBytes);
        prologue.format().expect(name, volume, number);
        int headerEnd = prologue.headerEndBytes();
        if (headerEnd + (long) SegmentFormat.FOOTER_BYTES > objectSizeBytes) {
            throw new DamagedObjectException(name, "ends within its header, at " + objectSizeBytes + " bytes");
        }
        need(headerEnd, prefixBytes);
        PieceSealer sealer = sealing.existing(SegmentFormat.PURPOSE, prologue.salt());
        SegmentHeader header = header(prologue, openBody(name, prologue, sealer, prefixBytes));
        if (header.storedBytes() != objectSizeBytes) {
            throw new DamagedObjectException(
                    name, "is " + objectSizeBytes + " bytes long, but was written with " + header.storedBytes());
        }
        if (prefixBytes.remaining() == objectSizeBytes) {
            checkFooter(name, prologue, sealer, prefixBytes);
        }
        return header;
    }

    /**
     * Checks the footer of a segment of which only both ends are at hand, and whose header was read from {@code
     * prefixBytes}.
     *
     * @param footerBytes the last {@link SegmentFormat#FOOTER_BYTES} of the object; not consumed
     */
    public void checkEnd(long number, ByteBuffer prefixBytes, ByteBuffer footerBytes, long objectSizeBytes)
            throws DamagedObjectException, UnsupportedFormatException {
        SegmentPrologue prologue = SegmentPrologue.read(name(number), prefixBytes);
        byte[] clear = new byte[SegmentFormat.PROLOGUE_BYTES];
        prefixBytes.get(prefixBytes.position(), clear);
        SegmentFooter.check(
                name(number),
                sealing.existing(SegmentFormat.PURPOSE, prologue.salt()),
                clear,
                footerBytes.duplicate(),
                prologue.attemptTag(),
                objectSizeBytes);
    }

    /**
     * The authenticated content of the frame at {@code offsetBytes} of {@code segment}.
     *
     * @param stored all of its stored bytes, padding included; not consumed
     */
    public OpenedFrame openFrame(long segment, int offsetBytes, ByteBuffer stored)
            throws DamagedObjectException, UnsupportedFormatException {
        return frames.open("frame at " + offsetBytes + " of " + name(segment), segment, offsetBytes, stored);
    }

    /** Checks every byte of a whole segment, for scrubbing; returns its header. */
    public SegmentHeader verifyWhole(long number, ByteBuffer object)
            throws DamagedObjectException, UnsupportedFormatException {
        SegmentHeader header;
        try {
            header = readHeader(number, object, object.remaining());
        } catch (NeedMoreBytesException e) {
            throw new DamagedObjectException(name(number), "ends within its header", e);
        }
        byte[] salt = SegmentPrologue.read(name(number), object).salt();
        for (SegmentHeader.Frame frame : header.frames()) {
            ByteBuffer stored = object.slice(object.position() + frame.offsetBytes(), frame.storedBytes());
            OpenedFrame opened = openFrame(number, frame.offsetBytes(), stored);
            if (!Arrays.equals(opened.lbas(), frame.lbas()) || !FrameCodec.hasSalt(stored, salt)) {
                throw new DamagedObjectException(
                        "frame at " + frame.offsetBytes() + " of " + name(number), "is not the one its header names");
            }
        }
        return header;
    }

    /** Frees native memory; harmless when used on. */
    @Override
    public void close() {
        frames.close();
    }

    private String name(long number) {
        return "segment " + number + " of volume " + volume;
    }

    private static void need(int bytes, ByteBuffer prefix) throws NeedMoreBytesException {
        if (prefix.remaining() < bytes) {
            throw new NeedMoreBytesException(bytes);
        }
    }

    private static SegmentHeaderBody openBody(
            String name, SegmentPrologue prologue, PieceSealer sealer, ByteBuffer prefix)
            throws DamagedObjectException {
        CheckedReader reader = new CheckedReader(name, prefix);
        byte[] clear = reader.bytes(SegmentFormat.PROLOGUE_BYTES);
        ByteBuffer sealed = reader.slice(SegmentFormat.sealedHeaderBytes(prologue.headerPlainBytes()));
        reader.zeros(prologue.headerEndBytes() - reader.position());
        try {
            byte[] body = SealedHeader.open(sealer, clear, sealed, prologue.headerPlainBytes());
            return SegmentHeaderBody.read(
                    prologue, new CheckedReader(name, ByteBuffer.wrap(body)), prologue.headerEndBytes());
        } catch (NotAuthenticException e) {
            throw new DamagedObjectException(
                    name, "its header is not authentic: damaged, swapped, or of another key", e);
        }
    }

    private static SegmentHeader header(SegmentPrologue prologue, SegmentHeaderBody body) {
        return new SegmentHeader(
                prologue.format().volume(),
                prologue.format().number(),
                prologue.epoch(),
                prologue.kind(),
                prologue.attemptTag(),
                body.firstSequence(),
                body.endSequence(),
                body.wallTimeMillis(),
                body.frames(),
                body.zeros(),
                body.shared(),
                body.tombstones(),
                body.settled(),
                body.storedBytes());
    }

    private static void checkFooter(String name, SegmentPrologue prologue, PieceSealer sealer, ByteBuffer object)
            throws DamagedObjectException {
        byte[] clear = new byte[SegmentFormat.PROLOGUE_BYTES];
        object.get(object.position(), clear);
        int start = object.limit() - SegmentFormat.FOOTER_BYTES;
        SegmentFooter.check(
                name,
                sealer,
                clear,
                object.slice(start, SegmentFormat.FOOTER_BYTES),
                prologue.attemptTag(),
                object.remaining());
    }
}
