package io.sluice.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.255.255, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "192.0.2.128/25, 192.0.2.128, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.6, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::1, false",
        "fe80::/10, febf::1, true",
        "::1, ::1, true",
        "::/0, 10.0.0.1, false",
        "10.0.0.0/8, ::ffff:10.1.2.3, true",
    })
    void holdsTheAddressesOfItsPrefix(String range, String address, boolean expected) throws Exception {
        assertEquals(expected, AddressRange.parse(range).contains(InetAddress.getByName(address)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0/8",
                "10.0.0.256",
                "host.example.org",
                "2001:db8::/129",
                "fe80::1%eth0",
                ":::",
                "10.0.0.0/8/8"
            })
    void refusesWhatIsNoRange(String text) {
        assertThrows(IllegalArgumentException.class, () -> AddressRange.parse(text));
    }

    @Test
    void saysWhichRangeIsMeantWhenBitsAreSetBehindThePrefix() {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> AddressRange.parse("10.1.2.3/8"));
        assertEquals("\"10.1.2.3/8\" has bits set behind its prefix; the range is 10.0.0.0/8", refused.getMessage());
    }

    @Test
    void isWrittenAsItIsRead() {
        assertEquals("10.0.0.0/8", AddressRange.parse(" 10.0.0.0/8 ").toString());
        assertEquals("192.0.2.7", AddressRange.parse("192.0.2.7/32").toString());
        assertEquals(AddressRange.parse("192.0.2.7"), AddressRange.parse("192.0.2.7/32"));
        assertNotEquals(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("10.0.0.0/9"));
    }
}
