package io.sluice.storage.journal;

import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The first 4 KiB of a journal file; the same in versions 1 to 3. Nothing in it is private.
 *
 * <pre>
 *   0 +-------------------------------+
 *     | format header "SluiceJL" (36) |  magic, version, volume UUID, file number
 *  36 | flags                    (4)  |  bit 0: encrypted
 *  40 | epoch                    (8)  |
 *  48 | previous end             (8)  |  address where the log stopped before it went on in this file
 *  56 | tail                     (8)  |  oldest address still kept when this file was begun
 *  64 | synced end               (8)  |  what was durable when this file was begun
 *  72 | salt                     (16) |  new every time the file is used again
 *  88 | units of this file       (4)  |
 *  92 | zeros                         |
 * 4092| CRC32C of bytes 0-4091   (4)  |
 *     +-------------------------------+
 * </pre>
 *
 * @param version of the format of the whole file
 * @param volume whose journal it is
 * @param epoch in which the file is written
 * @param number of this file
 * @param previousEnd where the log stopped before it went on here
 * @param tail oldest address kept when the file was begun
 * @param syncedEnd what was durable when the file was begun
 * @param salt of this use of the file
 * @param units length of the file
 * @param encrypted whether batches and blocks are
 */
record FileHeader(
        int version,
        UUID volume,
        long epoch,
        long number,
        long previousEnd,
        long tail,
        long syncedEnd,
        byte[] salt,
        int units,
        boolean encrypted) {
    private static final int CHECKSUM_OFFSET = JournalFormat.UNIT_BYTES - Integer.BYTES;
    private static final int ENCRYPTED_FLAG = 1;

    /** One of the newest version. */
    FileHeader(
            UUID volume,
            long epoch,
            long number,
            long previousEnd,
            long tail,
            long syncedEnd,
            byte[] salt,
            int units,
            boolean encrypted) {
        this(FormatKind.JOURNAL.version(), volume, epoch, number, previousEnd, tail, syncedEnd, salt, units, encrypted);
    }

    /** The 4096 bytes, ready to be written. */
    ByteBuffer encode() {
        ByteWriter writer = new ByteWriter(JournalFormat.UNIT_BYTES);
        new FormatHeader(FormatKind.JOURNAL, version, volume, number).write(writer);
        writer.i32(encrypted ? ENCRYPTED_FLAG : 0);
        writer.i64(epoch);
        writer.i64(previousEnd);
        writer.i64(tail);
        writer.i64(syncedEnd);
        writer.bytes(salt);
        writer.i32(units);
        writer.bytes(new byte[CHECKSUM_OFFSET - writer.size()]);
        writer.i32(checksum(writer.view()));
        return writer.view();
    }

    /** Empty when {@code bytes} (4096 of them) are not a whole file header. */
    static Optional<FileHeader> decode(String fileName, ByteBuffer bytes) throws IOException {
        Invariant.check(bytes.remaining() == JournalFormat.UNIT_BYTES, "file header", bytes.remaining(), 0);
        if (bytes.getLong(0) != FormatKind.JOURNAL.magic()) {
            return Optional.empty();
        }
        CheckedReader reader = new CheckedReader(fileName, bytes);
        FormatHeader start = FormatHeader.read(FormatKind.JOURNAL, reader);
        if (bytes.getInt(CHECKSUM_OFFSET) != checksum(bytes)) {
            return Optional.empty();
        }
        boolean encrypted = (reader.i32() & ENCRYPTED_FLAG) != 0;
        return Optional.of(new FileHeader(
                start.version(),
                start.volume(),
                reader.i64(),
                start.number(),
                reader.i64(),
                reader.i64(),
                reader.i64(),
                reader.bytes(JournalFormat.SALT_BYTES),
                reader.count("units", JournalFormat.FILE_UNITS_MIN, 1 << JournalFormat.UNIT_BITS),
                encrypted));
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(CHECKSUM_OFFSET));
        return (int) crc.getValue();
    }
}
