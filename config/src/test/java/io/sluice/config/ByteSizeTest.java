package io.sluice.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes as texts. */
class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0,0",
        "4096,4096",
        "1 B,1",
        "3 bytes,3",
        "512k,524288",
        "512K,524288",
        "1Ki,1024",
        "1 KiB,1024",
        "64MiB,67108864",
        "1m,1048576",
        "1.5 GiB,1610612736",
        "0.5k,512",
        "1GiB,1073741824",
        "2 g,2147483648",
        "1 TiB,1099511627776",
        "1P,1125899906842624",
        "7 EiB,8070450532247928832",
        "1 kB,1000",
        "1 MB,1000000",
        "1 GB,1000000000",
        "2 mebibytes,2097152",
        "1 megabyte,1000000",
        " 1 GiB ,1073741824"
    })
    void readsUnits(String text, long bytes) {
        assertEquals(new ByteSize(bytes), ByteSize.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "GiB", "-1", "1 Gi B", "1 zebra", "1,5 GiB", "1e3", "mega", "1 kibi", "0x10", "1 parsec"})
    void refusesWhatIsNoSize(String text) {
        String message = assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text))
                .getMessage();
        assertEquals("\"" + text + "\" is not a size; write for example \"64 MiB\"", message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8 EiB", "99999999999999999999", "9223372036854775808", "0.5", "1.0001 k"})
    void refusesWhatIsNotAWholeNumberOfBytesInALong(String text) {
        assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text));
    }

    @Test
    void everyTextFormReadsBackAsTheSameSize() {
        long seed = Long.getLong("sluice.test.seed", 20261121);
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            long bytes = random.nextLong() >>> (1 + random.nextInt(62));
            ByteSize size = new ByteSize(random.nextBoolean() ? bytes : (bytes >>> 10) << 10);
            assertEquals(size, ByteSize.parse(size.toString()), "seed " + seed);
        }
    }

    @Test
    void textFormIsTheShortestExactOne() {
        assertEquals("1 GiB", ByteSize.ofGiB(1).toString());
        assertEquals("1536 KiB", ByteSize.ofKiB(1536).toString());
        assertEquals("513 B", new ByteSize(513).toString());
        assertTrue(ByteSize.ofMiB(1).compareTo(ByteSize.ofKiB(1)) > 0);
    }
}
