package io.sluice.storage.journal;

import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The first 4 KiB of a journal file, version 1. Nothing in it is private.
 *
 * <pre>
 *   0 +-------------------------------+
 *     | magic "SLJF"             (4)  |
 *   4 | version (2) | flags      (2)  |  flag bit 0: encrypted
 *   8 | volume UUID              (16) |
 *  24 | epoch                    (8)  |
 *  32 | file number              (8)  |
 *  40 | previous end             (8)  |  address where the log stopped before it went on in this file
 *  48 | tail                     (8)  |  oldest address still kept when this file was begun
 *  56 | synced end               (8)  |  what was durable when this file was begun
 *  64 | salt                     (16) |  new every time the file is used again
 *  80 | units of this file       (4)  |
 *  84 | zeros                         |
 * 4092| CRC32C of bytes 0-4091   (4)  |
 *     +-------------------------------+
 * </pre>
 *
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

    /** The 4096 bytes, ready to be written. */
    ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(JournalFormat.UNIT_BYTES).order(ByteOrder.BIG_ENDIAN);
        bytes.putInt(JournalFormat.FILE_MAGIC);
        bytes.putShort((short) JournalFormat.VERSION);
        bytes.putShort((short) (encrypted ? ENCRYPTED_FLAG : 0));
        bytes.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
        bytes.putLong(epoch).putLong(number).putLong(previousEnd).putLong(tail).putLong(syncedEnd);
        bytes.put(salt).putInt(units);
        bytes.putInt(CHECKSUM_OFFSET, checksum(bytes));
        return bytes.clear();
    }

    /** Empty when {@code bytes} (4096 of them) are not a whole file header. */
    static Optional<FileHeader> decode(String fileName, ByteBuffer bytes) throws JournalFormatException {
        Invariant.check(bytes.remaining() == JournalFormat.UNIT_BYTES, "file header", bytes.remaining(), 0);
        ByteBuffer in = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
        if (in.getInt() != JournalFormat.FILE_MAGIC || bytes.getInt(CHECKSUM_OFFSET) != checksum(bytes)) {
            return Optional.empty();
        }
        int version = in.getShort() & 0xffff;
        if (version != JournalFormat.VERSION) {
            throw new JournalFormatException(fileName + " has journal format version " + version
                    + "; this Sluice reads version " + JournalFormat.VERSION);
        }
        boolean encrypted = (in.getShort() & ENCRYPTED_FLAG) != 0;
        UUID volume = new UUID(in.getLong(), in.getLong());
        long epoch = in.getLong();
        long number = in.getLong();
        long previousEnd = in.getLong();
        long tail = in.getLong();
        long syncedEnd = in.getLong();
        byte[] salt = new byte[JournalFormat.SALT_BYTES];
        in.get(salt);
        int units = in.getInt();
        return Optional.of(new FileHeader(volume, epoch, number, previousEnd, tail, syncedEnd, salt, units, encrypted));
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(CHECKSUM_OFFSET));
        return (int) crc.getValue();
    }
}
