package io.sluice.target.scsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Both formats of sense data, byte by byte. */
class SenseDataTest {
    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void fixedFormatHasEighteenBytes() {
        assertEquals(
                "70000500000000" + "0a" + "00000000" + "2100" + "00000000",
                hex(SenseData.encode(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, false)));
        assertEquals(
                "f0000300012345" + "0a" + "00000000" + "1100" + "00000000",
                hex(SenseData.encode(SenseCode.UNRECOVERED_READ_ERROR, 0x12345, false)));
    }

    @Test
    void informationThatDoesNotFitIsLeftOutOfTheFixedFormat() {
        assertEquals(0x70, SenseData.encode(SenseCode.UNRECOVERED_READ_ERROR, 1L << 32, false)[0]);
        assertEquals((byte) 0xF0, SenseData.encode(SenseCode.UNRECOVERED_READ_ERROR, 0xFFFFFFFFL, false)[0]);
    }

    @Test
    void descriptorFormatHasItsInformationDescriptor() {
        assertEquals("7205210000000000", hex(SenseData.encode(SenseCode.LOGICAL_BLOCK_ADDRESS_OUT_OF_RANGE, true)));
        assertEquals(
                "720311000000000c" + "000a8000" + "0000000100000002",
                hex(SenseData.encode(SenseCode.UNRECOVERED_READ_ERROR, 0x1_0000_0002L, true)));
    }

    @Test
    void codesAreDistinct() {
        Set<Integer> seen = new HashSet<>();
        for (SenseCode code : SenseCode.values()) {
            int value = (code.key().code() << 16) | (code.additionalCode() << 8) | code.qualifier();
            assertTrue(seen.add(value), code.name());
        }
    }
}
