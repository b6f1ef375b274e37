package io.sluice.storage.segment;

import com.github.luben.zstd.ZstdException;
import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.PieceSealer.NotAuthenticException;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Frames: packing, sealing, opening. A frame can be opened alone; its additional data is the volume's UUID, the segment's
 * number, its own offset and all of its prologue.
 *
 * <pre>
 *   0       4         6       7        8       12           16     32              36
 *  +-------+---------+-------+--------+-------+------------+------+---------------+--------+--------+
 *  | magic | version | flags | blocks | index | raw length | salt | sealed length | sealed | 0 ...  |
 *  +-------+---------+-------+--------+-------+------------+------+---------------+--------+--------+
 * </pre>
 *
 * <p>The sealed part holds the block numbers (varints) and then the blocks, raw or as one zstd frame. Thread-safe.
 */
final class FrameCodec implements AutoCloseable {
    private static final int SALT_OFFSET_BYTES = 16;

    private final UUID volume;
    private final Sealing sealing;
    private final boolean compresses;
    private final ZstdContexts zstd;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** {@code zstdLevel} 0 stores all blocks raw. */
    FrameCodec(UUID volume, Sealing sealing, int zstdLevel) {
        this.volume = volume;
        this.sealing = sealing;
        this.compresses = zstdLevel != 0;
        this.zstd = ZstdContexts.share(zstdLevel);
    }

    /**
     * Packs the blocks of {@code raw}, which is consumed, into a part of {@code packing}; compressed when that saves a
     * worthwhile part.
     */
    FramePayload pack(long[] lbas, ByteBuffer raw, PackingRoom packing) {
        LbaList.check(lbas);
        int length = lbas.length * BlockGeometry.BLOCK_BYTES;
        Invariant.check(raw.remaining() == length, "content of a frame", raw.remaining(), length);
        byte[] blocks;
        int offset = 0;
        if (raw.hasArray()) {
            blocks = raw.array();
            offset = raw.arrayOffset() + raw.position();
            raw.position(raw.limit());
        } else {
            blocks = new byte[length];
            raw.get(blocks);
        }
        byte[] head = LbaList.toBytes(lbas);
        if (compresses) {
            int lengthMax = length - (length / SegmentFormat.WORTHWHILE_PART);
            ByteBuffer packed = zstd.compress(head, blocks, offset, length, lengthMax, packing);
            if (packed != null) {
                return new FramePayload(lbas, true, packed);
            }
        }
        ByteBuffer packed = packing.take(head.length + length).put(head).put(blocks, offset, length);
        return new FramePayload(lbas, false, packed.flip());
    }

    /** What {@code payload} will take in the segment, padding included. */
    static int storedBytes(FramePayload payload) {
        return SegmentFormat.padded(
                SegmentFormat.FRAME_PROLOGUE_BYTES + payload.plain().remaining() + PieceSealer.OVERHEAD_BYTES);
    }

    /** Puts frame {@code index} of {@code segment} at {@code destination}'s position, which is its offset, and pads. */
    void seal(long segment, int index, FramePayload payload, PieceSealer sealer, ByteBuffer destination) {
        int offsetBytes = destination.position();
        byte[] prologue = prologue(index, payload, sealer.salt());
        destination.put(prologue);
        sealer.seal(
                index,
                additional(segment, offsetBytes, prologue),
                payload.plain().duplicate(),
                destination);
        destination.position(offsetBytes + storedBytes(payload));
    }

    private static byte[] prologue(int index, FramePayload payload, byte[] salt) {
        ByteWriter writer = new ByteWriter(SegmentFormat.FRAME_PROLOGUE_BYTES);
        writer.i32(SegmentFormat.FRAME_MAGIC);
        writer.u16(SegmentFormat.FRAME_VERSION);
        writer.u8(payload.zstd() ? SegmentFormat.FRAME_FLAG_ZSTD : 0);
        writer.u8(payload.lbas().length);
        writer.i32(index);
        writer.i32(payload.lbas().length * BlockGeometry.BLOCK_BYTES);
        writer.bytes(salt);
        writer.i32(payload.plain().remaining() + PieceSealer.OVERHEAD_BYTES);
        Invariant.check(writer.size() == SegmentFormat.FRAME_PROLOGUE_BYTES, "length of a frame prologue");
        return writer.toBytes();
    }

    /** Opens the frame whose stored bytes, padding included, are {@code stored}'s remaining ones; not consumed. */
    OpenedFrame open(String name, long segment, int offsetBytes, ByteBuffer stored)
            throws DamagedObjectException, UnsupportedFormatException {
        CheckedReader reader = new CheckedReader(name, stored);
        FramePrologue prologue = FramePrologue.read(reader);
        ByteBuffer sealed = reader.slice(prologue.sealedBytes());
        int padding = SegmentFormat.padded(reader.position()) - reader.position();
        reader.zeros(padding);
        reader.end();
        byte[] clear = new byte[SegmentFormat.FRAME_PROLOGUE_BYTES];
        stored.get(stored.position(), clear);
        ByteBuffer plain = ByteBuffer.allocate(prologue.sealedBytes() - PieceSealer.OVERHEAD_BYTES);
        try {
            sealing.existing(SegmentFormat.PURPOSE, prologue.salt())
                    .open(prologue.index(), additional(segment, offsetBytes, clear), sealed, plain);
        } catch (NotAuthenticException e) {
            throw new DamagedObjectException(name, "is not authentic: damaged, swapped, or of another key", e);
        }
        return unpack(name, prologue, plain.flip());
    }

    private OpenedFrame unpack(String name, FramePrologue prologue, ByteBuffer plain) throws DamagedObjectException {
        CheckedReader reader = new CheckedReader(name, plain);
        long[] lbas = LbaList.read(prologue.blocks(), reader);
        int start = reader.position();
        int rawBytes = prologue.blocks() * BlockGeometry.BLOCK_BYTES;
        if (!prologue.zstd()) {
            reader.check(reader.remaining() == rawBytes, "has " + reader.remaining() + " bytes of raw blocks");
            return new OpenedFrame(lbas, plain.slice(start, rawBytes));
        }
        byte[] blocks = new byte[rawBytes];
        try {
            int length = zstd.decompress(blocks, plain.array(), plain.arrayOffset() + start, reader.remaining());
            reader.check(length == rawBytes, "decompresses to " + length + " bytes instead of " + rawBytes);
        } catch (ZstdException e) {
            throw new DamagedObjectException(name, "does not decompress to " + rawBytes + " bytes", e);
        }
        return new OpenedFrame(lbas, ByteBuffer.wrap(blocks));
    }

    /** Whether the frame, which was opened before, was sealed with {@code salt}. */
    static boolean hasSalt(ByteBuffer stored, byte[] salt) {
        return stored.slice(stored.position() + SALT_OFFSET_BYTES, salt.length).equals(ByteBuffer.wrap(salt));
    }

    private ByteBuffer additional(long segment, int offsetBytes, byte[] prologue) {
        ByteWriter writer = new ByteWriter(28 + SegmentFormat.FRAME_PROLOGUE_BYTES);
        writer.uuid(volume);
        writer.i64(segment);
        writer.i32(offsetBytes);
        writer.bytes(prologue);
        return writer.view();
    }

    /** Harmless when done again. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            zstd.close();
        }
    }

    /** The clear start of a frame; nothing in it is believed before the frame is authenticated. */
    private record FramePrologue(boolean zstd, int blocks, int index, byte[] salt, int sealedBytes) {
        static FramePrologue read(CheckedReader reader) throws DamagedObjectException, UnsupportedFormatException {
            reader.check(reader.i32() == SegmentFormat.FRAME_MAGIC, "does not begin with \"SLFR\"");
            int version = reader.u16();
            if (version > SegmentFormat.FRAME_VERSION) {
                throw new UnsupportedFormatException(reader.object(), version, SegmentFormat.FRAME_VERSION);
            }
            reader.check(version >= 1, "frame version " + version + " does not exist");
            int flags = reader.u8();
            reader.check((flags & ~SegmentFormat.FRAME_FLAG_ZSTD) == 0, "flags " + flags + " do not exist");
            int blocks = reader.u8();
            reader.check(blocks >= 1 && blocks <= Locator.FRAME_SLOTS, "cannot have " + blocks + " blocks");
            int index = reader.count("frame index", 0, SegmentFormat.FRAMES_MAX);
            int rawBytes = reader.i32();
            reader.check(rawBytes == blocks * BlockGeometry.BLOCK_BYTES, "raw length " + rawBytes + " is impossible");
            byte[] salt = reader.bytes(Sealing.SALT_BYTES);
            int sealedBytes =
                    reader.count("sealed length", PieceSealer.OVERHEAD_BYTES + 1, Locator.FRAME_STORED_BYTES_MAX);
            return new FramePrologue(flags != 0, blocks, index, salt, sealedBytes);
        }
    }
}
