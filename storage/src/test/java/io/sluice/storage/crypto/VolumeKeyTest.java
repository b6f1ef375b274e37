package io.sluice.storage.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.storage.runtime.Invariant;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

final class VolumeKeyTest {
    private static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    @Test
    void derivesAsRfc5869Says() throws GeneralSecurityException {
        byte[] secret = new SeededEntropy(1).bytes(32);
        byte[] salt = new SeededEntropy(2).bytes(16);
        byte[] extracted = hmac(salt, secret);
        byte[] info = {'s', 'e', 'g', 'm', 'e', 'n', 't'};
        byte[] first = hmac(extracted, info, new byte[] {1});
        byte[] second = hmac(extracted, first, info, new byte[] {2});
        try (VolumeKey key = new VolumeKey(secret.clone())) {
            assertArrayEquals(first, key.derive("segment", salt, 32));
            byte[] derived = key.derive("segment", salt, 64);
            assertArrayEquals(second, Arrays.copyOfRange(derived, 32, 64));
        }
    }

    @Test
    void otherPurposesAndSaltsGiveUnrelatedKeys() {
        try (VolumeKey key = VolumeKey.generate(new SeededEntropy(3))) {
            byte[] salt = new byte[16];
            byte[] other = new byte[16];
            other[15] = 1;
            assertFalse(Arrays.equals(key.derive("a", salt, 32), key.derive("b", salt, 32)));
            assertFalse(Arrays.equals(key.derive("a", salt, 32), key.derive("a", other, 32)));
        }
    }

    @Test
    void textRevealsNothing() {
        byte[] secret = new SeededEntropy(4).bytes(32);
        try (VolumeKey key = new VolumeKey(secret.clone())) {
            assertEquals("(volume key)", key.toString());
            assertFalse(key.toString().contains(HexFormat.of().formatHex(secret)));
        }
    }

    @Test
    void closingWipesItAndNothingCanBeDerivedAnyMore() {
        byte[] secret = new SeededEntropy(5).bytes(32);
        VolumeKey key = new VolumeKey(secret);
        key.close();
        assertArrayEquals(new byte[32], secret);
        assertThrows(Invariant.Broken.class, () -> key.derive("a", new byte[16], 32));
    }
}
