package io.sluice.storage.checkpoint;

import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A checkpoint object while it is filled: a header, then pages one behind another.
 *
 * <pre>
 *    0  the common header: "SluiceCP", version 1, volume UUID, object number (FormatHeader, 36 bytes)
 *   36  CRC32C of bytes 0-35 (u32)
 *   40  pages (PageCodec)
 * </pre>
 *
 * Big-endian. The header is for tools; every page is bound to its volume, object and place by its own seal.
 */
final class CheckpointObject {
    /** An object with this many bytes gets no more pages, except the root. */
    static final int FULL_BYTES = 15 << 20;

    static final int HEADER_BYTES = FormatHeader.BYTES + Integer.BYTES;

    private static final int CAPACITY_BYTES = 64 << 10;

    private final PageCodec codec;
    private final PieceSealer sealer;
    private final long number;
    private ByteBuffer bytes = ByteBuffer.allocate(CAPACITY_BYTES);
    private int pages;

    CheckpointObject(PageCodec codec, long number) {
        this.codec = codec;
        this.number = number;
        this.sealer = codec.newObject();
        ByteWriter header = new ByteWriter(FormatHeader.BYTES);
        FormatHeader.of(FormatKind.CHECKPOINT, codec.volume(), number).write(header);
        bytes.put(header.view());
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.duplicate().flip());
        bytes.putInt((int) checksum.getValue());
    }

    /** Appends a page; {@code oldestBelow} is the lowest object number among its children. */
    PagePointer append(PageId id, byte[] raw, long oldestBelow) {
        int offset = bytes.position();
        ByteBuffer page = codec.seal(sealer, number, offset, pages, id, raw);
        pages++;
        int storedBytes = page.remaining();
        reserve(storedBytes);
        bytes.put(page);
        return new PagePointer(number, offset, storedBytes, Math.min(number, oldestBelow));
    }

    long number() {
        return number;
    }

    int pages() {
        return pages;
    }

    int sizeBytes() {
        return bytes.position();
    }

    boolean isFull() {
        return bytes.position() >= FULL_BYTES;
    }

    /** All of it, read-only. */
    ByteBuffer content() {
        return bytes.duplicate().flip().asReadOnlyBuffer();
    }

    private void reserve(int more) {
        if (bytes.remaining() < more) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(2 * bytes.capacity(), bytes.position() + more));
            bytes = larger.put(bytes.flip());
        }
    }
}
