package io.sluice.target.cli;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.inspection.RestoreTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * An image as a sparse file: what was never written stays a hole. It remembers what it holds in a {@link RestoreState}, so
 * that an interrupted restore can be resumed, and one beside a running gateway be brought up to the newest state.
 */
final class ImageFile implements RestoreTarget, AutoCloseable {
    /** 256 MiB, of which the mapping alone is in memory. */
    private static final int SECTION_BLOCKS = 16 * 4096;

    private static final int ZERO_BYTES = 1 << 20;

    private final Path path;
    private final FileChannel file;
    private final RestoreState state;
    private long blocks;

    private ImageFile(Path path, FileChannel file, RestoreState state) {
        this.path = path;
        this.file = file;
        this.state = state;
    }

    /** An empty image in place of whatever is there. */
    static ImageFile create(Path path) throws IOException {
        RestoreState state = RestoreState.create(RestoreState.pathFor(path));
        return new ImageFile(
                path,
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                state);
    }

    /** The image that an interrupted restore left. */
    static ImageFile resume(Path path) throws IOException {
        RestoreState state = RestoreState.open(RestoreState.pathFor(path));
        return new ImageFile(path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE), state);
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    @Override
    public int sectionBlocks() {
        return SECTION_BLOCKS;
    }

    @Override
    public void begin(UUID volume, long imageBlocks) throws IOException {
        blocks = imageBlocks;
        state.begin(volume, imageBlocks);
        long bytes = imageBlocks << BlockGeometry.BLOCK_SHIFT;
        if (file.size() > bytes) {
            file.truncate(bytes);
        } else if (file.size() < bytes) {
            writeFully(ByteBuffer.allocate(1), bytes - 1); // sets the length; the rest is a hole
        }
    }

    @Override
    public Section section(long firstBlock, int count) throws IOException {
        return new OpenSection(firstBlock, state.openSection(firstBlock, count));
    }

    /** Only what an earlier pass put there must be written. */
    @Override
    public void skip(long firstBlock, long count) throws IOException {
        long end = firstBlock + count;
        long at = state.nextTouched(firstBlock, end);
        while (at < end) {
            int part = (int) Math.min(SECTION_BLOCKS, Math.min(end, state.touchedEnd()) - at);
            long[] standing = state.openSection(at, part);
            zero(at, part);
            file.force(false);
            java.util.Arrays.fill(standing, io.sluice.storage.format.Locator.ZERO);
            state.endSection(at, standing);
            at = state.nextTouched(at + part, end);
        }
    }

    @Override
    public void finish() throws IOException {
        file.truncate(blocks << BlockGeometry.BLOCK_SHIFT);
        file.force(true);
        state.delete();
        Path directory = path.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }

    /** Writes zeros only where there are none, so that holes stay holes. */
    private void zero(long firstBlock, long count) throws IOException {
        long at = firstBlock << BlockGeometry.BLOCK_SHIFT;
        long end = (firstBlock + count) << BlockGeometry.BLOCK_SHIFT;
        while (at < end) {
            int part = (int) Math.min(ZERO_BYTES, end - at);
            if (!isZero(at, part)) {
                writeFully(ByteBuffer.allocate(part), at);
            }
            at += part;
        }
    }

    private boolean isZero(long position, int length) throws IOException {
        ByteBuffer there = ByteBuffer.allocate(length);
        int read = 0;
        while (there.hasRemaining() && read >= 0) {
            read = file.read(there, position + there.position());
        }
        return there.clear().mismatch(ByteBuffer.allocate(length)) < 0;
    }

    private void writeFully(ByteBuffer bytes, long position) throws IOException {
        int start = bytes.position();
        while (bytes.hasRemaining()) {
            int unused = file.write(bytes, position + bytes.position() - start);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
        state.close();
    }

    private final class OpenSection implements Section {
        private final long firstBlock;
        private final long[] standing;

        OpenSection(long firstBlock, long[] standing) {
            this.firstBlock = firstBlock;
            this.standing = standing;
        }

        @Override
        public long[] standing() {
            return standing;
        }

        @Override
        public void write(int at, ByteBuffer content) throws IOException {
            writeFully(content.duplicate(), (firstBlock + at) << BlockGeometry.BLOCK_SHIFT);
        }

        @Override
        public void zero(int at, int count) throws IOException {
            ImageFile.this.zero(firstBlock + at, count);
        }

        @Override
        public void end(long[] locators) throws IOException {
            file.force(false);
            state.endSection(firstBlock, locators);
        }
    }
}
