package io.sluice.storage.journal;

import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.crypto.LocalCipher;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the batches of one file, checking every byte of them. {@link #address} is where the next one must begin.
 * Not thread-safe.
 */
final class FileScan implements AutoCloseable {
    private final FileHeader fileHeader;
    private final String name;
    private final DiskFile file;
    private final LocalCipher cipher;
    private final int units;
    private final int[] checksums;
    private final ByteBuffer bytes =
            ByteBuffer.allocateDirect((1 + JournalFormat.BATCH_BLOCKS_MAX) << JournalFormat.UNIT_SHIFT);
    private final BatchHeader header = new BatchHeader();
    private final CRC32C crc = new CRC32C();
    private int unit = 1;
    private String tornBatch = "";

    FileScan(LocalDisk directory, FileHeader fileHeader, @Nullable KeyDerivation keys) throws IOException {
        this.fileHeader = fileHeader;
        this.name = JournalFormat.fileName(fileHeader.number());
        this.cipher = JournalFormat.cipher(keys, fileHeader.salt(), fileHeader.version());
        this.file = directory.open(name);
        this.units = (int) Math.min(fileHeader.units(), file.size() >>> JournalFormat.UNIT_SHIFT);
        this.checksums = new int[units];
        header.wrap(bytes);
    }

    long address() {
        return JournalFormat.address(fileHeader.number(), unit);
    }

    /** Steps over the batch that begins at {@link #address}; false when no whole batch does. */
    boolean advance() throws IOException {
        if (unit >= units) {
            return false;
        }
        long at = (long) unit << JournalFormat.UNIT_SHIFT;
        file.read(bytes.position(0).limit(JournalFormat.UNIT_BYTES), at);
        if (!header.open(address(), cipher, fileHeader.salt())) {
            noteTorn();
            return false;
        }
        header.checkMakesSense(name, fileHeader.epoch(), fileHeader.units() - unit);
        int blocks = header.blocks();
        if (unit + blocks >= units || (!header.isVoid() && !blocksAreWhole(at + JournalFormat.UNIT_BYTES))) {
            tornBatch = "the batch that begins there is torn";
            return false;
        }
        unit += 1 + blocks;
        return true;
    }

    private boolean blocksAreWhole(long at) throws IOException {
        int blocks = header.blocks();
        if (blocks == 0) {
            return true;
        }
        file.read(bytes.limit((1 + blocks) << JournalFormat.UNIT_SHIFT).position(JournalFormat.UNIT_BYTES), at);
        for (int block = 0; block < blocks; block++) {
            int start = (1 + block) << JournalFormat.UNIT_SHIFT;
            crc.reset();
            crc.update(bytes.limit(start + JournalFormat.UNIT_BYTES).position(start));
            if ((int) crc.getValue() != header.blockChecksum(block)) {
                return false;
            }
            checksums[unit + 1 + block] = header.blockChecksum(block);
        }
        return true;
    }

    private void noteTorn() {
        if (header.address() == address()) {
            tornBatch = "the batch header that begins there is torn";
        }
    }

    /** What stands at {@link #address} when the walk ended; empty when nothing was begun there. */
    String tornBatch() {
        return tornBatch;
    }

    RecoveredFile result() {
        return new RecoveredFile(name, fileHeader, units, unit, checksums);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
