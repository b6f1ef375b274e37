package io.sluice.storage.segment;

import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.SeededEntropy;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.format.BlockGeometry;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;

/** Volumes, blocks and segments for tests, all from seeds. */
final class SegmentSamples {
    static final UUID VOLUME = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);

    private SegmentSamples() {}

    static Sealing gcm(long seed) {
        SeededEntropy entropy = new SeededEntropy(seed);
        return new GcmSealing(VolumeKey.generate(entropy), entropy);
    }

    static Sealing checksum(long seed) {
        return new ChecksumSealing(new SeededEntropy(seed));
    }

    static SegmentCodec codec(Sealing sealing, int zstdLevel) {
        return new SegmentCodec(VOLUME, sealing, new SeededEntropy(1), zstdLevel);
    }

    /** {@code count} blocks, some of noise, some of text, some of one byte. */
    static byte[] blocks(Random random, int count) {
        byte[] blocks = new byte[count * BlockGeometry.BLOCK_BYTES];
        for (int i = 0; i < count; i++) {
            byte[] block = new byte[BlockGeometry.BLOCK_BYTES];
            switch (random.nextInt(3)) {
                case 0 -> random.nextBytes(block);
                case 1 -> Arrays.fill(block, (byte) random.nextInt());
                default -> text(random, block);
            }
            System.arraycopy(block, 0, blocks, i * BlockGeometry.BLOCK_BYTES, block.length);
        }
        return blocks;
    }

    private static void text(Random random, byte[] block) {
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) "etaoin shrdlu".charAt(random.nextInt(13));
        }
    }

    /** Incompressible blocks. */
    static byte[] noise(Random random, int count) {
        byte[] blocks = new byte[count * BlockGeometry.BLOCK_BYTES];
        random.nextBytes(blocks);
        return blocks;
    }

    static long[] lbas(Random random, int count) {
        int bits = 12 + random.nextInt(40);
        TreeSet<Long> lbas = new TreeSet<>();
        while (lbas.size() < count) {
            lbas.add(random.nextLong() >>> (64 - bits));
        }
        return lbas.stream().mapToLong(Long::longValue).toArray();
    }

    /** A segment of two frames of one compressible block each: 512 bytes of header, 512 for each frame, a footer. */
    static SealedSegment small(SegmentCodec codec, long number, long epoch) {
        SegmentBuilder builder = codec.builder(number, epoch, SegmentHeader.Kind.DATA);
        builder.addFrame(new long[] {5}, block(1));
        builder.addFrame(new long[] {9}, block(2));
        builder.addZeros(100, 3);
        return builder.seal(10, 15, 1_700_000_000_000L);
    }

    static ByteBuffer block(int fill) {
        byte[] block = new byte[BlockGeometry.BLOCK_BYTES];
        Arrays.fill(block, (byte) fill);
        return ByteBuffer.wrap(block);
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    static ByteBuffer frame(SealedSegment segment, int index) {
        SegmentHeader.Frame frame = segment.header().frames().get(index);
        return segment.bytes().slice(frame.offsetBytes(), frame.storedBytes());
    }

    static byte[] flipped(byte[] bytes, int bit) {
        byte[] damaged = bytes.clone();
        damaged[bit / 8] ^= (byte) (1 << (bit % 8));
        return damaged;
    }
}
