package io.sluice.storage.journal;

import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Reads single blocks of the log, or a few neighbours. The file of a block may be released and used again while it is read; whoever sees the
 * tail still at or below the address <em>after</em> the read has read what stood there, because the tail moves before
 * the first byte of a new use is written. Thread-safe.
 */
final class BlockReader {
    private static final int CIPHER_ALIGNMENT_BYTES = 16;
    private static final ThreadLocal<Scratch> SCRATCHES = ThreadLocal.withInitial(Scratch::new);

    private final LiveFiles live;
    private final AppendSpace space;

    BlockReader(LiveFiles live, AppendSpace space) {
        this.live = live;
        this.space = space;
    }

    /** As {@link Journal#readPart}. */
    boolean read(long address, int from, ByteBuffer destination) throws IOException {
        int end = from + destination.remaining();
        Invariant.check(
                from >= 0
                        && from < JournalFormat.UNIT_BYTES
                        && end > from
                        && end <= Journal.RUN_BLOCKS_MAX << JournalFormat.UNIT_SHIFT,
                "range of blocks",
                from,
                end);
        JournalFile file = live.find(address);
        if (file == null || address < space.tail()) {
            Invariant.check(address < space.tail(), "address is behind the log", address, space.tail());
            return false;
        }
        Scratch scratch = SCRATCHES.get();
        int blocks = (end + JournalFormat.UNIT_BYTES - 1) >>> JournalFormat.UNIT_SHIFT;
        try {
            scratch.load(file, JournalFormat.unit(address), blocks);
        } catch (IOException e) {
            if (address < space.tail()) {
                return false;
            }
            throw e;
        }
        if (address < space.tail()) {
            return false;
        }
        for (int i = 0; i < blocks; i++) {
            scratch.check(file, address + i, i);
        }
        scratch.decrypt(file, address, from, destination);
        return true;
    }

    /** What one thread reads into. */
    private static final class Scratch {
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(Journal.RUN_BLOCKS_MAX << JournalFormat.UNIT_SHIFT);
        /** For a read that begins within an AES block. */
        private final ByteBuffer first = ByteBuffer.allocate(CIPHER_ALIGNMENT_BYTES);

        private final CRC32C crc = new CRC32C();

        void load(JournalFile file, int unit, int blocks) throws IOException {
            file.disk()
                    .read(
                            bytes.clear().limit(blocks << JournalFormat.UNIT_SHIFT),
                            (long) unit << JournalFormat.UNIT_SHIFT);
        }

        void check(JournalFile file, long address, int block) throws IOException {
            int start = block << JournalFormat.UNIT_SHIFT;
            crc.reset();
            crc.update(bytes.limit(start + JournalFormat.UNIT_BYTES).position(start));
            if ((int) crc.getValue() != file.checksum(JournalFormat.unit(address))) {
                throw new IOException("the block at journal address " + address + " ("
                        + file.disk().name() + ") is damaged: its checksum is wrong");
            }
        }

        void decrypt(JournalFile file, long address, int from, ByteBuffer destination) {
            int end = from + destination.remaining();
            int skipped = from % CIPHER_ALIGNMENT_BYTES;
            int at = from;
            if (skipped > 0) {
                int start = from - skipped;
                apply(file, address, start, start + CIPHER_ALIGNMENT_BYTES, first.clear());
                first.flip().position(skipped);
                destination.put(first.limit(Math.min(CIPHER_ALIGNMENT_BYTES, skipped + end - from)));
                at = start + CIPHER_ALIGNMENT_BYTES;
            }
            while (at < end) {
                int to = file.cipher().runsOn() ? end : Math.min(end, (at | (JournalFormat.UNIT_BYTES - 1)) + 1);
                apply(file, address, at, to, destination);
                at = to;
            }
        }

        private void apply(JournalFile file, long address, int start, int end, ByteBuffer destination) {
            file.cipher()
                    .apply(
                            address + (start >>> JournalFormat.UNIT_SHIFT),
                            start & (JournalFormat.UNIT_BYTES - 1),
                            bytes.limit(end).position(start),
                            destination);
        }
    }
}
