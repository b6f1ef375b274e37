package io.sluice.storage.segment;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.sluice.storage.runtime.Invariant;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * zstd with its native contexts used again: making one costs more than compressing a frame. All volumes of one level share
 * them, so that memory does not grow with the volumes: at most {@link #RESTING_MAX} of each kind are kept, until the last
 * who shares them has closed. Thread-safe.
 */
final class ZstdContexts implements AutoCloseable {
    private static final int RESTING_MAX = 8;

    private static final Map<Integer, ZstdContexts> SHARED = new HashMap<>();

    private final int level;
    /** Guarded by {@link #SHARED}. */
    private int users;

    private final ArrayBlockingQueue<Compressor> compressors = new ArrayBlockingQueue<>(RESTING_MAX);
    private final ArrayBlockingQueue<ZstdDecompressCtx> decompressors = new ArrayBlockingQueue<>(RESTING_MAX);

    /** A context and room for what it makes. */
    private record Compressor(ZstdCompressCtx context, byte[] room) {}

    private ZstdContexts(int level) {
        this.level = level;
    }

    /** Those of {@code level}; each caller closes them once. */
    static ZstdContexts share(int level) {
        synchronized (SHARED) {
            ZstdContexts contexts = SHARED.computeIfAbsent(level, ZstdContexts::new);
            contexts.users++;
            return contexts;
        }
    }

    /**
     * {@code head}, then {@code source} compressed, in a part of {@code packing}; null when what is compressed would be longer
     * than {@code lengthMax}.
     */
    @Nullable
    ByteBuffer compress(byte[] head, byte[] source, int offset, int length, int lengthMax, PackingRoom packing) {
        Compressor compressor = compressors.poll();
        if (compressor == null) {
            compressor = newCompressor();
        }
        try {
            int made = compressor.context().compressByteArray(compressor.room(), 0, lengthMax, source, offset, length);
            return packing.take(head.length + made)
                    .put(head)
                    .put(compressor.room(), 0, made)
                    .flip();
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

    /** For the last who shares them: frees the contexts at rest; harmless when some are in use or used later. */
    @Override
    public void close() {
        synchronized (SHARED) {
            Invariant.check(users > 0, "zstd contexts are closed more often than shared", users, level);
            users--;
            if (users > 0) {
                return;
            }
            SHARED.remove(level);
        }
        free();
    }

    private void free() {
        for (Compressor one = compressors.poll(); one != null; one = compressors.poll()) {
            one.context().close();
        }
        for (ZstdDecompressCtx context = decompressors.poll(); context != null; context = decompressors.poll()) {
            context.close();
        }
    }
}
