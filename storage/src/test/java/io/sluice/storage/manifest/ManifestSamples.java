package io.sluice.storage.manifest;

import io.sluice.config.Secret;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.crypto.KdfParameters;
import io.sluice.storage.crypto.KeyWrapping;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.crypto.WrappedKey;
import io.sluice.storage.runtime.Entropy;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;

/** Manifests for tests. */
final class ManifestSamples {
    static final UUID VOLUME = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
    static final Secret PASSPHRASE = Secret.ofText("correct horse battery staple");
    static final KdfParameters CHEAP = new KdfParameters(64, 1, 1);

    private ManifestSamples() {}

    static Optional<WrappedKey> wrapped(VolumeKey key, Entropy entropy) {
        return Optional.of(KeyWrapping.wrap(key, PASSPHRASE, CHEAP, entropy));
    }

    /** A manifest in which no two fields have the same value. */
    static Manifest full(Optional<WrappedKey> key) {
        return Manifest.builder(VOLUME, "demo")
                .number(7)
                .createdMillis(1_700_000_000_001L)
                .sizeBytes(1L << 40)
                .logicalBlockBytes(4096)
                .key(key)
                .serialNumber("SLUICE-0001")
                .naaIdentifier(0x3000_0000_1234_5678L)
                .epoch(5)
                .owner(new UUID(11, 12))
                .ownerEpoch(3)
                .ownerSinceEpoch(2)
                .gateway("storage-a:/cache")
                .openedMillis(1_700_000_000_555L)
                .clean(false)
                .checkpoint(new CheckpointRoot(21, 22, 23, 24, 25, 26, 27))
                .fenceSegment(31)
                .writtenMillis(1_700_000_000_999L)
                .attemptTag(0x1122_3344_5566_7788L)
                .reservations(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}))
                .build();
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
