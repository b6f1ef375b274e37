package io.sluice.storage.segment;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * zstd with its native contexts used again: making one costs more than compressing a frame. At most {@link #RESTING_MAX}
 * of each kind are kept. Thread-safe.
 */
final class ZstdContexts implements AutoCloseable {
    private static final int RESTING_MAX = 8;

    private final int level;
    private final ArrayBlockingQueue<ZstdCompressCtx> compressors = new ArrayBlockingQueue<>(RESTING_MAX);
    private final ArrayBlockingQueue<ZstdDecompressCtx> decompressors = new ArrayBlockingQueue<>(RESTING_MAX);

    ZstdContexts(int level) {
        this.level = level;
    }

    /** Compresses; returns the compressed length, or -1 when {@code destination} is too short for it. */
    int compress(byte[] destination, byte[] source, int offset, int length) {
        ZstdCompressCtx context = compressors.poll();
        if (context == null) {
            context = new ZstdCompressCtx();
            context.setLevel(level);
        }
        try {
            return context.compressByteArray(destination, 0, destination.length, source, offset, length);
        } catch (ZstdException e) {
            if (isTooShort(e)) {
                return -1;
            }
            throw e;
        } finally {
            if (!compressors.offer(context)) {
                context.close();
            }
        }
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
        for (ZstdCompressCtx context = compressors.poll(); context != null; context = compressors.poll()) {
            context.close();
        }
        for (ZstdDecompressCtx context = decompressors.poll(); context != null; context = decompressors.poll()) {
            context.close();
        }
    }
}
