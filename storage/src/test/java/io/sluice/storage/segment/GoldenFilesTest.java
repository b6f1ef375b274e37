package io.sluice.storage.segment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.SeededEntropy;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestCodec;
import io.sluice.storage.manifest.ManifestStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each version wrote is read for ever, beginning with the passphrase. */
final class GoldenFilesTest {
    private static Manifest manifest(String name) throws IOException {
        return ManifestCodec.decode(name, GoldenFiles.MANIFEST, ByteBuffer.wrap(GoldenFiles.read(name)));
    }

    private static void assertManifest(Manifest found) {
        assertManifest(GoldenFiles.manifest(), found);
    }

    private static void assertManifest(Manifest expected, Manifest found) {
        Manifest comparable = found.toBuilder()
                .attemptTag(found.attemptTag())
                .key(Optional.empty())
                .build();
        assertEquals(expected, comparable);
    }

    private static void assertSegment(String name, Sealing sealing, List<SegmentHeader.SharedExtent> shared)
            throws Exception {
        ByteBuffer object = ByteBuffer.wrap(GoldenFiles.read(name));
        try (SegmentCodec codec = new SegmentCodec(GoldenFiles.VOLUME, sealing, new SeededEntropy(1), 1)) {
            SegmentHeader header = codec.verifyWhole(GoldenFiles.SEGMENT, object);
            assertEquals(17, header.epoch());
            assertEquals(SegmentHeader.Kind.DATA, header.kind());
            assertEquals(700, header.firstSequence());
            assertEquals(711, header.endSequence());
            assertEquals(1_800_000_000_003L, header.wallTimeMillis());
            assertEquals(
                    List.of(new SegmentHeader.Extent(50, 7), new SegmentHeader.Extent(1L << 30, 1L << 20)),
                    header.zeros());
            assertEquals(shared, header.shared());
            assertFrame(codec, object, header.frames().get(0), new long[] {3, 4, 1000}, GoldenFiles.compressible());
            assertFrame(codec, object, header.frames().get(1), new long[] {1L << 40}, GoldenFiles.noise());
        }
    }

    private static void assertFrame(
            SegmentCodec codec, ByteBuffer object, SegmentHeader.Frame frame, long[] lbas, byte[] blocks)
            throws Exception {
        ByteBuffer stored = object.slice(frame.offsetBytes(), frame.storedBytes());
        OpenedFrame opened = codec.openFrame(GoldenFiles.SEGMENT, frame.offsetBytes(), stored);
        assertArrayEquals(lbas, opened.lbas());
        assertArrayEquals(blocks, SegmentSamples.bytes(opened.blocks()));
    }

    @Test
    void anEncryptedVolumeOfVersion1IsRead() throws Exception {
        Manifest manifest = manifest("manifest-v1-gcm.bin");
        assertManifest(manifest);
        try (VolumeKey key = KeyWrapping.unwrap(manifest.key().orElseThrow(), GoldenFiles.PASSPHRASE)) {
            Sealing sealing = new GcmSealing(key, new SeededEntropy(1));
            assertTrue(ManifestStore.verify(manifest, sealing));
            assertSegment("segment-v1-gcm.bin", sealing, List.of());
            assertSegment("segment-v2-gcm.bin", sealing, shared("segment-v2-gcm.bin", sealing));
        }
    }

    @Test
    void aVolumeOfVersion1WithoutEncryptionIsRead() throws Exception {
        Manifest manifest = manifest("manifest-v1-checksum.bin");
        assertManifest(manifest);
        Sealing sealing = new ChecksumSealing(new SeededEntropy(1));
        assertTrue(ManifestStore.verify(manifest, sealing));
        assertSegment("segment-v1-checksum.bin", sealing, List.of());
        assertSegment("segment-v2-checksum.bin", sealing, shared("segment-v2-checksum.bin", sealing));
    }

    @Test
    void aManifestOfVersion2SaysWhereItsOwnerRuns() throws Exception {
        Manifest expected = GoldenFiles.manifest().toBuilder()
                .attemptTag(GoldenFiles.manifest().attemptTag())
                .gateway(GoldenFiles.GATEWAY)
                .openedMillis(GoldenFiles.OPENED_MILLIS)
                .ownerEpoch(GoldenFiles.OWNER_EPOCH)
                .build();
        Manifest plain = manifest("manifest-v2-checksum.bin");
        assertManifest(expected, plain);
        assertTrue(ManifestStore.verify(plain, new ChecksumSealing(new SeededEntropy(1))));
        Manifest encrypted = manifest("manifest-v2-gcm.bin");
        assertManifest(expected, encrypted);
        try (VolumeKey key = KeyWrapping.unwrap(encrypted.key().orElseThrow(), GoldenFiles.PASSPHRASE)) {
            assertTrue(ManifestStore.verify(encrypted, new GcmSealing(key, new SeededEntropy(1))));
        }
    }

    private static SegmentHeader header(String name, Sealing sealing) throws Exception {
        try (SegmentCodec codec = new SegmentCodec(GoldenFiles.VOLUME, sealing, new SeededEntropy(1), 1)) {
            return codec.verifyWhole(GoldenFiles.SEGMENT, ByteBuffer.wrap(GoldenFiles.read(name)));
        }
    }

    private static List<SegmentHeader.SharedExtent> shared(String name, Sealing sealing) throws Exception {
        long carrier = header(name, sealing).frames().get(1).locator(GoldenFiles.SEGMENT, 0);
        return List.of(
                new SegmentHeader.SharedExtent(2000, new LocatorRun(Locator.shared(carrier), 1L << 16, true)),
                new SegmentHeader.SharedExtent(1L << 20, GoldenFiles.OTHER));
    }

    @Test
    void aMovedSegmentOfVersion2SaysWhereItsBlocksStood() throws Exception {
        SegmentHeader header = header("segment-v2-moved.bin", new ChecksumSealing(new SeededEntropy(1)));
        assertEquals(SegmentHeader.Kind.MOVED, header.kind());
        assertEquals(List.of(GoldenFiles.OLD), header.frames().get(0).old());
        long carrier = header.frames().get(0).locator(GoldenFiles.SEGMENT, 0);
        assertEquals(
                List.of(
                        new SegmentHeader.SharedExtent(
                                9,
                                new LocatorRun(Locator.shared(carrier), 300, true),
                                List.of(GoldenFiles.OLD_OF_PATTERN)),
                        new SegmentHeader.SharedExtent(5000, GoldenFiles.OTHER, List.of(GoldenFiles.OLD_OF_OTHER))),
                header.shared());
        assertEquals(List.of(), header.zeros());
        assertEquals(
                List.of(new SegmentHeader.Tombstone(1L << 30, 1L << 20, 0x1201), new SegmentHeader.Tombstone(77, 1, 3)),
                header.tombstones());
        assertEquals(List.of(0x1201L, 0x1202L), header.settled());
    }

    /** The compressed segment is left out: another zstd may compress otherwise. */
    @Test
    void theWriterStillWritesTheNewestVersionByteForByte() throws IOException {
        for (String name : List.of(
                "manifest-v2-gcm.bin", "manifest-v2-checksum.bin", "segment-v2-checksum.bin", "segment-v2-moved.bin")) {
            assertArrayEquals(GoldenFiles.read(name), GoldenFiles.written().get(name), name);
        }
    }
}
