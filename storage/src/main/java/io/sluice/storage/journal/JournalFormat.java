package io.sluice.storage.journal;

import io.sluice.storage.crypto.CounterLayout;
import io.sluice.storage.crypto.KeyDerivation;
import io.sluice.storage.crypto.LocalCipher;
import io.sluice.storage.crypto.LocalCiphers;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Descriptor of the journal's files, version 3; FORMAT.md beside this class draws them. All numbers are big-endian.
 *
 * <pre>
 *  address (62 bits)
 *  61                      24 23            0
 * +--------------------------+---------------+
 * | file number              | 4 KiB unit    |   unit 0 is the file header
 * +--------------------------+---------------+
 * </pre>
 */
final class JournalFormat {
    static final int UNIT_BYTES = BlockGeometry.BLOCK_BYTES;
    static final int UNIT_SHIFT = BlockGeometry.BLOCK_SHIFT;
    /** Bits of an address that name the unit in its file: files are at most 64 GiB. */
    static final int UNIT_BITS = 24;

    static final long FILE_NUMBER_MAX = Locator.ADDRESS_MAX >>> UNIT_BITS;
    static final int SALT_BYTES = 16;
    /** Smallest file: the header, a batch header and two blocks. */
    static final int FILE_UNITS_MIN = 4;

    /** "SLJB": first bytes of a batch. */
    static final int BATCH_MAGIC = 0x534c4a42;
    /** "SLJV": first bytes of a range that holds no batch because its write failed. */
    static final int VOID_MAGIC = 0x534c4a56;

    /** Most blocks in one batch. */
    static final int BATCH_BLOCKS_MAX = 256;
    /** Most records of references in one batch. */
    static final int BATCH_REFERENCES_MAX = 32;
    /** Where the entries of a batch header begin, bytes. */
    static final int ENTRIES_OFFSET = 48;

    static final int ENTRY_BYTES = 16;
    static final int CHECKSUM_BYTES = 4;
    /** Most entries in one batch: all of them zero records. */
    static final int BATCH_ENTRIES_MAX = (UNIT_BYTES - ENTRIES_OFFSET) / ENTRY_BYTES;

    /** From this version of the files on a batch is one run of the cipher. */
    private static final int RUNNING_COUNTER_VERSION = 3;

    private static final String CIPHER_PURPOSE = "journal";

    private static final String NAME_PREFIX = "journal-";

    private JournalFormat() {}

    static long address(long fileNumber, int unit) {
        return (fileNumber << UNIT_BITS) | unit;
    }

    static long fileNumber(long address) {
        return address >>> UNIT_BITS;
    }

    static int unit(long address) {
        return (int) (address & ((1 << UNIT_BITS) - 1));
    }

    /** Whether a batch of so many entries and blocks has room in its header. */
    static boolean fits(int entries, int blocks) {
        return ENTRIES_OFFSET + (entries * ENTRY_BYTES) + (blocks * CHECKSUM_BYTES) <= UNIT_BYTES
                && blocks <= BATCH_BLOCKS_MAX;
    }

    /** The cipher of a file of {@code version} with {@code salt}; {@code keys} null: the volume is not encrypted. */
    static LocalCipher cipher(@Nullable KeyDerivation keys, byte[] salt, int version) {
        return LocalCiphers.create(
                keys,
                CIPHER_PURPOSE,
                salt,
                version < RUNNING_COUNTER_VERSION ? CounterLayout.APART : CounterLayout.RUNNING);
    }

    static String fileName(long number) {
        return NAME_PREFIX + number;
    }

    /** The number in a file's name; empty when it is no journal file. */
    static OptionalLong numberOf(String fileName) {
        if (!fileName.matches(NAME_PREFIX + "[1-9][0-9]{0,11}")) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(fileName.substring(NAME_PREFIX.length()));
        return number <= FILE_NUMBER_MAX ? OptionalLong.of(number) : OptionalLong.empty();
    }
}
