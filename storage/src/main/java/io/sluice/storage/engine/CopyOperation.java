package io.sluice.storage.engine;

import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.volume.IoCompletion;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A copy, piece by piece: whole blocks by {@link CopyWrite}; parts of blocks, and everything when source and destination
 * lie differently to the blocks, by reading and writing. One piece is under way at a time, which bounds the memory.
 *
 * <p>Owned by the port's thread.
 */
final class CopyOperation {
    private static final int DATA_BYTES_MAX = 1 << 20;

    private final EnginePort port;
    private final long sourceBytes;
    private final long destinationBytes;
    private final long lengthBytes;
    private final boolean durable;
    private final IoCompletion completion;
    private final long deadlineNanos;
    private long doneBytes;

    CopyOperation(
            EnginePort port,
            long sourceBytes,
            long destinationBytes,
            long lengthBytes,
            boolean durable,
            IoCompletion completion) {
        this.port = port;
        this.sourceBytes = sourceBytes;
        this.destinationBytes = destinationBytes;
        this.lengthBytes = lengthBytes;
        this.durable = durable;
        this.completion = completion;
        this.deadlineNanos = port.newDeadline();
    }

    /** Why such a copy cannot be; null when it can. */
    static @Nullable String refusal(long sourceBytes, long destinationBytes, long lengthBytes) {
        if (lengthBytes > VolumePort.COPY_BYTES_MAX) {
            return "a copy of " + lengthBytes + " bytes, more than " + VolumePort.COPY_BYTES_MAX;
        }
        boolean overlap = Math.abs(sourceBytes - destinationBytes) < lengthBytes;
        return overlap ? "a copy of " + lengthBytes + " bytes from " + sourceBytes + " onto itself" : null;
    }

    /** Begins the next piece, or ends. */
    void next() {
        long left = lengthBytes - doneBytes;
        if (left == 0) {
            port.finished(null, durable, deadlineNanos, completion);
            return;
        }
        if (port.isLate(deadlineNanos)) {
            port.finished(IoFailure.of(IoFailure.Kind.BUSY, "the copy takes too long"), false, 0, completion);
            return;
        }
        long from = sourceBytes + doneBytes;
        long to = destinationBytes + doneBytes;
        int inBlock = (int) (to & (BlockGeometry.BLOCK_BYTES - 1));
        boolean alike = ((from ^ to) & (BlockGeometry.BLOCK_BYTES - 1)) == 0;
        if (alike && inBlock == 0 && left >= BlockGeometry.BLOCK_BYTES) {
            int blocks = (int) Math.min(left >>> BlockGeometry.BLOCK_SHIFT, CopyWrite.BLOCKS_MAX);
            port.partBegins();
            WriteOperation part = new CopyWrite(
                    port,
                    from >>> BlockGeometry.BLOCK_SHIFT,
                    to >>> BlockGeometry.BLOCK_SHIFT,
                    blocks,
                    ended((long) blocks << BlockGeometry.BLOCK_SHIFT));
            part.deadlineNanos(deadlineNanos);
            part.begin();
        } else {
            int piece = (int) Math.min(left, (alike ? BlockGeometry.BLOCK_BYTES : DATA_BYTES_MAX) - inBlock);
            copyData(from, to, piece);
        }
    }

    private void copyData(long from, long to, int bytes) {
        ByteBuffer data = ByteBuffer.allocate(bytes);
        new ReadOperation(
                        port.readPathUntil(deadlineNanos),
                        from,
                        data,
                        failure -> port.loop().execute(() -> {
                            if (failure != null) {
                                port.finished(failure, false, 0, completion);
                                return;
                            }
                            port.partBegins();
                            WriteOperation part = port.newWrite(to, data.flip(), false, ended(bytes));
                            part.deadlineNanos(deadlineNanos);
                            part.begin();
                            port.submit();
                        }))
                .run();
    }

    private IoCompletion ended(long bytes) {
        return failure -> port.loop().execute(() -> pieceEnded(bytes, failure));
    }

    private void pieceEnded(long bytes, @Nullable IoFailure failure) {
        if (failure != null) {
            port.finished(failure, false, 0, completion);
            return;
        }
        doneBytes += bytes;
        next();
    }
}
