package io.sluice.storage.recovery;

import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.manifest.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What a cache directory remembers of its volume and of the bucket, in the file {@value #FILE} ({@code FORMAT.md} draws it):
 * whose it is, and how far the bucket had come when it was looked at last. A bucket that has come less far since was set
 * back. Written at every opening and with every manifest.
 *
 * @param volume whose cache directory this is
 * @param manifestNumber the newest manifest that was seen, 0 for none
 * @param manifestTag its attempt tag
 * @param epoch its epoch
 * @param ownEpoch the newest epoch that is known to have been opened from this directory ({@link OpeningAttempts} has those of
 *     which it is not known)
 * @param segment up to this number all segments were in the bucket, or covered by its checkpoint
 * @param sequence everything below was in the bucket: also what of this directory's journal lies below
 */
public record CacheState(
        UUID volume, long manifestNumber, long manifestTag, long epoch, long ownEpoch, long segment, long sequence) {
    static final String FILE = "state";

    /** What is seen together with {@code manifest}, made in this directory's own epoch. */
    public static CacheState of(Manifest manifest, long segment, long sequence) {
        return new CacheState(
                manifest.volume(),
                manifest.number(),
                manifest.attemptTag(),
                manifest.epoch(),
                manifest.epoch(),
                segment,
                sequence);
    }

    /** The same, and {@code opened} is known to have been opened from this directory. */
    CacheState withOwnEpoch(long opened) {
        return new CacheState(
                volume, manifestNumber, manifestTag, epoch, Math.max(ownEpoch, opened), segment, sequence);
    }

    /** Durable when it returns. Blocks. */
    public void write(LocalDisk disk) throws IOException {
        SmallFile.replace(disk, FILE, encode());
    }

    /** Empty when the directory is new, or of a Sluice that did not write it yet. */
    static Optional<CacheState> read(LocalDisk disk) throws IOException {
        Optional<ByteBuffer> bytes = SmallFile.read(disk, FILE);
        return bytes.isEmpty() ? Optional.empty() : Optional.of(decode(SmallFile.where(disk, FILE), bytes.get()));
    }

    ByteBuffer encode() {
        ByteWriter writer = new ByteWriter(128);
        FormatHeader.of(FormatKind.CACHE_STATE, volume, manifestNumber).write(writer);
        writer.i64(manifestTag);
        writer.i64(epoch);
        writer.i64(ownEpoch);
        writer.i64(segment);
        writer.i64(sequence);
        writer.i32(crc32c(writer.view()));
        return writer.view();
    }

    static CacheState decode(String file, ByteBuffer bytes) throws IOException {
        CheckedReader reader = new CheckedReader(file, bytes);
        FormatHeader header = FormatHeader.read(FormatKind.CACHE_STATE, reader);
        CacheState state = new CacheState(
                header.volume(),
                header.number(),
                reader.i64(),
                reader.number("epoch", 0, Long.MAX_VALUE),
                reader.number("own epoch", 0, Long.MAX_VALUE),
                reader.number("segment", 0, Long.MAX_VALUE),
                reader.number("sequence", 0, Long.MAX_VALUE));
        int covered = reader.position();
        reader.check(reader.i32() == crc32c(bytes.slice(bytes.position(), covered)), "has a wrong checksum");
        reader.end();
        return state;
    }

    static int crc32c(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
