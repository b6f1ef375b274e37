package io.sluice.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses as texts. */
class PortalTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:3260,127.0.0.1,3260",
        "127.0.0.1,127.0.0.1,3260",
        "storage.example.org:0,storage.example.org,0",
        "[::1]:3261,::1,3261",
        "[::],::,3260",
        "[fe80::1%eth0]:65535,fe80::1%eth0,65535",
    })
    void readsAddressAndPortAndWritesThemBack(String text, String host, int port) {
        Portal portal = Portal.parse(text);
        assertEquals(new Portal(host, port), portal);
        assertEquals(portal, Portal.parse(portal.toString()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":3260", "h:", "h:x", "h:65536", "h:-1", "::1", "::1:3260", "[::1", "a b:1", "[]:1", "h/24:1"
            })
    void refusesWhatIsNoPortal(String text) {
        assertThrows(IllegalArgumentException.class, () -> Portal.parse(text));
    }
}
