package io.sluice.storage.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.Invariant;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ObjectNamesTest {
    private final ObjectNames names = new ObjectNames("demo");

    @Test
    void namesAreTheOnesOfTheFormat() {
        assertEquals("demo/manifest/0000000000000007", names.manifest(7));
        assertEquals("demo/segment/00000000000004d2", names.segment(1234));
        assertEquals("demo/checkpoint/7fffffffffffffff", names.checkpoint(Long.MAX_VALUE));
    }

    @Test
    void orderOfNamesIsOrderOfNumbers() {
        long seed = 31;
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            long a = random.nextLong() >>> (1 + random.nextInt(63));
            long b = random.nextLong() >>> (1 + random.nextInt(63));
            assertEquals(
                    Integer.signum(Long.compare(a, b)),
                    Integer.signum(names.segment(a).compareTo(names.segment(b))),
                    "seed " + seed);
        }
    }

    @Test
    void namesAreReadBack() {
        assertEquals(OptionalLong.of(7), names.manifestNumber(names.manifest(7)));
        assertEquals(OptionalLong.of(Long.MAX_VALUE), names.segmentNumber(names.segment(Long.MAX_VALUE)));
        assertEquals(OptionalLong.of(0), names.checkpointNumber(names.checkpoint(0)));
    }

    @Test
    void foreignNamesAreNotRead() {
        assertTrue(names.manifestNumber(names.segment(7)).isEmpty());
        assertTrue(names.segmentNumber("other/segment/0000000000000007").isEmpty());
        assertTrue(names.segmentNumber("demo/segment/7").isEmpty());
        assertTrue(names.segmentNumber("demo/segment/00000000000004D2").isEmpty());
        assertTrue(names.segmentNumber("demo/segment/8000000000000000").isEmpty());
        assertTrue(names.segmentNumber("demo/segment/0000000000000007.tmp").isEmpty());
    }

    @Test
    void impossibleVolumeNamesAreRefused() {
        for (String bad : new String[] {"", ".", "..", "-a", "a/b", "a b", "ä", "a".repeat(129)}) {
            assertFalse(ObjectNames.isVolumeName(bad), bad);
            assertThrows(IllegalArgumentException.class, () -> new ObjectNames(bad), bad);
        }
        assertTrue(ObjectNames.isVolumeName("Vol_1.a-b"));
    }

    @Test
    void negativeNumbersAreAMistakeOfTheCaller() {
        assertThrows(Invariant.Broken.class, () -> names.segment(-1));
    }
}
