package io.sluice.storage.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.Secret;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.crypto.PieceSealer;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.SeededEntropy;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.crypto.WrongPassphraseException;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.format.UnsupportedFormatException;
import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

final class ManifestCodecTest {
    private final SeededEntropy entropy = new SeededEntropy(41);
    private final VolumeKey key = VolumeKey.generate(entropy);
    private final Sealing gcm = new GcmSealing(key, entropy);
    private final Sealing checksum = new ChecksumSealing(entropy);
    private final Manifest encrypted = ManifestSamples.full(ManifestSamples.wrapped(key, entropy));
    private final Manifest plain = ManifestSamples.full(Optional.empty());

    private static byte[] written(Manifest manifest, Sealing sealing) {
        return ManifestSamples.bytes(ManifestCodec.encode(ManifestCodec.seal(manifest, sealing)));
    }

    private static Manifest read(byte[] object) throws IOException {
        return ManifestCodec.decode("demo/manifest/7", 7, ByteBuffer.wrap(object));
    }

    /** Puts the right checksum behind changed bytes: damage becomes forgery. */
    private static byte[] withChecksum(byte[] object) {
        CRC32C crc = new CRC32C();
        crc.update(object, 0, object.length - 4);
        return ByteBuffer.wrap(object.clone())
                .putInt(object.length - 4, (int) crc.getValue())
                .array();
    }

    @Test
    void everyFieldComesBack() throws IOException {
        Manifest sealed = ManifestCodec.seal(encrypted, gcm);
        Manifest manifest = read(ManifestSamples.bytes(ManifestCodec.encode(sealed)));
        assertEquals(sealed, manifest);
        assertEquals(encrypted.attemptTag(), manifest.attemptTag());
        assertEquals(5, manifest.reservations().remaining());
        assertTrue(manifest.encrypted());
        assertFalse(read(written(plain, checksum)).encrypted());
    }

    @Test
    void theSealVerifiesWithTheVolumesKeyAndNoOther() throws IOException {
        Manifest manifest = read(written(encrypted, gcm));
        assertTrue(ManifestStore.verify(manifest, gcm));
        assertFalse(ManifestStore.verify(manifest, new GcmSealing(VolumeKey.generate(entropy), entropy)));
        assertFalse(ManifestStore.verify(manifest, checksum));
        Manifest clear = read(written(plain, checksum));
        assertTrue(ManifestStore.verify(clear, checksum));
        assertFalse(ManifestStore.verify(clear, gcm));
    }

    @Test
    void aManifestThatWasChangedAfterReadingIsNotVerified() throws IOException {
        Manifest changed = read(written(encrypted, gcm)).toBuilder().epoch(99).build();
        assertFalse(ManifestStore.verify(changed, gcm));
        assertThrows(Invariant.Broken.class, () -> ManifestCodec.encode(changed));
    }

    @Test
    void everyFlippedBitIsFoundWithoutTheKey() {
        for (byte[] object : List.of(written(encrypted, gcm), written(plain, checksum))) {
            for (int bit = 0; bit < object.length * 8; bit++) {
                byte[] damaged = object.clone();
                damaged[bit / 8] ^= (byte) (1 << (bit % 8));
                assertThrows(IOException.class, () -> read(damaged), "bit " + bit);
            }
        }
    }

    @Test
    void everyForgedBitIsFoundWithTheKey() {
        byte[] object = written(encrypted, gcm);
        for (int bit = 0; bit < (object.length - 4) * 8; bit++) {
            byte[] forged = object.clone();
            forged[bit / 8] ^= (byte) (1 << (bit % 8));
            byte[] consistent = withChecksum(forged);
            boolean believed;
            try {
                believed = ManifestStore.verify(read(consistent), gcm);
            } catch (IOException expected) {
                believed = false;
            }
            assertFalse(believed, "bit " + bit);
        }
    }

    @Test
    void truncationAndGrowthAreFoundAtEveryLength() {
        byte[] object = written(encrypted, gcm);
        for (int length = 0; length < object.length + 50; length++) {
            byte[] cut = Arrays.copyOf(object, length);
            if (length != object.length) {
                assertThrows(DamagedObjectException.class, () -> read(cut));
            }
        }
    }

    @Test
    void anotherNumberIsFound() {
        byte[] object = written(encrypted, gcm);
        assertThrows(
                DamagedObjectException.class,
                () -> ManifestCodec.decode("demo/manifest/8", 8, ByteBuffer.wrap(object)));
    }

    @Test
    void aNewerVersionIsNotCalledDamaged() {
        byte[] object = written(encrypted, gcm);
        object[11] = 9;
        UnsupportedFormatException failure = assertThrows(UnsupportedFormatException.class, () -> read(object));
        assertTrue(failure.toString().contains("upgrade"), failure::toString);
        assertEquals(9, failure.foundVersion());
    }

    @Test
    void aForgedKeyDerivationIsRefusedBeforeItIsRun() {
        byte[] object = written(encrypted, gcm);
        byte[] cost = {0, 0, 0, 64, 0, 0, 0, 1, 0, 0, 0, 1};
        int at = HexFormat.of().formatHex(object).indexOf(HexFormat.of().formatHex(cost)) / 2;
        assertTrue(at > 0);
        for (int memoryKiB : new int[] {100 * 1024 * 1024, Integer.MAX_VALUE, -1, 0}) {
            byte[] forged = withChecksum(
                    ByteBuffer.wrap(object.clone()).putInt(at, memoryKiB).array());
            DamagedObjectException failure = assertThrows(DamagedObjectException.class, () -> read(forged));
            assertTrue(failure.toString().contains("key derivation"), failure::toString);
        }
        byte[] endless = withChecksum(
                ByteBuffer.wrap(object.clone()).putInt(at + 4, 1 << 30).array());
        assertThrows(DamagedObjectException.class, () -> read(endless));
    }

    @Test
    void theKeyCanBeUnwrappedBeforeTheSealIsVerified() throws IOException {
        Manifest manifest = read(written(encrypted, gcm));
        try (VolumeKey again = KeyWrapping.unwrap(manifest.key().orElseThrow(), ManifestSamples.PASSPHRASE)) {
            assertTrue(ManifestStore.verify(manifest, new GcmSealing(again, entropy)));
        }
        assertThrows(
                WrongPassphraseException.class,
                () -> KeyWrapping.unwrap(manifest.key().orElseThrow(), Secret.ofText("wrong")));
    }

    @Test
    void aNewPassphraseKeepsTheDataReadable() throws Exception {
        PieceSealer data = gcm.newObject("segment");
        ByteBuffer sealed = ByteBuffer.allocate(3 + PieceSealer.OVERHEAD_BYTES);
        data.seal(0, ByteBuffer.allocate(0), ByteBuffer.wrap(new byte[] {1, 2, 3}), sealed);
        Secret next = Secret.ofText("next");
        Manifest before = read(written(encrypted, gcm));
        Manifest after = before.toBuilder()
                .key(Optional.of(KeyWrapping.wrap(key, next, ManifestSamples.CHEAP, entropy)))
                .build();
        Manifest reread = read(written(after, gcm));
        assertThrows(
                WrongPassphraseException.class,
                () -> KeyWrapping.unwrap(reread.key().orElseThrow(), ManifestSamples.PASSPHRASE));
        try (VolumeKey again = KeyWrapping.unwrap(reread.key().orElseThrow(), next)) {
            Sealing sealing = new GcmSealing(again, entropy);
            assertTrue(ManifestStore.verify(reread, sealing));
            ByteBuffer opened = ByteBuffer.allocate(3);
            sealing.existing("segment", data.salt()).open(0, ByteBuffer.allocate(0), sealed.flip(), opened);
            assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3}), opened.flip());
        }
    }

    @Test
    void nextHasTheNextNumberAndNothingElseChanges() {
        Manifest next = encrypted.next().build();
        assertEquals(8, next.number());
        assertEquals(0, next.attemptTag());
        assertEquals(
                encrypted,
                next.toBuilder().number(7).attemptTag(encrypted.attemptTag()).build());
    }

    @Test
    void aNewVolumeIsEmptyAndClean() {
        Manifest first = Manifest.builder(ManifestSamples.VOLUME, "demo").build();
        assertEquals(1, first.number());
        assertEquals(0, first.epoch());
        assertTrue(first.clean());
        assertEquals(CheckpointRoot.EMPTY, first.checkpoint());
        assertFalse(first.encrypted());
    }

    @Test
    void sealingInAnotherWayThanTheManifestSaysIsAMistakeOfTheCaller() {
        assertThrows(Invariant.Broken.class, () -> ManifestCodec.seal(encrypted, checksum));
        assertThrows(Invariant.Broken.class, () -> ManifestCodec.seal(plain, gcm));
    }
}
