package io.sluice.integration.bench.parts;

import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.runtime.SystemRuntime;
import io.sluice.storage.segment.OpenedFrame;
import io.sluice.storage.segment.SealedSegment;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Frames of 128 KiB, half of each block random, zstd level 1 and AES-256-GCM. One operation is a whole segment of one frame. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FrameBenchmark {
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCKS = 32;
    private static final long SEGMENT = 7;

    private final SystemRuntime runtime = new SystemRuntime(1);
    private final UUID volume = new UUID(1, 2);
    private final SegmentCodec codec;
    private final byte[] raw = new byte[BLOCKS * BLOCK_BYTES];
    private final long[] lbas = LongStream.range(0, BLOCKS).toArray();
    private SealedSegment sealed;

    /** With a key of its own. */
    public FrameBenchmark() {
        codec = new SegmentCodec(
                volume, new GcmSealing(VolumeKey.generate(runtime.entropy()), runtime.entropy()), runtime.entropy(), 1);
        SplittableRandom random = new SplittableRandom(1);
        for (int block = 0; block < BLOCKS; block++) {
            byte[] half = new byte[BLOCK_BYTES / 2];
            random.nextBytes(half);
            System.arraycopy(half, 0, raw, block * BLOCK_BYTES, half.length);
        }
        sealed = seal();
    }

    @TearDown
    public void close() {
        codec.close();
        runtime.close();
    }

    /** Compress, encrypt, put header and footer around it. */
    @Benchmark
    public SealedSegment seal() {
        SegmentBuilder builder = codec.builder(SEGMENT, 1, SegmentHeader.Kind.DATA);
        builder.addFrame(lbas, ByteBuffer.wrap(raw));
        return builder.seal(1, 2, 0);
    }

    /** Verify, decrypt, decompress, from a buffer as a store gives it. */
    @Benchmark
    public OpenedFrame open() throws Exception {
        SegmentHeader.Frame frame = sealed.header().frames().get(0);
        ByteBuffer stored = sealed.bytes().asReadOnlyBuffer().slice(frame.offsetBytes(), frame.storedBytes());
        return codec.openFrame(SEGMENT, frame.offsetBytes(), stored);
    }
}
