package io.sluice.storage.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Says that the index file beside it was closed cleanly, and what stood in it. It exists only while the index is closed:
 * opening deletes it, durably, before the first use, so that an index that was in use at a crash has none.
 *
 * <pre>
 *   0  magic "SLIXCLN3" (8 bytes)
 *   8  stamp of the committed state (u64)
 *  16  length of the index file (u64)
 *  24  CRC32C of its chunks that are not zero (u32), number of ranges n (u32)
 *  32  resident leaves (u64)
 *  40  journal settled below this address (u64)
 *  48  identity of the index file: inode, time of last modification, of last change (3 x u64, nanoseconds since 1970)
 *  72  n x { first leaf (u64), end leaf (u64), locator (u64) }
 *      one bit per chunk of 64 KiB of the index file, set where it is not zero (up to the last one set)
 *      CRC32C of everything before (u32)
 * </pre>
 *
 * Little-endian.
 *
 * @param stamp of the committed state the index matches
 * @param seal what the index file consisted of
 * @param residents leaves in it
 * @param settledBelow the journal's tail
 * @param ranges records of whole leaves not yet settled
 */
record CleanMarker(long stamp, FileSeal seal, long residents, long settledBelow, List<LeafRanges.Range> ranges) {
    private static final long MAGIC = 0x334e_4c43_5849_4c53L;
    private static final int IDENTITY_AT = 48;
    private static final int HEAD_BYTES = IDENTITY_AT + FileIdentity.BYTES;
    private static final int RANGE_BYTES = 24;

    static Path pathFor(Path index) {
        return index.resolveSibling(index.getFileName() + ".clean");
    }

    /** Reads the marker of {@code index} and deletes it durably; empty when there is none or it is damaged. */
    static Optional<CleanMarker> take(Path index) throws IOException {
        Path path = pathFor(index);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
        Files.delete(path);
        syncDirectory(path);
        return parse(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** Makes the index file durable, then the marker that vouches for it. */
    static void leave(Path index, long stamp, long residents, long settledBelow, List<LeafRanges.Range> ranges)
            throws IOException {
        try (FileChannel channel = FileChannel.open(index, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        CleanMarker marker = new CleanMarker(stamp, FileSeal.of(index), residents, settledBelow, List.copyOf(ranges));
        Path path = pathFor(index);
        Path draft = path.resolveSibling(path.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = marker.toBytes();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncDirectory(path);
    }

    /** True when {@code index} is the file this marker vouches for, and matches {@code expectedStamp}. */
    boolean vouchesFor(Path index, long expectedStamp) throws IOException {
        return stamp == expectedStamp && seal.fits(index);
    }

    private static Optional<CleanMarker> parse(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length < HEAD_BYTES + Integer.BYTES || bytes.getLong(0) != MAGIC) {
            return Optional.empty();
        }
        int rangeCount = bytes.getInt(28);
        long chunksAt = HEAD_BYTES + ((long) rangeCount * RANGE_BYTES);
        boolean whole = rangeCount >= 0
                && chunksAt <= length - Integer.BYTES
                && bytes.getInt(length - Integer.BYTES) == checksumOf(bytes, length - Integer.BYTES);
        if (!whole) {
            return Optional.empty();
        }
        List<LeafRanges.Range> ranges = new ArrayList<>(rangeCount);
        for (int at = HEAD_BYTES; at < chunksAt; at += RANGE_BYTES) {
            ranges.add(new LeafRanges.Range(bytes.getLong(at), bytes.getLong(at + 8), bytes.getLong(at + 16)));
        }
        BitSet written = BitSet.valueOf(bytes.slice((int) chunksAt, length - Integer.BYTES - (int) chunksAt));
        FileSeal seal = new FileSeal(bytes.getLong(16), bytes.getInt(24), identityIn(bytes), written);
        return Optional.of(new CleanMarker(bytes.getLong(8), seal, bytes.getLong(32), bytes.getLong(40), ranges));
    }

    private static FileIdentity identityIn(ByteBuffer bytes) {
        return new FileIdentity(
                bytes.getLong(IDENTITY_AT), bytes.getLong(IDENTITY_AT + 8), bytes.getLong(IDENTITY_AT + 16));
    }

    private ByteBuffer toBytes() {
        byte[] chunks = seal.written().toByteArray();
        int length = HEAD_BYTES + (ranges.size() * RANGE_BYTES) + chunks.length + Integer.BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC).putLong(stamp).putLong(seal.bytes());
        bytes.putInt(seal.checksum()).putInt(ranges.size());
        bytes.putLong(residents).putLong(settledBelow);
        FileIdentity identity = seal.identity();
        bytes.putLong(identity.inode()).putLong(identity.modifiedNanos()).putLong(identity.changedNanos());
        for (LeafRanges.Range range : ranges) {
            bytes.putLong(range.first()).putLong(range.end()).putLong(range.locator());
        }
        bytes.put(chunks);
        bytes.putInt(checksumOf(bytes, length - Integer.BYTES));
        return bytes.flip();
    }

    private static int checksumOf(ByteBuffer bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.duplicate().position(0).limit(length));
        return (int) checksum.getValue();
    }

    private static void syncDirectory(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
