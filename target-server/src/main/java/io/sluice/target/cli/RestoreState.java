package io.sluice.target.cli;

import io.sluice.storage.format.Locator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * What a restore that is not finished has put into its image, beside it: one locator for each block. It is sparse, takes at
 * most 8 bytes per block (0.2 % of the image), and is removed when the image is complete.
 *
 * <pre>
 *    0  magic "SluiceRI", version (u32) = 1, 0 (u32)
 *   16  UUID of the volume
 *   32  blocks of the image, first and end block of the dirty window, end of what was ever touched (u64 each)
 *   64  CRC32C of bytes 0-63 (u32)
 * 4096  one word per block: 0: reads as zeros; all ones: not known; else the locator of what was put there
 * </pre>
 *
 * <p>Big-endian. Ordering rules: 1. a section lies in the dirty window, durably, before anything is written to it; 2. its
 * blocks are durable in the image before its words are written; 3. its words are durable before it leaves the window. So
 * after a crash, outside of the window a word is true.
 */
final class RestoreState implements AutoCloseable {
    /** Not known what stands there. */
    private static final long NOT_KNOWN = -1;

    private static final long MAGIC = 0x536c_7569_6365_5249L;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 68;
    private static final int WORDS_AT = 4096;
    private static final int CHUNK_WORDS = 1 << 16;

    private final Path path;
    private final FileChannel file;
    private UUID volume = new UUID(0, 0);
    private long blocks;
    private long dirtyFirst;
    private long dirtyEnd;
    private long touchedEnd;

    private RestoreState(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /** The state file of {@code image}. */
    static Path pathFor(Path image) {
        return image.resolveSibling(image.getFileName() + ".sluice-restore");
    }

    /** A new one in place of whatever is there; locked. */
    static RestoreState create(Path path) throws IOException {
        RestoreState state = new RestoreState(
                path,
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        state.lock();
        state.file.truncate(0);
        return state;
    }

    /** The one that an interrupted restore left; locked. Fails when it is damaged. */
    static RestoreState open(Path path) throws IOException {
        RestoreState state =
                new RestoreState(path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
        try {
            state.lock();
            state.readHeader();
            return state;
        } catch (IOException failure) {
            state.close();
            throw failure;
        }
    }

    private void lock() throws IOException {
        try {
            if (file.tryLock() != null) {
                return;
            }
        } catch (java.nio.channels.OverlappingFileLockException ours) {
            throw new IOException(path + " is in use: another restore into this image is running", ours);
        }
        throw new IOException(path + " is in use: another restore into this image is running");
    }

    private void readHeader() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        boolean whole = file.size() >= HEADER_BYTES;
        if (whole) {
            readFully(header, 0);
            header.flip();
        }
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, HEADER_BYTES - Integer.BYTES);
        if (!whole
                || header.getLong() != MAGIC
                || header.getInt(HEADER_BYTES - Integer.BYTES) != (int) crc.getValue()) {
            throw new IOException(path + " is not the state of a restore, or damaged; begin anew with --force");
        }
        int version = header.getInt();
        if (version != VERSION) {
            throw new IOException(path + " is of version " + version + ", this Sluice knows version " + VERSION);
        }
        header.getInt();
        volume = new UUID(header.getLong(), header.getLong());
        blocks = header.getLong();
        dirtyFirst = header.getLong();
        dirtyEnd = header.getLong();
        touchedEnd = header.getLong();
    }

    private void writeHeader() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(MAGIC).putInt(VERSION).putInt(0);
        header.putLong(volume.getMostSignificantBits()).putLong(volume.getLeastSignificantBits());
        header.putLong(blocks).putLong(dirtyFirst).putLong(dirtyEnd).putLong(touchedEnd);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, HEADER_BYTES - Integer.BYTES);
        header.putInt((int) crc.getValue());
        writeFully(header.flip(), 0);
        file.force(false);
    }

    /** A pass over {@code volume} begins: what an interrupted one may have touched is no longer known. */
    void begin(UUID of, long imageBlocks) throws IOException {
        boolean fresh = blocks == 0;
        if (!fresh && !of.equals(volume)) {
            throw new IOException("the image was begun from volume " + volume + ", this is volume " + of
                    + "; restore into another file, or begin anew with --force");
        }
        volume = of;
        blocks = Math.max(blocks, imageBlocks);
        forgetDirty();
        writeHeader();
    }

    private void forgetDirty() throws IOException {
        for (long at = dirtyFirst; at < dirtyEnd; at += CHUNK_WORDS) {
            long[] words = new long[(int) Math.min(CHUNK_WORDS, dirtyEnd - at)];
            java.util.Arrays.fill(words, NOT_KNOWN);
            writeWords(at, words);
        }
        if (dirtyEnd > dirtyFirst) {
            file.force(false);
        }
        dirtyFirst = 0;
        dirtyEnd = 0;
    }

    /** Blocks behind this one were never touched: they read as zeros. */
    long touchedEnd() {
        return touchedEnd;
    }

    /** The section is about to be written; what stands in it, as {@link io.sluice.storage.inspection.RestoreTarget} says it. */
    long[] openSection(long firstBlock, int count) throws IOException {
        long[] words = readWords(firstBlock, count);
        dirtyFirst = dirtyEnd == 0 ? firstBlock : Math.min(dirtyFirst, firstBlock);
        dirtyEnd = Math.max(dirtyEnd, firstBlock + count);
        touchedEnd = Math.max(touchedEnd, firstBlock + count);
        writeHeader();
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i] == 0 ? Locator.ZERO : words[i] == NOT_KNOWN ? Locator.UNKNOWN : words[i];
        }
        return words;
    }

    /** The section's blocks are durable in the image. Sections end in the order in which they were opened. */
    void endSection(long firstBlock, long[] locators) throws IOException {
        long[] words = new long[locators.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = Locator.isZero(locators[i]) ? 0 : locators[i] == Locator.UNKNOWN ? NOT_KNOWN : locators[i];
        }
        writeWords(firstBlock, words);
        file.force(false);
        dirtyFirst = firstBlock + locators.length;
        if (dirtyFirst >= dirtyEnd) {
            dirtyFirst = 0;
            dirtyEnd = 0;
        }
    }

    /** The next block from {@code from} on, before {@code end}, that may not read as zeros; {@code end} for none. */
    long nextTouched(long from, long end) throws IOException {
        long stop = Math.min(end, touchedEnd);
        for (long at = from; at < stop; at += CHUNK_WORDS) {
            long[] words = readWords(at, (int) Math.min(CHUNK_WORDS, stop - at));
            for (int i = 0; i < words.length; i++) {
                if (words[i] != 0) {
                    return at + i;
                }
            }
        }
        return end;
    }

    private long[] readWords(long firstBlock, int count) throws IOException {
        long[] words = new long[count];
        long position = WORDS_AT + firstBlock * Long.BYTES;
        int there = (int) Math.max(0, Math.min(count, (file.size() - position) / Long.BYTES));
        if (there > 0) {
            ByteBuffer bytes = ByteBuffer.allocate(there * Long.BYTES);
            readFully(bytes, position);
            bytes.flip().asLongBuffer().get(words, 0, there);
        }
        return words;
    }

    private void writeWords(long firstBlock, long[] words) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(words.length * Long.BYTES);
        bytes.asLongBuffer().put(words);
        writeFully(bytes, WORDS_AT + firstBlock * Long.BYTES);
    }

    private void readFully(ByteBuffer bytes, long position) throws IOException {
        while (bytes.hasRemaining()) {
            if (file.read(bytes, position + bytes.position()) < 0) {
                throw new IOException(path + " is cut off; begin anew with --force");
            }
        }
    }

    private void writeFully(ByteBuffer bytes, long position) throws IOException {
        while (bytes.hasRemaining()) {
            int unused = file.write(bytes, position + bytes.position());
        }
    }

    /** The image is complete and durable: nothing is to be remembered any more. */
    void delete() throws IOException {
        file.close();
        Files.deleteIfExists(path);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
