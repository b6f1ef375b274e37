package io.sluice.storage.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.zip.CRC32C;

/**
 * What an index file consisted of when it was closed. Its space is reserved for all leaves that there may ever be, and most
 * of it was never written: chunks that hold nothing but zeros are noted as such, and read again only when somebody may have
 * changed the file meanwhile.
 *
 * <p>So a file is found changed
 *
 * <ol>
 *   <li>by its length;
 *   <li>by the checksum of all chunks that were not zero, always;
 *   <li>by a chunk of zeros that is none any more, when the file's {@link FileIdentity} is another one or not known, so when
 *       it was written to, replaced, or copied. With the same identity only the disk can have changed such a chunk, and there
 *       the file system has either not stored anything (space that is reserved and was never written reads as zeros) or
 *       zeros.
 * </ol>
 *
 * @param bytes length of the file
 * @param checksum CRC32C of the chunks that are not zero, in order
 * @param identity of the file; has to be taken when everything in it is durable
 * @param written the chunks that are not zero
 */
record FileSeal(long bytes, int checksum, FileIdentity identity, BitSet written) {
    /** Unit of what is known to be zeros. */
    static final int CHUNK_BYTES = 64 << 10;

    FileSeal {
        written = (BitSet) written.clone();
    }

    @Override
    public BitSet written() {
        return (BitSet) written.clone();
    }

    /** Reads all of {@code file}, which is durable. */
    static FileSeal of(Path file) throws IOException {
        long bytes = Files.size(file);
        FileIdentity identity = FileIdentity.of(file);
        CRC32C checksum = new CRC32C();
        BitSet written = new BitSet();
        ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
            for (int number = 0; number < chunks(bytes); number++) {
                read(channel, chunk, number, bytes);
                if (chunk.mismatch(zeros.limit(chunk.limit())) >= 0) {
                    written.set(number);
                    checksum.update(chunk);
                }
            }
        }
        return new FileSeal(bytes, (int) checksum.getValue(), identity, written);
    }

    /** True when {@code file} is what was sealed. */
    boolean fits(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) != bytes) {
            return false;
        }
        if (isUntouched(file)) {
            return checksum == checksumOfWritten(file);
        }
        FileSeal now = of(file);
        return checksum == now.checksum && written.equals(now.written);
    }

    /** True when only the disk can have changed {@code file}, so that its chunks of zeros need no look. */
    boolean isUntouched(Path file) throws IOException {
        return identity.isKnownAs(FileIdentity.of(file));
    }

    /** Bytes that are read of a file that is {@linkplain #isUntouched untouched}. */
    long writtenBytes() {
        return (long) written.cardinality() * CHUNK_BYTES;
    }

    private int checksumOfWritten(Path file) throws IOException {
        CRC32C sum = new CRC32C();
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (int number = written.nextSetBit(0); number >= 0; number = written.nextSetBit(number + 1)) {
                read(channel, chunk, number, bytes);
                sum.update(chunk);
            }
        }
        return (int) sum.getValue();
    }

    private static int chunks(long bytes) {
        return Math.toIntExact((bytes + CHUNK_BYTES - 1) / CHUNK_BYTES);
    }

    /** Leaves {@code chunk} at its begin; what is missing at the end of the file was cut off meanwhile. */
    private static void read(FileChannel channel, ByteBuffer chunk, int number, long bytes) throws IOException {
        long at = (long) number * CHUNK_BYTES;
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, bytes - at));
        int count = 0;
        while (chunk.hasRemaining() && count >= 0) {
            count = channel.read(chunk, at + chunk.position());
        }
        chunk.flip();
    }
}
