package io.sluice.target.cli;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.inspection.RestoreTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;

/** An image as a plain stream of bytes, in order, zeros included: standard output, a pipe, a device. */
final class ImageStream implements RestoreTarget {
    /** 32 MiB; two of them are in memory at a time. */
    private static final int SECTION_BLOCKS = 2 * 4096;

    private static final byte[] ZEROS = new byte[1 << 20];

    private final OutputStream out;
    private boolean begun;

    ImageStream(OutputStream out) {
        this.out = out;
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public int sectionBlocks() {
        return SECTION_BLOCKS;
    }

    @Override
    public void begin(UUID volume, long blocks) {
        if (begun) {
            throw new IllegalStateException("a stream was begun twice");
        }
        begun = true;
    }

    @Override
    public Section section(long firstBlock, int count) {
        return new BufferedSection(count);
    }

    @Override
    public void skip(long firstBlock, long count) throws IOException {
        for (long left = count << BlockGeometry.BLOCK_SHIFT; left > 0; left -= ZEROS.length) {
            out.write(ZEROS, 0, (int) Math.min(left, ZEROS.length));
        }
    }

    @Override
    public void finish() throws IOException {
        out.flush();
    }

    private final class BufferedSection implements Section {
        private final byte[] bytes;
        private final int count;

        BufferedSection(int count) {
            this.count = count;
            this.bytes = new byte[count << BlockGeometry.BLOCK_SHIFT];
        }

        @Override
        public long[] standing() {
            long[] zeros = new long[count];
            Arrays.fill(zeros, Locator.ZERO);
            return zeros;
        }

        @Override
        public void write(int at, ByteBuffer blocks) {
            blocks.duplicate().get(bytes, at << BlockGeometry.BLOCK_SHIFT, blocks.remaining());
        }

        @Override
        public void zero(int at, int zeros) {
            Arrays.fill(bytes, at << BlockGeometry.BLOCK_SHIFT, (at + zeros) << BlockGeometry.BLOCK_SHIFT, (byte) 0);
        }

        @Override
        public void end(long[] locators) throws IOException {
            out.write(bytes);
        }
    }
}
