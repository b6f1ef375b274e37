package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.VolumePort;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Fills a range with a pattern: whole blocks as one {@link PatternWrite}, parts of blocks at the edges as partial writes.
 * Owned by the port's thread.
 */
final class FillOperation {
    private final EnginePort port;
    private final long offsetBytes;
    private final long lengthBytes;
    private final byte[] block = new byte[BlockGeometry.BLOCK_BYTES];

    /** {@code pattern} is 512 or 4096 bytes long; it is copied. */
    FillOperation(EnginePort port, long offsetBytes, long lengthBytes, ByteBuffer pattern) {
        this.port = port;
        this.offsetBytes = offsetBytes;
        this.lengthBytes = lengthBytes;
        for (int at = 0; at < block.length; at += pattern.remaining()) {
            pattern.get(pattern.position(), block, at, pattern.remaining());
        }
    }

    /** Why a fill of this range cannot be; null when it can. */
    static @Nullable String refusal(long offsetBytes, long lengthBytes, ByteBuffer pattern) {
        int bytes = pattern.remaining();
        if (bytes != BlockGeometry.SECTOR_BYTES && bytes != BlockGeometry.BLOCK_BYTES) {
            return "a pattern of " + bytes + " bytes";
        }
        if (lengthBytes > VolumePort.FILL_BYTES_MAX) {
            return "a fill of " + lengthBytes + " bytes, more than " + VolumePort.FILL_BYTES_MAX;
        }
        return ((offsetBytes | lengthBytes) & (bytes - 1)) == 0
                ? null
                : "a fill whose ends are not multiples of its pattern's length, " + bytes;
    }

    /** True when the pattern is all zeros: then unmapping does it. */
    boolean isZeros() {
        for (byte value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    /** Begins all parts; each of them ends by {@link EnginePort#ended}. */
    void begin(boolean durable, IoCompletion completion) {
        long end = offsetBytes + lengthBytes;
        long firstWhole = (offsetBytes + BlockGeometry.BLOCK_BYTES - 1) >>> BlockGeometry.BLOCK_SHIFT;
        long endWhole = end >>> BlockGeometry.BLOCK_SHIFT;
        if (firstWhole >= endWhole) {
            byte[] data = new byte[(int) lengthBytes];
            for (int at = 0; at < data.length; at += BlockGeometry.SECTOR_BYTES) {
                System.arraycopy(block, 0, data, at, BlockGeometry.SECTOR_BYTES);
            }
            part(offsetBytes, ByteBuffer.wrap(data), durable, completion);
            return;
        }
        int head = (int) ((firstWhole << BlockGeometry.BLOCK_SHIFT) - offsetBytes);
        int tail = (int) (end - (endWhole << BlockGeometry.BLOCK_SHIFT));
        IoCompletion join = port.join(1 + (head > 0 ? 1 : 0) + (tail > 0 ? 1 : 0), completion);
        if (head > 0) {
            part(offsetBytes, ByteBuffer.wrap(block, 0, head), durable, join);
        }
        if (tail > 0) {
            part(end - tail, ByteBuffer.wrap(block, 0, tail), durable, join);
        }
        new PatternWrite(port, firstWhole, endWhole - firstWhole, ByteBuffer.wrap(block), durable, join).begin();
    }

    private void part(long offset, ByteBuffer data, boolean durable, IoCompletion completion) {
        new PartialWrite(port, offset, data, data.remaining(), durable, completion).begin();
    }
}
