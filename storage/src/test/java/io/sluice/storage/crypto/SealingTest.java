package io.sluice.storage.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.crypto.PieceSealer.NotAuthenticException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** What both ways of sealing promise, and what only one does. */
final class SealingTest {
    private static final byte[] PLAIN = new SeededEntropy(21).bytes(5000);
    private static final byte[] ADDITIONAL = {1, 2, 3};

    private final VolumeKey key = VolumeKey.generate(new SeededEntropy(22));
    private final Sealing gcm = new GcmSealing(key, new SeededEntropy(23));
    private final Sealing checksum = new ChecksumSealing(new SeededEntropy(24));

    private static byte[] seal(PieceSealer sealer, long piece, byte[] additional, byte[] plain) {
        ByteBuffer sealed = ByteBuffer.allocate(plain.length + PieceSealer.OVERHEAD_BYTES);
        sealer.seal(piece, ByteBuffer.wrap(additional), ByteBuffer.wrap(plain), sealed);
        assertFalse(sealed.hasRemaining());
        return sealed.array();
    }

    private static byte[] open(PieceSealer sealer, long piece, byte[] additional, byte[] sealed)
            throws NotAuthenticException {
        ByteBuffer plain = ByteBuffer.allocate(sealed.length - PieceSealer.OVERHEAD_BYTES);
        sealer.open(piece, ByteBuffer.wrap(additional), ByteBuffer.wrap(sealed), plain);
        assertFalse(plain.hasRemaining());
        return plain.array();
    }

    private static void assertRefused(PieceSealer sealer, long piece, byte[] additional, byte[] sealed) {
        assertThrows(NotAuthenticException.class, () -> open(sealer, piece, additional, sealed));
    }

    @Test
    void opensWhatWasSealed() throws NotAuthenticException {
        for (Sealing sealing : List.of(gcm, checksum)) {
            PieceSealer sealer = sealing.newObject("segment");
            byte[] sealed = seal(sealer, 7, ADDITIONAL, PLAIN);
            assertArrayEquals(PLAIN, open(sealing.existing("segment", sealer.salt()), 7, ADDITIONAL, sealed));
            byte[] nothing = seal(sealer, 8, ADDITIONAL, new byte[0]);
            assertArrayEquals(new byte[0], open(sealer, 8, ADDITIONAL, nothing));
        }
    }

    @Test
    void worksWithDirectAndReadOnlyBuffers() throws NotAuthenticException {
        for (Sealing sealing : List.of(gcm, checksum)) {
            PieceSealer sealer = sealing.newObject("segment");
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(PLAIN.length).put(PLAIN).flip();
            ByteBuffer sealed = ByteBuffer.allocateDirect(PLAIN.length + PieceSealer.OVERHEAD_BYTES);
            sealer.seal(1, ByteBuffer.wrap(ADDITIONAL).asReadOnlyBuffer(), direct.asReadOnlyBuffer(), sealed);
            ByteBuffer plain = ByteBuffer.allocateDirect(PLAIN.length);
            sealer.open(1, ByteBuffer.wrap(ADDITIONAL), sealed.flip().asReadOnlyBuffer(), plain);
            assertEquals(ByteBuffer.wrap(PLAIN), plain.flip());
            // As a store gives it: an array that is hidden, and a piece in the middle of it.
            ByteBuffer stored = ByteBuffer.allocate(sealed.limit() + 20)
                    .position(10)
                    .put(sealed.rewind())
                    .position(10)
                    .limit(10 + sealed.limit())
                    .asReadOnlyBuffer();
            sealer.open(1, ByteBuffer.wrap(ADDITIONAL), stored, plain.clear());
            assertEquals(ByteBuffer.wrap(PLAIN), plain.flip());
            assertFalse(stored.hasRemaining());
        }
    }

    @Test
    void everyFlippedBitIsFound() {
        byte[] small = Arrays.copyOf(PLAIN, 64);
        for (Sealing sealing : List.of(gcm, checksum)) {
            PieceSealer sealer = sealing.newObject("segment");
            byte[] sealed = seal(sealer, 3, ADDITIONAL, small);
            for (int bit = 0; bit < sealed.length * 8; bit++) {
                byte[] damaged = sealed.clone();
                damaged[bit / 8] ^= (byte) (1 << (bit % 8));
                assertRefused(sealer, 3, ADDITIONAL, damaged);
            }
        }
    }

    @Test
    void pieceAdditionalDataPurposeAndSaltAreBound() {
        for (Sealing sealing : List.of(gcm, checksum)) {
            PieceSealer sealer = sealing.newObject("segment");
            byte[] sealed = seal(sealer, 3, ADDITIONAL, PLAIN);
            assertRefused(sealer, 4, ADDITIONAL, sealed);
            assertRefused(sealer, 3, new byte[] {1, 2, 4}, sealed);
            assertRefused(sealer, 3, new byte[] {1, 2}, sealed);
            assertRefused(sealing.existing("checkpoint", sealer.salt()), 3, ADDITIONAL, sealed);
            assertRefused(sealing.newObject("segment"), 3, ADDITIONAL, sealed);
            assertRefused(sealer, 3, ADDITIONAL, Arrays.copyOf(sealed, sealed.length - 1));
        }
    }

    @Test
    void bytesDoNotMoveBetweenAdditionalDataAndContent() {
        PieceSealer sealer = checksum.newObject("segment");
        byte[] sealed = seal(sealer, 3, new byte[] {1}, new byte[] {2, 3});
        byte[] moved = Arrays.copyOfRange(sealed, 1, sealed.length);
        assertRefused(sealer, 3, new byte[] {1, 2}, moved);
    }

    @Test
    void nothingIsLeftInTheBufferWhenItIsNotAuthentic() {
        for (Sealing sealing : List.of(gcm, checksum)) {
            PieceSealer sealer = sealing.newObject("segment");
            byte[] sealed = seal(sealer, 3, ADDITIONAL, PLAIN);
            sealed[sealed.length - 1] ^= 1;
            ByteBuffer plain = ByteBuffer.allocate(PLAIN.length);
            assertThrows(
                    NotAuthenticException.class,
                    () -> sealer.open(3, ByteBuffer.wrap(ADDITIONAL), ByteBuffer.wrap(sealed), plain));
            assertEquals(0, plain.position());
            assertFalse(Arrays.equals(Arrays.copyOf(PLAIN, 64), Arrays.copyOf(plain.array(), 64)));
        }
    }

    @Test
    void tooShortPieceIsRefused() {
        for (Sealing sealing : List.of(gcm, checksum)) {
            PieceSealer sealer = sealing.newObject("segment");
            ByteBuffer none = ByteBuffer.allocate(0);
            assertThrows(
                    NotAuthenticException.class, () -> sealer.open(3, none, ByteBuffer.allocate(15), none.duplicate()));
        }
    }

    @Test
    void anotherVolumesKeyDoesNotOpenIt() {
        PieceSealer sealer = gcm.newObject("segment");
        byte[] sealed = seal(sealer, 3, ADDITIONAL, PLAIN);
        Sealing other = new GcmSealing(VolumeKey.generate(new SeededEntropy(99)), new SeededEntropy(23));
        assertRefused(other.existing("segment", sealer.salt()), 3, ADDITIONAL, sealed);
        assertRefused(checksum.existing("segment", sealer.salt()), 3, ADDITIONAL, sealed);
    }

    @Test
    void isAesGcmWithTheDerivedKeyAndThePieceAsNonce() throws GeneralSecurityException {
        PieceSealer sealer = gcm.newObject("segment");
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        byte[] nonce = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2};
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(key.derive("segment", sealer.salt(), 32), "AES"),
                new GCMParameterSpec(128, nonce));
        cipher.updateAAD(ADDITIONAL);
        assertArrayEquals(PLAIN, cipher.doFinal(seal(sealer, 0x102, ADDITIONAL, PLAIN)));
    }

    @Test
    void saysWhetherItEncrypts() {
        assertTrue(gcm.encrypted());
        assertFalse(checksum.encrypted());
    }

    @Test
    void keysOfManyObjectsAreBoundedAndStillRight() throws NotAuthenticException {
        List<byte[]> salts = new ArrayList<>();
        List<byte[]> sealed = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            PieceSealer sealer = gcm.newObject("segment");
            salts.add(sealer.salt());
            sealed.add(seal(sealer, 0, ADDITIONAL, new byte[] {(byte) i}));
        }
        for (int i = 0; i < 1500; i++) {
            assertEquals((byte) i, open(gcm.existing("segment", salts.get(i)), 0, ADDITIONAL, sealed.get(i))[0]);
        }
    }

    @Test
    void severalThreadsMaySealAndOpenAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            PieceSealer shared = gcm.newObject("segment");
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int task = 0; task < 8; task++) {
                int base = task * 1000;
                tasks.add(() -> {
                    boolean right = true;
                    for (int i = 0; i < 200; i++) {
                        byte[] plain = new SeededEntropy(base + i).bytes(300);
                        byte[] piece = seal(shared, base + i, ADDITIONAL, plain);
                        right &= Arrays.equals(plain, open(shared, base + i, ADDITIONAL, piece));
                    }
                    return right;
                });
            }
            for (Future<Boolean> result : threads.invokeAll(tasks)) {
                assertTrue(result.get());
            }
        } finally {
            List<Runnable> unused = threads.shutdownNow();
        }
    }
}
