package io.sluice.storage.segment;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * zstd with its native contexts used again: making one costs more than compressing a frame. At most {@link #RESTING_MAX}
 * of each kind are kept. Thread-safe.
 */
final class ZstdContexts implements AutoCloseable {
    private static final int RESTING_MAX = 8;

    private final int level;
    private final ArrayBlockingQueue<Compressor> compressors = new ArrayBlockingQueue<>(RESTING_MAX);
    private final ArrayBlockingQueue<ZstdDecompressCtx> decompressors = new ArrayBlockingQueue<>(RESTING_MAX);

    /** A context and room for what it makes. */
    private record Compressor(ZstdCompressCtx context, byte[] room) {}

    ZstdContexts(int level) {
        this.level = level;
    }

    /** {@code head}, then {@code source} compressed; null when that part would be longer than {@code lengthMax}. */
    byte @Nullable [] compress(byte[] head, byte[] source, int offset, int length, int lengthMax) {
        Compressor compressor = compressors.poll();
        if (compressor == null) {
            compressor = newCompressor();
        }
        try {
            int made = compressor.context().compressByteArray(compressor.room(), 0, lengthMax, source, offset, length);
            byte[] packed = Arrays.copyOf(head, head.length + made);
            System.arraycopy(compressor.room(), 0, packed, head.length, made);
            return packed;
        } catch (ZstdException e) {
            if (isTooShort(e)) {
                return null;
            }
            throw e;
        } finally {
            if (!compressors.offer(compressor)) {
                compressor.context().close();
            }
        }
    }

    private Compressor newCompressor() {
        ZstdCompressCtx context = new ZstdCompressCtx();
        context.setLevel(level);
        return new Compressor(context, new byte[SegmentFormat.FRAME_RAW_BYTES_MAX]);
    }

    /**
     * Decompresses into {@code destination}, never beyond it; returns the length.
     *
     * @throws ZstdException when the bytes are not a zstd frame, or one that is longer than the destination
     */
    int decompress(byte[] destination, byte[] source, int offset, int length) {
        ZstdDecompressCtx context = decompressors.poll();
        if (context == null) {
            context = new ZstdDecompressCtx();
        }
        try {
            return context.decompressByteArray(destination, 0, destination.length, source, offset, length);
        } finally {
            if (!decompressors.offer(context)) {
                context.close();
            }
        }
    }

    private static boolean isTooShort(ZstdException failure) {
        return failure.getErrorCode() == Zstd.errDstSizeTooSmall();
    }

    /** Frees the contexts at rest; harmless when some are in use or used later. */
    @Override
    public void close() {
        for (Compressor one = compressors.poll(); one != null; one = compressors.poll()) {
            one.context().close();
        }
        for (ZstdDecompressCtx context = decompressors.poll(); context != null; context = decompressors.poll()) {
            context.close();
        }
    }
}
