package io.sluice.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InitiatorPatternTest {
    @ParameterizedTest
    @CsvSource({
        "iqn.1993-08.org.debian:01:abc, iqn.1993-08.org.debian:01:abc, true",
        "IQN.1993-08.org.Debian:01:ABC, iqn.1993-08.org.debian:01:abc, true",
        "iqn.1993-08.org.debian:01:abc, iqn.1993-08.org.debian:01:abcd, false",
        "iqn.1993-08.org.debian:*, iqn.1993-08.org.debian:01:abc, true",
        "iqn.1993-08.org.DEBIAN:*, iqn.1993-08.org.debian:01:abc, true",
        "iqn.1993-08.org.debian:*, iqn.1993-08.org.suse:01:abc, false",
        "*, anything, true",
        "eui.*, eui.02004567a425678d, true",
    })
    void matchesOneNameOrABeginning(String pattern, String name, boolean expected) {
        assertEquals(expected, InitiatorPattern.parse(pattern).matches(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "debian", "debian*", "iqn.*:abc", "iqn.2026-11.org.example:a b", "iqn.*.*"})
    void refusesWhatMatchesNoName(String text) {
        assertThrows(IllegalArgumentException.class, () -> InitiatorPattern.parse(text));
    }
}
