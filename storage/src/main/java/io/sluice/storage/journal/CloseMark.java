package io.sluice.storage.journal;

import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.format.ByteWriter;
import io.sluice.storage.format.CheckedReader;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.FormatHeader;
import io.sluice.storage.format.FormatKind;
import io.sluice.storage.format.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code journal.closed}: the journal was closed when everything in it had been released, so that the next opening
 * need not read it.
 *
 * <pre>
 *   0 +-------------------------------+
 *     | format header "SluiceJE" (36) |  magic, version, volume UUID, highest file number in the directory
 *  36 | end address              (8)  |
 *  44 | CRC32C of bytes 0-43     (4)  |
 *  48 +-------------------------------+
 * </pre>
 *
 * <p>Ordering rules: it is written when the journal's last write is durable; it is deleted before the next opening makes a
 * file; and it counts only while no file has a higher number than it says, so that even a Sluice that does not know it
 * cannot leave one that lies: every opening begins a file with a new number before anything is written.
 *
 * @param lastNumber the highest number of a journal file
 * @param endAddress where the log ended
 */
record CloseMark(UUID volume, long lastNumber, long endAddress) {
    static final String NAME = "journal.closed";
    private static final String UNFINISHED_NAME = "journal.closed.new";
    private static final int BYTES = FormatHeader.BYTES + Long.BYTES + Integer.BYTES;
    private static final Logger log = LoggerFactory.getLogger(CloseMark.class);

    /** Durable when it returns. */
    void write(LocalDisk directory) throws IOException {
        try (DiskFile file = directory.create(UNFINISHED_NAME)) {
            file.write(encode(), 0);
            file.sync();
        }
        directory.rename(UNFINISHED_NAME, NAME);
        directory.syncDirectory();
    }

    /**
     * The mark of {@code volume}; empty when there is none that can be believed: then the files are to be read.
     *
     * @throws DamagedObjectException when the mark is whole and another volume's: then the directory is, too
     */
    static Optional<CloseMark> read(LocalDisk directory, UUID volume) throws IOException {
        if (!directory.exists(NAME)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        try (DiskFile file = directory.open(NAME)) {
            if (file.size() != BYTES) {
                return Optional.empty();
            }
            file.read(bytes, 0);
        }
        CloseMark mark;
        try {
            mark = decode(bytes.flip());
        } catch (DamagedObjectException | UnsupportedFormatException unusable) {
            log.warn(
                    "{} in {} is not used, the journal is read: {}", NAME, directory.describe(), unusable.getMessage());
            return Optional.empty();
        }
        if (!mark.volume.equals(volume)) {
            throw new DamagedObjectException(
                    NAME + " in " + directory.describe(),
                    "belongs to volume " + mark.volume + ", not to volume " + volume);
        }
        return Optional.of(mark);
    }

    /** Durable with the next sync of the directory. */
    static void delete(LocalDisk directory) throws IOException {
        for (String name : new String[] {NAME, UNFINISHED_NAME}) {
            if (directory.exists(name)) {
                directory.delete(name);
            }
        }
    }

    ByteBuffer encode() {
        ByteWriter writer = new ByteWriter(BYTES);
        FormatHeader.of(FormatKind.JOURNAL_END, volume, lastNumber).write(writer);
        writer.i64(endAddress);
        writer.i32(checksum(writer.view()));
        return writer.view();
    }

    static CloseMark decode(ByteBuffer bytes) throws DamagedObjectException, UnsupportedFormatException {
        CheckedReader reader = new CheckedReader(NAME, bytes);
        FormatHeader header = FormatHeader.read(FormatKind.JOURNAL_END, reader);
        long end = reader.i64();
        reader.check(reader.i32() == checksum(bytes), "has a wrong checksum");
        return new CloseMark(header.volume(), header.number(), end);
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(BYTES - Integer.BYTES));
        return (int) crc.getValue();
    }
}
