package io.sluice.target.scsi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.runtime.Invariant;
import java.io.IOException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The conflict table cell by cell, and the stored form. */
class ReservationStateTest {
    private static final NexusIdentity HOLDER = new NexusIdentity("iqn.a", 0x1234_5678_9ABCL, "iqn.t", 1);
    private static final NexusIdentity REGISTRANT = new NexusIdentity("iqn.b", 2, "iqn.t", 7);
    private static final NexusIdentity STRANGER = new NexusIdentity("iqn.c", 3, "iqn.t", 1);

    private static ReservationState state(ReservationType type) {
        Map<NexusIdentity, Long> keys = new LinkedHashMap<>();
        keys.put(REGISTRANT, -2L);
        keys.put(HOLDER, 0xA1L);
        return new ReservationState(5, keys, type, type.isAllRegistrants() ? null : HOLDER, true);
    }

    @ParameterizedTest
    @CsvSource({
        // class; stranger under WE, EA; registrant under WE, EA, WERO, EARO, WEAR, EAAR
        "ALWAYS,                 true,  true,  true,  true,  true, true, true, true",
        "STATUS,                 true,  true,  true,  true,  true, true, true, true",
        "PERSISTENT_RESERVATION, true,  true,  true,  true,  true, true, true, true",
        "RESERVE,                false, false, false, false, true, true, true, true",
        "READ,                   true,  false, true,  false, true, true, true, true",
        "WRITE,                  false, false, false, false, true, true, true, true"
    })
    void classesPassAsTheTableSays(
            ReservationClass kind,
            boolean strangerWrite,
            boolean strangerAll,
            boolean write,
            boolean all,
            boolean writeRegistrants,
            boolean allRegistrants,
            boolean writeEveryone,
            boolean allEveryone) {
        for (ReservationType type : ReservationType.values()) {
            assertTrue(state(type).allow(HOLDER, kind), "the holder always passes");
            assertEquals(
                    type.isExclusiveAccess() ? strangerAll : strangerWrite,
                    state(type).allow(STRANGER, kind));
        }
        assertEquals(write, state(ReservationType.WRITE_EXCLUSIVE).allow(REGISTRANT, kind));
        assertEquals(all, state(ReservationType.EXCLUSIVE_ACCESS).allow(REGISTRANT, kind));
        assertEquals(writeRegistrants, passes(ReservationType.WRITE_EXCLUSIVE_REGISTRANTS_ONLY, kind));
        assertEquals(allRegistrants, passes(ReservationType.EXCLUSIVE_ACCESS_REGISTRANTS_ONLY, kind));
        assertEquals(writeEveryone, passes(ReservationType.WRITE_EXCLUSIVE_ALL_REGISTRANTS, kind));
        assertEquals(allEveryone, passes(ReservationType.EXCLUSIVE_ACCESS_ALL_REGISTRANTS, kind));
    }

    private static boolean passes(ReservationType type, ReservationClass kind) {
        return state(type).allow(REGISTRANT, kind);
    }

    @Test
    void brokenStatesCannotBeMade() {
        assertThrows(
                Invariant.Broken.class,
                () -> new ReservationState(1, Map.of(), ReservationType.WRITE_EXCLUSIVE, null, false));
        assertThrows(Invariant.Broken.class, () -> new ReservationState(1, Map.of(HOLDER, 1L), null, HOLDER, false));
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeComesBackFromItsStoredForm(ReservationType type) throws IOException {
        assertEquals(state(type), ReservationStateCodec.decode(ReservationStateCodec.encode(state(type))));
        assertEquals(
                ReservationState.NONE,
                ReservationStateCodec.decode(ReservationStateCodec.encode(ReservationState.NONE)));
    }

    @Test
    void storedFormOfVersionOneStaysReadable() throws IOException {
        String golden = "534c5052" + "0001" + "01" + "05" + "00000005" + "0001" + "0002"
                + "fffffffffffffffe" + "0000000000000002" + "0007" + "0005" + "69716e2e62" + "0005" + "69716e2e74"
                + "00000000000000a1" + "0000123456789abc" + "0001" + "0005" + "69716e2e61" + "0005" + "69716e2e74"
                + "56d17593";
        byte[] encoded = ReservationStateCodec.encode(state(ReservationType.WRITE_EXCLUSIVE_REGISTRANTS_ONLY));
        String hex = HexFormat.of().formatHex(encoded);
        assertEquals(golden, hex);
        assertEquals(
                state(ReservationType.WRITE_EXCLUSIVE_REGISTRANTS_ONLY),
                ReservationStateCodec.decode(HexFormat.of().parseHex(golden)));
    }

    @Test
    void damageIsNoticed() {
        byte[] good = ReservationStateCodec.encode(state(ReservationType.WRITE_EXCLUSIVE));
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x10;
            assertThrows(IOException.class, () -> ReservationStateCodec.decode(bad));
        }
        assertThrows(IOException.class, () -> ReservationStateCodec.decode(new byte[0]));
        assertThrows(IOException.class, () -> ReservationStateCodec.decode(java.util.Arrays.copyOf(good, 30)));
    }
}
