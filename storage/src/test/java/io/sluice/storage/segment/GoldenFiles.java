package io.sluice.storage.segment;

import io.sluice.config.Secret;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.KdfParameters;
import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.SeededEntropy;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The committed golden files of segments and manifests, and the program that wrote them once. It never writes over a file:
 * the files of a version stay as they are for ever, a new version gets new ones.
 */
public final class GoldenFiles {
    static final UUID VOLUME = new UUID(0x0123_4567_89ab_4defL, 0x8edcba9876543210L);
    static final Secret PASSPHRASE = Secret.ofText("golden passphrase");
    static final long SEGMENT = 0x1234;
    static final long MANIFEST = 0x42;
    static final String GATEWAY = "storage-a:/var/lib/sluice/golden";
    static final long OPENED_MILLIS = 1_799_999_999_999L;
    static final long OWNER_EPOCH = 16;

    /** Where the blocks of the MOVED segment stood, and what it and the others share of an older one. */
    static final OldPlace OLD = new OldPlace(new LocatorRun(Locator.segment(0x1100, 1024, 4608, 5), 1, false), 0x1100);

    static final OldPlace OLD_OF_PATTERN =
            new OldPlace(new LocatorRun(Locator.shared(OLD.run().first()), 300, true), 0x1203);
    static final LocatorRun OTHER =
            new LocatorRun(Locator.shared(Locator.segment(0x1200, 1 << 20, 65536, 2)), 30, false);
    static final OldPlace OLD_OF_OTHER = new OldPlace(OTHER, 0x1204);

    private GoldenFiles() {}

    /** {@code arguments[0]} is the directory. */
    public static void main(String[] arguments) throws IOException {
        for (Map.Entry<String, byte[]> file : written().entrySet()) {
            Path unused =
                    Files.write(Path.of(arguments[0], file.getKey()), file.getValue(), StandardOpenOption.CREATE_NEW);
        }
    }

    /** What the present code writes, by file name. */
    static Map<String, byte[]> written() {
        Map<String, byte[]> files = new TreeMap<>();
        SeededEntropy entropy = new SeededEntropy(1001);
        VolumeKey key = VolumeKey.generate(entropy);
        Sealing gcm = new GcmSealing(key, entropy);
        Sealing checksum = new ChecksumSealing(entropy);
        Manifest plain = manifest().toBuilder()
                .attemptTag(manifest().attemptTag())
                .gateway(GATEWAY)
                .openedMillis(OPENED_MILLIS)
                .ownerEpoch(OWNER_EPOCH)
                .build();
        Manifest encrypted = plain.toBuilder()
                .attemptTag(plain.attemptTag())
                .key(Optional.of(KeyWrapping.wrap(key, PASSPHRASE, new KdfParameters(64, 1, 1), entropy)))
                .build();
        files.put("manifest-v2-gcm.bin", manifestObject(encrypted, gcm));
        files.put("manifest-v2-checksum.bin", manifestObject(plain, checksum));
        files.put("segment-v2-gcm.bin", segmentObject(gcm, 3));
        files.put("segment-v2-checksum.bin", segmentObject(checksum, 0));
        files.put("segment-v2-moved.bin", movedObject(checksum));
        return files;
    }

    /** As version 1 holds it. */
    static Manifest manifest() {
        return Manifest.builder(VOLUME, "golden")
                .number(MANIFEST)
                .createdMillis(1_800_000_000_001L)
                .sizeBytes(1L << 30)
                .logicalBlockBytes(512)
                .serialNumber("SLUICE-GOLDEN")
                .naaIdentifier(0x3123_4567_89ab_cdefL)
                .epoch(17)
                .owner(new UUID(5, 6))
                .ownerEpoch(17)
                .ownerSinceEpoch(16)
                .clean(true)
                .checkpoint(new CheckpointRoot(3, 4, 5, 6, 7, 2, 8))
                .fenceSegment(9)
                .writtenMillis(1_800_000_000_002L)
                .attemptTag(0x0a0b_0c0d_0e0f_1011L)
                .reservations(ByteBuffer.wrap(new byte[] {9, 8, 7}))
                .build();
    }

    private static byte[] manifestObject(Manifest manifest, Sealing sealing) {
        return SegmentSamples.bytes(ManifestCodec.encode(ManifestCodec.seal(manifest, sealing)));
    }

    /** A block that was moved, with what shares it and what shares an older segment. */
    private static byte[] movedObject(Sealing sealing) {
        try (SegmentCodec codec = new SegmentCodec(VOLUME, sealing, new SeededEntropy(1004), 0)) {
            SegmentBuilder builder = codec.builder(SEGMENT, 17, SegmentHeader.Kind.MOVED);
            builder.addFrame(new long[] {8}, List.of(OLD), ByteBuffer.wrap(noise()));
            builder.addShared(9, 300, 0, 0, List.of(OLD_OF_PATTERN));
            builder.addShared(5000, OTHER, List.of(OLD_OF_OTHER));
            builder.addTombstone(1L << 30, 1L << 20, 0x1201);
            builder.addTombstone(77, 1, 3);
            builder.addSettled(0x1202);
            builder.addSettled(0x1201);
            return SegmentSamples.bytes(
                    builder.seal(700, 700, 1_800_000_000_003L).bytes());
        }
    }

    /** Three compressible blocks in one frame, one of noise in another, two extents of zeros, two that share. */
    private static byte[] segmentObject(Sealing sealing, int zstdLevel) {
        try (SegmentCodec codec = new SegmentCodec(VOLUME, sealing, new SeededEntropy(1002), zstdLevel)) {
            SegmentBuilder builder = codec.builder(SEGMENT, 17, SegmentHeader.Kind.DATA);
            builder.addFrame(new long[] {3, 4, 1000}, ByteBuffer.wrap(compressible()));
            builder.addFrame(new long[] {1L << 40}, ByteBuffer.wrap(noise()));
            builder.addZeros(50, 7);
            builder.addZeros(1L << 30, 1L << 20);
            builder.addShared(2000, 1L << 16, 1, 0, List.of());
            builder.addShared(1L << 20, OTHER, List.of());
            return SegmentSamples.bytes(
                    builder.seal(700, 711, 1_800_000_000_003L).bytes());
        }
    }

    static byte[] compressible() {
        byte[] blocks = new byte[3 * 4096];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = (byte) (i / 100);
        }
        return blocks;
    }

    static byte[] noise() {
        return SegmentSamples.noise(new Random(1003), 1);
    }

    /** A committed file. */
    static byte[] read(String name) throws IOException {
        try (InputStream file = GoldenFiles.class.getResourceAsStream("/golden/" + name)) {
            if (file == null) {
                throw new IOException("golden file " + name + " is missing");
            }
            return file.readAllBytes();
        }
    }
}
