package io.sluice.target.iscsi.login;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Binary values in keys (RFC 7143 section 6.1). */
final class BinaryTextTest {
    @Test
    void readsWhatItWrites() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        for (int length = 1; length < 300; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            for (BinaryText.Encoding encoding : BinaryText.Encoding.values()) {
                BinaryText read = BinaryText.decode(encoding.encode(bytes), 300).orElseThrow();
                assertArrayEquals(bytes, read.bytes(), "seed " + seed);
                assertEquals(encoding, read.encoding());
                assertEquals(Optional.empty(), BinaryText.decode(encoding.encode(bytes), length - 1));
            }
        }
    }

    @Test
    void anOddDigitIsANumberWithoutItsLeadingZero() {
        assertArrayEquals(new byte[] {0x0a, (byte) 0xbc}, decoded("0xabc"));
        assertArrayEquals(new byte[] {5}, decoded("0X5"));
    }

    @Test
    void readsBothEncodings() {
        assertArrayEquals(new byte[] {(byte) 0xde, (byte) 0xad}, decoded("0xDeAd"));
        assertArrayEquals(new byte[] {(byte) 0xde, (byte) 0xad}, decoded("0B3q0="));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "0x", "0b", "5", "deadbeef", "0xzz", "0b3q0", "0b3q0==", "0b====", "0b3 0=", "x0aa"})
    void refusesWhatIsNeither(String text) {
        assertEquals(Optional.empty(), BinaryText.decode(text, 1024).map(BinaryText::encoding));
    }

    private static byte[] decoded(String text) {
        return BinaryText.decode(text, 1024).orElseThrow().bytes();
    }
}
