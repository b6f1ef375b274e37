package io.sluice.storage.journal;

import io.sluice.storage.crypto.LocalCipher;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Flyweight over the 4 KiB header of a batch, version 2. What says which blocks the host wrote is encrypted.
 *
 * <pre>
 *   0 +------------------------------------+
 *     | magic "SLJB" or "SLJV"        (4)  |  clear
 *   4 | CRC32C: salt, stored 8-4095   (4)  |  clear; the salt keeps older content of the file from ever matching
 *   8 | own address                   (8)  |  clear
 *  16 | epoch                         (8)  |  from here encrypted; a void range ("SLJV") is clear throughout
 *  24 | wall time, ms since 1970      (8)  |
 *  32 | entries (4) | blocks          (4)  |
 *  40 | zeros                         (8)  |
 *  48 | entries, 16 bytes each:            |
 *     |   kind (1) | LBA (7) | count (8)   |  kind 1 blocks, 2 zeros, 3 a pattern, 4 references
 *     |              ...                   |
 *     | CRC32C of stored block 1      (4)  |
 * 4092| CRC32C of stored block 0      (4)  |
 *     +------------------------------------+
 * </pre>
 *
 * Not thread-safe.
 */
final class BatchHeader {
    static final int KIND_BLOCKS = 1;
    static final int KIND_ZEROS = 2;
    /** One block behind the header is the content of all blocks of the entry. */
    static final int KIND_PATTERN = 3;
    /** One block behind the header says where the blocks of the entry stand: {@link ReferenceRuns}. */
    static final int KIND_REFERENCES = 4;

    private static final int CHECKSUM_OFFSET = 4;
    private static final int ADDRESS_OFFSET = 8;
    private static final int CIPHER_OFFSET = 16;
    private static final int TIME_OFFSET = 24;
    private static final int COUNTS_OFFSET = 32;
    private static final int LBA_BITS = 56;
    /** Greatest LBA an entry can name. */
    static final long LBA_MAX = (1L << LBA_BITS) - 1;

    private static final byte[] ZEROS = new byte[JournalFormat.UNIT_BYTES];

    private final CRC32C crc = new CRC32C();
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private ByteBuffer from = bytes;
    private ByteBuffer into = bytes;

    /** Aims at {@code buffer}'s bytes 0-4095. */
    void wrap(ByteBuffer buffer) {
        bytes = buffer.duplicate().order(ByteOrder.BIG_ENDIAN);
        from = buffer.duplicate();
        into = buffer.duplicate();
    }

    void begin(long address, long epoch, long timeMillis, int entries, int blocks) {
        bytes.put(0, ZEROS);
        bytes.putInt(0, JournalFormat.BATCH_MAGIC);
        bytes.putLong(ADDRESS_OFFSET, address);
        bytes.putLong(CIPHER_OFFSET, epoch);
        bytes.putLong(TIME_OFFSET, timeMillis);
        bytes.putInt(COUNTS_OFFSET, entries);
        bytes.putInt(COUNTS_OFFSET + Integer.BYTES, blocks);
    }

    void entry(int index, int kind, long lba, long count) {
        int at = JournalFormat.ENTRIES_OFFSET + (index * JournalFormat.ENTRY_BYTES);
        bytes.putLong(at, ((long) kind << LBA_BITS) | lba);
        bytes.putLong(at + Long.BYTES, count);
    }

    void blockChecksum(int block, int checksum) {
        bytes.putInt(checksumOffset(block), checksum);
    }

    /** Encrypts (a batch only) and puts the checksum; nothing may be changed afterwards. */
    void seal(LocalCipher cipher, byte[] salt) {
        if (bytes.getInt(0) == JournalFormat.BATCH_MAGIC) {
            applyCipher(cipher);
        }
        bytes.putInt(CHECKSUM_OFFSET, checksum(salt));
    }

    /** Marks {@code blocks} units behind this one as never written. */
    void makeVoid(long address, long epoch, long timeMillis, int blocks) {
        begin(address, epoch, timeMillis, 0, blocks);
        bytes.putInt(0, JournalFormat.VOID_MAGIC);
    }

    /** True when these bytes are the header that was written at {@code address} in this use of the file; decrypts it. */
    boolean open(long address, LocalCipher cipher, byte[] salt) {
        int magic = bytes.getInt(0);
        if ((magic != JournalFormat.BATCH_MAGIC && magic != JournalFormat.VOID_MAGIC)
                || bytes.getLong(ADDRESS_OFFSET) != address
                || bytes.getInt(CHECKSUM_OFFSET) != checksum(salt)) {
            return false;
        }
        if (magic == JournalFormat.BATCH_MAGIC) {
            applyCipher(cipher);
        }
        return true;
    }

    /** Refuses what cannot come from a writer with the same key. */
    void checkMakesSense(String fileName, long epoch, int unitsLeft) throws DamagedObjectException {
        boolean sound = epoch() == epoch
                && entries() >= 0
                && entries() <= JournalFormat.BATCH_ENTRIES_MAX
                && blocks() >= 0
                && blocks() < unitsLeft
                && (isVoid() || (JournalFormat.fits(entries(), blocks()) && blocksOfEntries() == blocks()));
        if (!sound) {
            throw new DamagedObjectException(
                    fileName,
                    "the batch at address " + address() + " is whole but makes no sense: another key wrote it");
        }
    }

    private long blocksOfEntries() {
        long sum = 0;
        for (int i = 0; i < entries(); i++) {
            sum += blocksOf(i);
        }
        return sum;
    }

    /** Blocks of entry {@code index} behind the header; more than there can be when its kind does not exist. */
    private long blocksOf(int index) {
        return switch (kind(index)) {
            case KIND_BLOCKS -> count(index);
            case KIND_ZEROS -> 0;
            case KIND_PATTERN, KIND_REFERENCES -> 1;
            default -> JournalFormat.BATCH_BLOCKS_MAX + 1L;
        };
    }

    boolean isVoid() {
        return bytes.getInt(0) == JournalFormat.VOID_MAGIC;
    }

    long address() {
        return bytes.getLong(ADDRESS_OFFSET);
    }

    long epoch() {
        return bytes.getLong(CIPHER_OFFSET);
    }

    long timeMillis() {
        return bytes.getLong(TIME_OFFSET);
    }

    int entries() {
        return bytes.getInt(COUNTS_OFFSET);
    }

    int blocks() {
        return bytes.getInt(COUNTS_OFFSET + Integer.BYTES);
    }

    int blockChecksum(int block) {
        return bytes.getInt(checksumOffset(block));
    }

    int kind(int index) {
        return (int) (entryHead(index) >>> LBA_BITS);
    }

    long lba(int index) {
        return entryHead(index) & LBA_MAX;
    }

    long count(int index) {
        return bytes.getLong(JournalFormat.ENTRIES_OFFSET + (index * JournalFormat.ENTRY_BYTES) + Long.BYTES);
    }

    /** Gives the entries of a batch in the order in which they were added. */
    void visit(JournalAppender.Applier visitor, RecordReader records) throws IOException {
        long address = address();
        long blockAddress = address + 1;
        for (int i = 0; i < entries(); i++) {
            long count = count(i);
            switch (kind(i)) {
                case KIND_ZEROS -> visitor.zero(lba(i), count, address);
                case KIND_PATTERN -> visitor.pattern(lba(i), count, blockAddress++);
                case KIND_REFERENCES -> {
                    visitor.references(lba(i), records.read(blockAddress, count), blockAddress);
                    blockAddress++;
                }
                default -> {
                    for (long j = 0; j < count; j++) {
                        visitor.block(lba(i) + j, blockAddress++);
                    }
                }
            }
        }
    }

    /** Reads records of references. */
    @FunctionalInterface
    interface RecordReader {
        /** The record at {@code address}, about {@code count} blocks. */
        ReferenceRuns read(long address, long count) throws IOException;
    }

    private long entryHead(int index) {
        return bytes.getLong(JournalFormat.ENTRIES_OFFSET + (index * JournalFormat.ENTRY_BYTES));
    }

    private static int checksumOffset(int block) {
        return JournalFormat.UNIT_BYTES - ((block + 1) * JournalFormat.CHECKSUM_BYTES);
    }

    private void applyCipher(LocalCipher cipher) {
        from.limit(JournalFormat.UNIT_BYTES).position(CIPHER_OFFSET);
        into.limit(JournalFormat.UNIT_BYTES).position(CIPHER_OFFSET);
        cipher.apply(address(), CIPHER_OFFSET, from, into);
    }

    private int checksum(byte[] salt) {
        Invariant.check(salt.length == JournalFormat.SALT_BYTES, "salt length", salt.length, JournalFormat.SALT_BYTES);
        crc.reset();
        crc.update(salt, 0, salt.length);
        from.limit(JournalFormat.UNIT_BYTES).position(ADDRESS_OFFSET);
        crc.update(from);
        return (int) crc.getValue();
    }
}
