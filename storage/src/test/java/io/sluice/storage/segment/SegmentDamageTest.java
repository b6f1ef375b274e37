package io.sluice.storage.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.SeededEntropy;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whatever happens to a segment in the bucket, it is noticed. */
final class SegmentDamageTest {
    private final Sealing gcm = SegmentSamples.gcm(1);
    private final List<Sealing> sealings = List.of(gcm, SegmentSamples.checksum(2));

    private static DamagedObjectException assertDamaged(SegmentCodec codec, long number, byte[] object) {
        return assertThrows(
                DamagedObjectException.class, () -> codec.readHeader(number, ByteBuffer.wrap(object), object.length));
    }

    @Test
    void everyFlippedBitOfTheObjectIsFound() {
        for (Sealing sealing : sealings) {
            try (SegmentCodec codec = SegmentSamples.codec(sealing, 1)) {
                byte[] object =
                        SegmentSamples.bytes(SegmentSamples.small(codec, 3, 1).bytes());
                for (int bit = 0; bit < object.length * 8; bit++) {
                    ByteBuffer damaged = ByteBuffer.wrap(SegmentSamples.flipped(object, bit));
                    assertThrows(IOException.class, () -> codec.verifyWhole(3, damaged), "bit " + bit);
                }
            }
        }
    }

    @Test
    void everyFlippedBitOfTheHeaderIsFoundWithoutTheRest() {
        for (Sealing sealing : sealings) {
            try (SegmentCodec codec = SegmentSamples.codec(sealing, 1)) {
                SealedSegment sealed = SegmentSamples.small(codec, 3, 1);
                byte[] prefix = SegmentSamples.bytes(sealed.bytes().slice(0, 512));
                for (int bit = 0; bit < prefix.length * 8; bit++) {
                    ByteBuffer damaged = ByteBuffer.wrap(SegmentSamples.flipped(prefix, bit));
                    assertThrows(
                            IOException.class,
                            () -> codec.readHeader(3, damaged, sealed.header().storedBytes()),
                            "bit " + bit);
                }
            }
        }
    }

    @Test
    void everyFlippedBitOfAFrameIsFoundWithoutTheHeader() {
        for (Sealing sealing : sealings) {
            try (SegmentCodec codec = SegmentSamples.codec(sealing, 1)) {
                byte[] frame = SegmentSamples.bytes(SegmentSamples.frame(SegmentSamples.small(codec, 3, 1), 1));
                for (int bit = 0; bit < frame.length * 8; bit++) {
                    ByteBuffer damaged = ByteBuffer.wrap(SegmentSamples.flipped(frame, bit));
                    assertThrows(IOException.class, () -> codec.openFrame(3, 1024, damaged), "bit " + bit);
                }
            }
        }
    }

    @Test
    void swappedFramesAreFound() throws Exception {
        for (Sealing sealing : sealings) {
            try (SegmentCodec codec = SegmentSamples.codec(sealing, 1)) {
                SealedSegment sealed = SegmentSamples.small(codec, 3, 1);
                ByteBuffer first = SegmentSamples.frame(sealed, 0);
                ByteBuffer second = SegmentSamples.frame(sealed, 1);
                assertEquals(1, codec.openFrame(3, 512, first).lbas().length);
                assertThrows(DamagedObjectException.class, () -> codec.openFrame(3, 512, second));
                assertThrows(DamagedObjectException.class, () -> codec.openFrame(3, 1024, first));
            }
        }
    }

    @Test
    void aFrameOfAnotherSegmentIsFound() {
        for (Sealing sealing : sealings) {
            try (SegmentCodec codec = SegmentSamples.codec(sealing, 1)) {
                ByteBuffer frame = SegmentSamples.frame(SegmentSamples.small(codec, 3, 1), 0);
                assertThrows(DamagedObjectException.class, () -> codec.openFrame(4, 512, frame));
            }
        }
    }

    @Test
    void aFrameOfAnotherAttemptAtTheSameSegmentIsFoundByTheScrub() {
        try (SegmentCodec codec = SegmentSamples.codec(gcm, 1)) {
            SealedSegment ours = SegmentSamples.small(codec, 3, 1);
            ByteBuffer other = SegmentSamples.frame(SegmentSamples.small(codec, 3, 1), 0);
            byte[] object = SegmentSamples.bytes(ours.bytes());
            other.get(0, object, 512, 512);
            assertThrows(DamagedObjectException.class, () -> codec.verifyWhole(3, ByteBuffer.wrap(object)));
        }
    }

    @Test
    void aSegmentUnderAnotherNumberIsFound() {
        try (SegmentCodec codec = SegmentSamples.codec(gcm, 1)) {
            byte[] object =
                    SegmentSamples.bytes(SegmentSamples.small(codec, 3, 1).bytes());
            DamagedObjectException failure = assertDamaged(codec, 4, object);
            assertTrue(failure.toString().contains("number 3, not 4"), failure::toString);
        }
    }

    @Test
    void aSegmentOfAnotherVolumeIsFoundAlsoUnderTheSameKey() {
        UUID other = new UUID(7, 7);
        for (Sealing sealing : sealings) {
            try (SegmentCodec codec = SegmentSamples.codec(sealing, 1);
                    SegmentCodec foreign = new SegmentCodec(other, sealing, new SeededEntropy(5), 1)) {
                SealedSegment sealed = SegmentSamples.small(foreign, 3, 1);
                byte[] object = SegmentSamples.bytes(sealed.bytes());
                DamagedObjectException failure = assertDamaged(codec, 3, object);
                assertTrue(failure.toString().contains(other.toString()), failure::toString);
                ByteBuffer frame = SegmentSamples.frame(sealed, 0);
                assertThrows(DamagedObjectException.class, () -> codec.openFrame(3, 512, frame));
            }
        }
    }

    @Test
    void anotherVolumesKeyOpensNothing() {
        try (SegmentCodec codec = SegmentSamples.codec(gcm, 1);
                SegmentCodec stranger = SegmentSamples.codec(SegmentSamples.gcm(99), 1);
                SegmentCodec keyless = SegmentSamples.codec(SegmentSamples.checksum(1), 1)) {
            SealedSegment sealed = SegmentSamples.small(codec, 3, 1);
            ByteBuffer frame = SegmentSamples.frame(sealed, 0);
            for (SegmentCodec other : List.of(stranger, keyless)) {
                DamagedObjectException failure = assertDamaged(other, 3, SegmentSamples.bytes(sealed.bytes()));
                assertTrue(failure.toString().contains("another key"), failure::toString);
                assertThrows(DamagedObjectException.class, () -> other.openFrame(3, 512, frame));
            }
        }
    }

    @Test
    void truncationAndGrowthAreFoundAtEveryLength() {
        for (Sealing sealing : sealings) {
            try (SegmentCodec codec = SegmentSamples.codec(sealing, 1)) {
                byte[] object =
                        SegmentSamples.bytes(SegmentSamples.small(codec, 3, 1).bytes());
                for (int length = 0; length < object.length + 100; length++) {
                    if (length != object.length) {
                        DamagedObjectException failure = assertDamaged(codec, 3, Arrays.copyOf(object, length));
                        assertTrue(failure.object().contains("segment 3"), failure::toString);
                    }
                }
            }
        }
    }

    @Test
    void aLargeSegmentCutAtAnyUnitIsFoundFromItsHeaderAlone() {
        try (SegmentCodec codec = SegmentSamples.codec(gcm, 1)) {
            SegmentBuilder builder = codec.builder(3, 1, SegmentHeader.Kind.DATA);
            Random random = new Random(4);
            for (int i = 0; i < 4; i++) {
                builder.addFrame(SegmentSamples.lbas(random, 32), ByteBuffer.wrap(SegmentSamples.noise(random, 32)));
            }
            SealedSegment sealed = builder.seal(1, 2, 3);
            for (int length = 0; length < sealed.bytes().remaining(); length += 512) {
                ByteBuffer prefix = sealed.bytes().slice(0, Math.min(length, SegmentFormat.HEADER_READ_BYTES));
                int size = length;
                assertThrows(DamagedObjectException.class, () -> codec.readHeader(3, prefix, size));
            }
        }
    }

    @Test
    void aFrameThatIsCutOrHasMoreBehindItIsFound() {
        try (SegmentCodec codec = SegmentSamples.codec(gcm, 1)) {
            byte[] frame = SegmentSamples.bytes(SegmentSamples.frame(SegmentSamples.small(codec, 3, 1), 0));
            for (int length = 0; length <= 1024; length++) {
                ByteBuffer stored = ByteBuffer.wrap(Arrays.copyOf(frame, length));
                if (length != frame.length) {
                    assertThrows(DamagedObjectException.class, () -> codec.openFrame(3, 512, stored));
                }
            }
        }
    }

    @Test
    void segmentsAndFramesOfANewerVersionAreNotCalledDamaged() {
        try (SegmentCodec codec = SegmentSamples.codec(gcm, 1)) {
            SealedSegment sealed = SegmentSamples.small(codec, 3, 1);
            byte[] object = SegmentSamples.bytes(sealed.bytes());
            object[11] = 3;
            UnsupportedFormatException failure = assertThrows(
                    UnsupportedFormatException.class,
                    () -> codec.readHeader(3, ByteBuffer.wrap(object), object.length));
            assertTrue(failure.toString().contains("upgrade"), failure::toString);
            byte[] frame = SegmentSamples.bytes(SegmentSamples.frame(sealed, 0));
            frame[5] = 2;
            assertThrows(UnsupportedFormatException.class, () -> codec.openFrame(3, 512, ByteBuffer.wrap(frame)));
        }
    }

    /** A frame that is sealed properly, but whose content no honest writer makes. */
    private ByteBuffer sealedFrame(boolean zstd, byte[] content) {
        PieceSealer sealer = gcm.newObject(SegmentFormat.PURPOSE);
        byte[] plain = new byte[1 + content.length];
        System.arraycopy(content, 0, plain, 1, content.length);
        FramePayload payload = new FramePayload(new long[] {0}, zstd, ByteBuffer.wrap(plain));
        ByteBuffer segment = ByteBuffer.allocate(512 + FrameCodec.storedBytes(payload));
        try (FrameCodec frames = new FrameCodec(SegmentSamples.VOLUME, gcm, 1)) {
            frames.seal(3, 0, payload, sealer, segment.position(512));
        }
        return segment.flip().position(512);
    }

    @Test
    void decompressionBombsEndAtTheDeclaredLength() {
        byte[] bomb = Zstd.compress(new byte[8 << 20], 3);
        byte[] slightlyTooLong = Zstd.compress(new byte[4097], 3);
        byte[] tooShort = Zstd.compress(new byte[4095], 3);
        byte[] noise = SegmentSamples.noise(new Random(3), 1);
        try (SegmentCodec codec = SegmentSamples.codec(gcm, 1)) {
            for (byte[] content : List.of(bomb, slightlyTooLong, tooShort, noise, new byte[0])) {
                ByteBuffer frame = sealedFrame(true, content);
                DamagedObjectException failure =
                        assertThrows(DamagedObjectException.class, () -> codec.openFrame(3, 512, frame));
                assertTrue(failure.toString().contains("decompress"), failure::toString);
            }
            ByteBuffer rawTooShort = sealedFrame(false, new byte[4095]);
            assertThrows(DamagedObjectException.class, () -> codec.openFrame(3, 512, rawTooShort));
        }
    }

    @Test
    void noiseIsNeverASegment() {
        Random random = new Random(12);
        try (SegmentCodec codec = SegmentSamples.codec(gcm, 1)) {
            byte[] good = SegmentSamples.bytes(SegmentSamples.small(codec, 3, 1).bytes());
            for (int round = 0; round < 500; round++) {
                byte[] object = good.clone();
                for (int i = 0; i < 20; i++) {
                    object[36 + random.nextInt(44)] = (byte) random.nextInt();
                }
                assertDamaged(codec, 3, object);
            }
        }
    }
}
