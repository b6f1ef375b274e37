package io.sluice.storage.journal;

import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Reads single blocks of the log. The file of a block may be released and used again while it is read; whoever sees the
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
        int count = destination.remaining();
        Invariant.check(
                from >= 0 && count > 0 && from + count <= JournalFormat.UNIT_BYTES, "part of a block", from, count);
        JournalFile file = live.find(address);
        if (file == null || address < space.tail()) {
            Invariant.check(address < space.tail(), "address is behind the log", address, space.tail());
            return false;
        }
        Scratch scratch = SCRATCHES.get();
        try {
            scratch.load(file, JournalFormat.unit(address));
        } catch (IOException e) {
            if (address < space.tail()) {
                return false;
            }
            throw e;
        }
        if (address < space.tail()) {
            return false;
        }
        if (scratch.checksum() != file.checksum(JournalFormat.unit(address))) {
            throw new IOException("the block at journal address " + address + " ("
                    + file.disk().name() + ") is damaged: its checksum is wrong");
        }
        scratch.decrypt(file, address, from, destination);
        return true;
    }

    /** What one thread reads into. */
    private static final class Scratch {
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(JournalFormat.UNIT_BYTES);
        private final ByteBuffer plain = bytes.duplicate();
        private final CRC32C crc = new CRC32C();

        void load(JournalFile file, int unit) throws IOException {
            file.disk().read(bytes.clear(), (long) unit << JournalFormat.UNIT_SHIFT);
        }

        int checksum() {
            crc.reset();
            crc.update(bytes.clear());
            return (int) crc.getValue();
        }

        void decrypt(JournalFile file, long address, int from, ByteBuffer destination) {
            int count = destination.remaining();
            int aligned = from - (from % CIPHER_ALIGNMENT_BYTES);
            bytes.limit(from + count).position(aligned);
            if (aligned == from) {
                file.cipher().apply(address, from, bytes, destination);
                return;
            }
            plain.clear().position(aligned);
            file.cipher().apply(address, aligned, bytes, plain);
            destination.put(plain.limit(from + count).position(from));
        }
    }
}
