package io.sluice.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7143 section 4.2.7. */
class IscsiNameTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "iqn.2001-04.com.example:storage:diskarrays-sn-a8675309",
                "iqn.2001-04.com.example",
                "iqn.2001-04.com.example:storage.tape1.sys1.xyz",
                "iqn.1993-08.org.debian:01:abcdef012345",
                "iqn.1991-05.com.microsoft:host-1",
                "iqn.2026-11.io.sluice:demo",
                "eui.02004567a425678d",
                "naa.52004567ba64678d",
                "naa.62004567ba64678d0123456789abcdef",
            })
    void acceptsTheNamesOfTheStandardAsTheyAre(String name) {
        assertEquals(name, IscsiName.normalise(name));
    }

    @ParameterizedTest
    @CsvSource({
        "IQN.2001-04.COM.Example:Disk,iqn.2001-04.com.example:disk",
        "EUI.02004567A425678D,eui.02004567a425678d",
        "iqn.2001-04.com.example:\uFF11,iqn.2001-04.com.example:1",
        "iqn.2001-04.com.example:M\u00DCLLER,iqn.2001-04.com.example:m\u00FCller",
        "iqn.2001-04.com.example:mu\u0308ller,iqn.2001-04.com.example:m\u00FCller",
    })
    void normalisesCaseAndForm(String name, String normal) {
        assertEquals(normal, IscsiName.normalise(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "disk",
                "iqn.",
                "iqn.2001.com.example",
                "iqn.2001-00.com",
                "iqn.2001-13.com",
                "iqn.01-04.com",
                "iqn.2001-04.",
                "iqn.2001-04.:x",
                "iqn.2001-04.com..example",
                "iqn.2001-04.com.example.",
                "iqn.2001-04.com.example:a,b",
                "iqn.2001-04.com.example:a/b",
                "iqn.2001-04.com.example:a\nb",
                "iqn.2001-04.com.example:a\u0000",
                "eui.02004567a425678",
                "eui.02004567a425678d0",
                "naa.0123",
                "naa.x2004567ba64678d",
            })
    void refusesWhatIsNone(String name) {
        assertThrows(IllegalArgumentException.class, () -> IscsiName.normalise(name));
    }

    @Test
    void boundsTheLengthInBytes() {
        String prefix = "iqn.2001-04.com.example:";
        String longest = prefix + "x".repeat(IscsiName.LENGTH_MAX_BYTES - prefix.length());
        assertEquals(longest, IscsiName.normalise(longest));
        assertThrows(IllegalArgumentException.class, () -> IscsiName.normalise(longest + "x"));
        String umlauts = prefix + "\u00FC".repeat(100);
        String message = assertThrows(IllegalArgumentException.class, () -> IscsiName.normalise(umlauts))
                .toString();
        assertTrue(message.contains("at most 223 bytes"), message);
    }
}
