package io.sluice.storage.journal;

import io.sluice.storage.crypto.LocalCipher;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The batch one appender gathers, as it will stand in the file: 4 KiB for the header, then the blocks. Entries are kept
 * beside it until the address is known; neighbouring LBAs share an entry. Not thread-safe; allocates only to grow.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>What was added fits one header ({@link JournalFormat#fits}).
 *   <li>All zero records of a batch carry the address of its header, which is lower than that of every block of it:
 *       therefore a zero record never covers a block that was added before it (that one needs the next batch).
 *   <li>Once {@link #seal} was called the bytes are cipher text, and only {@link #clear} may follow the write.
 * </ol>
 */
final class BatchImage {
    private static final int FIRST_BLOCKS = 32;

    private final int blocksMax;
    private final int[] kinds = new int[JournalFormat.BATCH_ENTRIES_MAX];
    private final long[] lbas = new long[JournalFormat.BATCH_ENTRIES_MAX];
    private final long[] counts = new long[JournalFormat.BATCH_ENTRIES_MAX];
    private final List<ReferenceRuns> references = new ArrayList<>(0);
    private final BatchHeader header = new BatchHeader();
    private final CRC32C crc = new CRC32C();
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private ByteBuffer from = bytes;
    private ByteBuffer into = bytes;
    private int added;
    private int entries;
    private int blocks;

    BatchImage(int blocksMax) {
        this.blocksMax = blocksMax;
        resize(Math.min(FIRST_BLOCKS, blocksMax));
    }

    /** Copies 4096 bytes; false when the batch is full. */
    boolean addBlock(long lba, ByteBuffer source, int offset) {
        checkLba(lba, 1);
        boolean extend = extendsLast(BatchHeader.KIND_BLOCKS, lba);
        if (blocks == blocksMax || !JournalFormat.fits(extend ? entries : entries + 1, blocks + 1)) {
            return false;
        }
        putBlock(source, offset);
        addEntry(extend, BatchHeader.KIND_BLOCKS, lba, 1);
        return true;
    }

    /** As {@link #addBlock}, for all of {@code count} blocks. */
    boolean addPattern(long lba, long count, ByteBuffer source, int offset) {
        return addExtent(BatchHeader.KIND_PATTERN, lba, count, source, offset);
    }

    /** False when the batch is full: a header of a segment must be able to hold what one batch refers to. */
    boolean addReferences(long lba, ReferenceRuns runs) {
        if (references.size() == JournalFormat.BATCH_REFERENCES_MAX
                || !addExtent(BatchHeader.KIND_REFERENCES, lba, runs.count(), runs.toBlock(), 0)) {
            return false;
        }
        references.add(runs);
        return true;
    }

    /** An entry of several LBAs with one block behind the header. */
    private boolean addExtent(int kind, long lba, long count, ByteBuffer source, int offset) {
        checkLba(lba, count);
        if (blocks == blocksMax || !JournalFormat.fits(entries + 1, blocks + 1)) {
            return false;
        }
        putBlock(source, offset);
        addEntry(false, kind, lba, count);
        return true;
    }

    private void putBlock(ByteBuffer source, int offset) {
        if ((blocks + 2) * JournalFormat.UNIT_BYTES > bytes.capacity()) {
            resize(Math.min(blocksMax, blocks * 2));
        }
        bytes.put((blocks + 1) << JournalFormat.UNIT_SHIFT, source, offset, JournalFormat.UNIT_BYTES);
        blocks++;
    }

    /** False when the batch is full, or holds one of these blocks. */
    boolean addZero(long lba, long count) {
        checkLba(lba, count);
        boolean extend = extendsLast(BatchHeader.KIND_ZEROS, lba);
        if (!JournalFormat.fits(extend ? entries : entries + 1, blocks) || holdsBlockIn(lba, count)) {
            return false;
        }
        addEntry(extend, BatchHeader.KIND_ZEROS, lba, count);
        return true;
    }

    /** Calls that {@link #apply} makes: one for each block and each range of zeros; adjacent ranges are one. */
    int added() {
        return added;
    }

    int blocks() {
        return blocks;
    }

    /** Encrypts for {@code reservation}'s place, notes the checksums in its file, and gives the bytes to write. */
    ByteBuffer seal(Reservation reservation, long timeMillis) {
        JournalFile file = reservation.file();
        header.begin(reservation.address(), file.epoch(), timeMillis, entries, blocks);
        for (int i = 0; i < entries; i++) {
            header.entry(i, kinds[i], lbas[i], counts[i]);
        }
        encryptBlocks(file.cipher(), reservation.address() + 1);
        for (int block = 0; block < blocks; block++) {
            int checksum = checksum(block);
            header.blockChecksum(block, checksum);
            file.checksum(reservation.unit() + 1 + block, checksum);
        }
        header.seal(file.cipher(), file.salt());
        return bytes.limit((blocks + 1) << JournalFormat.UNIT_SHIFT).position(0);
    }

    /** All of them in one run: their addresses follow each other. */
    private void encryptBlocks(LocalCipher cipher, long firstAddress) {
        if (blocks > 0) {
            aim(from, 0, blocks);
            aim(into, 0, blocks);
            cipher.apply(firstAddress, 0, from, into);
        }
    }

    private int checksum(int block) {
        aim(from, block, 1);
        crc.reset();
        crc.update(from);
        return (int) crc.getValue();
    }

    /** Turns the image into a void range in the same place; the batch is lost. */
    ByteBuffer sealVoid(Reservation reservation, long timeMillis) {
        JournalFile file = reservation.file();
        header.makeVoid(reservation.address(), file.epoch(), timeMillis, blocks);
        header.seal(file.cipher(), file.salt());
        return bytes.limit(JournalFormat.UNIT_BYTES).position(0);
    }

    /** Gives the entries in the order in which they were added. */
    void apply(long address, JournalAppender.Applier applier) {
        long blockAddress = address + 1;
        int reference = 0;
        for (int i = 0; i < entries; i++) {
            switch (kinds[i]) {
                case BatchHeader.KIND_ZEROS -> applier.zero(lbas[i], counts[i], address);
                case BatchHeader.KIND_PATTERN -> applier.pattern(lbas[i], counts[i], blockAddress++);
                case BatchHeader.KIND_REFERENCES ->
                    applier.references(lbas[i], references.get(reference++), blockAddress++);
                default -> {
                    for (long j = 0; j < counts[i]; j++) {
                        applier.block(lbas[i] + j, blockAddress++);
                    }
                }
            }
        }
    }

    void clear() {
        bytes.clear();
        added = 0;
        entries = 0;
        blocks = 0;
        references.clear();
    }

    private void addEntry(boolean extend, int kind, long lba, long count) {
        if (extend) {
            counts[entries - 1] += count;
        } else {
            kinds[entries] = kind;
            lbas[entries] = lba;
            counts[entries] = count;
            entries++;
        }
        // Readers of the log count an extent once, and each block.
        added += extend && kind == BatchHeader.KIND_ZEROS ? 0 : 1;
    }

    private boolean extendsLast(int kind, long lba) {
        return entries > 0 && kinds[entries - 1] == kind && lbas[entries - 1] + counts[entries - 1] == lba;
    }

    /** A zero record has a lower address than any block of the batch, so it must not come after one of its own blocks. */
    private boolean holdsBlockIn(long lba, long count) {
        for (int i = 0; i < entries; i++) {
            if (kinds[i] != BatchHeader.KIND_ZEROS && lbas[i] < lba + count && lba < lbas[i] + counts[i]) {
                return true;
            }
        }
        return false;
    }

    private static void checkLba(long lba, long count) {
        Invariant.check(
                lba >= 0 && count > 0 && lba <= BatchHeader.LBA_MAX && count <= BatchHeader.LBA_MAX - lba + 1,
                "LBA range",
                lba,
                count);
    }

    private void resize(int newBlocks) {
        ByteBuffer larger = ByteBuffer.allocateDirect((newBlocks + 1) << JournalFormat.UNIT_SHIFT);
        larger.put(0, bytes, 0, Math.min(bytes.capacity(), (blocks + 1) << JournalFormat.UNIT_SHIFT));
        bytes = larger;
        from = larger.duplicate();
        into = larger.duplicate();
        header.wrap(larger);
    }

    private static void aim(ByteBuffer view, int block, int count) {
        int start = (block + 1) << JournalFormat.UNIT_SHIFT;
        view.limit(start + (count << JournalFormat.UNIT_SHIFT)).position(start);
    }
}
