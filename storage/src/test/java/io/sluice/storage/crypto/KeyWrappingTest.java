package io.sluice.storage.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.Secret;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class KeyWrappingTest {
    private static final KdfParameters CHEAP = new KdfParameters(64, 1, 1);

    private final SeededEntropy entropy = new SeededEntropy(11);

    @Test
    void whatIsWrappedUnwrapsWithTheSamePassphrase() throws WrongPassphraseException {
        try (VolumeKey key = VolumeKey.generate(entropy)) {
            WrappedKey wrapped = KeyWrapping.wrap(key, Secret.ofText("open sesame"), CHEAP, entropy);
            try (VolumeKey again = KeyWrapping.unwrap(wrapped, Secret.ofText("open sesame"))) {
                assertArrayEquals(key.reveal(), again.reveal());
            }
        }
    }

    @Test
    void defaultCostWorks() throws WrongPassphraseException {
        try (VolumeKey key = VolumeKey.generate(entropy)) {
            WrappedKey wrapped = KeyWrapping.wrap(key, Secret.ofText("p"), KdfParameters.DEFAULT, entropy);
            try (VolumeKey again = KeyWrapping.unwrap(wrapped, Secret.ofText("p"))) {
                assertArrayEquals(key.reveal(), again.reveal());
            }
        }
    }

    @Test
    void defaultCostIsTheSecondRecommendationOfRfc9106() {
        assertEquals(new KdfParameters(65536, 3, 4), KdfParameters.DEFAULT);
    }

    @Test
    void wrongPassphraseIsToldAndNotRevealed() {
        try (VolumeKey key = VolumeKey.generate(entropy)) {
            WrappedKey wrapped = KeyWrapping.wrap(key, Secret.ofText("right"), CHEAP, entropy);
            WrongPassphraseException failure = assertThrows(
                    WrongPassphraseException.class, () -> KeyWrapping.unwrap(wrapped, Secret.ofText("hunter2")));
            assertTrue(failure.toString().contains("passphrase"), failure::toString);
            assertFalse(failure.toString().contains("hunter2"), failure::toString);
        }
    }

    @Test
    void everyBitOfTheWrappedKeyAndItsSaltCounts() {
        try (VolumeKey key = VolumeKey.generate(entropy)) {
            Secret passphrase = Secret.ofText("p");
            WrappedKey wrapped = KeyWrapping.wrap(key, passphrase, CHEAP, entropy);
            for (int bit = 0; bit < 8 * WrappedKey.WRAPPED_BYTES; bit++) {
                byte[] changed = wrapped.wrapped();
                changed[bit / 8] ^= (byte) (1 << (bit % 8));
                WrappedKey damaged = new WrappedKey(CHEAP, wrapped.salt(), changed);
                assertThrows(WrongPassphraseException.class, () -> KeyWrapping.unwrap(damaged, passphrase));
            }
            byte[] salt = wrapped.salt();
            salt[0] ^= 1;
            WrappedKey damaged = new WrappedKey(CHEAP, salt, wrapped.wrapped());
            assertThrows(WrongPassphraseException.class, () -> KeyWrapping.unwrap(damaged, passphrase));
        }
    }

    @Test
    void wrappedKeyDoesNotContainTheKey() {
        try (VolumeKey key = VolumeKey.generate(entropy)) {
            WrappedKey wrapped = KeyWrapping.wrap(key, Secret.ofText("p"), CHEAP, entropy);
            String plain = HexFormat.of().formatHex(key.reveal()).substring(0, 16);
            assertFalse(HexFormat.of().formatHex(wrapped.wrapped()).contains(plain));
            assertFalse(wrapped.toString().contains(HexFormat.of().formatHex(wrapped.wrapped())));
        }
    }

    @Test
    void absurdCostsAreRefusedBeforeAnyMemoryIsTaken() {
        assertFalse(KdfParameters.isAcceptable(100 * 1024 * 1024, 1, 1));
        assertFalse(KdfParameters.isAcceptable(Integer.MAX_VALUE, Integer.MAX_VALUE, 1));
        assertFalse(KdfParameters.isAcceptable(1024 * 1024, 64, 1));
        assertFalse(KdfParameters.isAcceptable(65536, 0, 1));
        assertFalse(KdfParameters.isAcceptable(65536, 3, 0));
        assertFalse(KdfParameters.isAcceptable(65536, 3, 17));
        assertFalse(KdfParameters.isAcceptable(-1, 3, 1));
        assertFalse(KdfParameters.isAcceptable(8, 1, 2));
        assertThrows(IllegalArgumentException.class, () -> new KdfParameters(100 * 1024 * 1024, 1, 1));
    }
}
