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
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Says that the index file beside it was closed cleanly, and what stood in it. It exists only while the index is closed:
 * opening deletes it, durably, before the first use, so that an index that was in use at a crash has none.
 *
 * <pre>
 *   0  magic "SLIXCLN2" (8 bytes)
 *   8  stamp of the committed state (u64)
 *  16  length of the index file (u64)
 *  24  CRC32C of the index file (u32), number of ranges n (u32)
 *  32  resident leaves (u64)
 *  40  journal settled below this address (u64)
 *  48  n x { first leaf (u64), end leaf (u64), locator (u64) }
 *      CRC32C of everything before (u32)
 * </pre>
 *
 * Little-endian.
 *
 * @param stamp of the committed state the index matches
 * @param fileBytes length of the index file
 * @param fileChecksum CRC32C of the index file
 * @param residents leaves in it
 * @param settledBelow the journal's tail
 * @param ranges records of whole leaves not yet settled
 */
record CleanMarker(
        long stamp,
        long fileBytes,
        int fileChecksum,
        long residents,
        long settledBelow,
        List<LeafRanges.Range> ranges) {
    private static final long MAGIC = 0x324e_4c43_5849_4c53L;
    private static final int HEAD_BYTES = 48;
    private static final int RANGE_BYTES = 24;
    private static final int SCAN_BYTES = 1 << 20;

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
        CleanMarker marker = new CleanMarker(
                stamp, Files.size(index), checksumOf(index), residents, settledBelow, List.copyOf(ranges));
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
        return stamp == expectedStamp
                && Files.isRegularFile(index)
                && Files.size(index) == fileBytes
                && checksumOf(index) == fileChecksum;
    }

    private static Optional<CleanMarker> parse(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length < HEAD_BYTES + Integer.BYTES || bytes.getLong(0) != MAGIC) {
            return Optional.empty();
        }
        int rangeCount = bytes.getInt(28);
        boolean whole = rangeCount >= 0
                && length == HEAD_BYTES + ((long) rangeCount * RANGE_BYTES) + Integer.BYTES
                && bytes.getInt(length - Integer.BYTES) == checksumOf(bytes, length - Integer.BYTES);
        if (!whole) {
            return Optional.empty();
        }
        List<LeafRanges.Range> ranges = new ArrayList<>(rangeCount);
        for (int i = 0; i < rangeCount; i++) {
            int at = HEAD_BYTES + (i * RANGE_BYTES);
            ranges.add(new LeafRanges.Range(bytes.getLong(at), bytes.getLong(at + 8), bytes.getLong(at + 16)));
        }
        return Optional.of(new CleanMarker(
                bytes.getLong(8), bytes.getLong(16), bytes.getInt(24), bytes.getLong(32), bytes.getLong(40), ranges));
    }

    private ByteBuffer toBytes() {
        int length = HEAD_BYTES + (ranges.size() * RANGE_BYTES) + Integer.BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(MAGIC).putLong(stamp).putLong(fileBytes);
        bytes.putInt(fileChecksum).putInt(ranges.size());
        bytes.putLong(residents).putLong(settledBelow);
        for (LeafRanges.Range range : ranges) {
            bytes.putLong(range.first()).putLong(range.end()).putLong(range.locator());
        }
        bytes.putInt(checksumOf(bytes, length - Integer.BYTES));
        return bytes.flip();
    }

    private static int checksumOf(ByteBuffer bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.duplicate().position(0).limit(length));
        return (int) checksum.getValue();
    }

    private static int checksumOf(Path file) throws IOException {
        CRC32C checksum = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocateDirect(SCAN_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(buffer) >= 0) {
                checksum.update(buffer.flip());
                buffer.clear();
            }
        }
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
