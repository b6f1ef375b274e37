package io.sluice.storage.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.recovery.OperatorWord.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The small files of a cache directory: their bytes are fixed, damage is found, a power loss leaves the old or the new. */
final class SmallFilesTest {
    private static final UUID VOLUME = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
    private static final CacheState STATE = new CacheState(VOLUME, 7, 0x1122334455667788L, 5, 6, 31, 1 << 20);
    private static final OperatorWord WORD =
            new OperatorWord(Kind.TAKE_OVER, VOLUME, 7, 0x1122334455667788L, 5, new UUID(11, 12));

    /** Version 1, for ever. */
    private static final String GOLDEN_STATE = "536c756963654353" + "00000001" + "0102030405060708090a0b0c0d0e0f10"
            + "0000000000000007" + "1122334455667788" + "0000000000000005" + "0000000000000006" + "000000000000001f"
            + "0000000000100000" + "bba7b1dd";

    private static final String GOLDEN_WORD = "536c756963654f57" + "00000001" + "0102030405060708090a0b0c0d0e0f10"
            + "0000000000000007" + "01" + "1122334455667788" + "0000000000000005" + "000000000000000b000000000000000c"
            + "62742ef8";

    private static final OpeningAttempts ATTEMPTS = new OpeningAttempts(
            VOLUME,
            List.of(
                    new OpeningAttempts.Attempt(6, 0x1122334455667788L),
                    new OpeningAttempts.Attempt(7, 0x2122334455667788L)));

    private static final String GOLDEN_ATTEMPTS = "536c756963654f41" + "00000001" + "0102030405060708090a0b0c0d0e0f10"
            + "0000000000000002" + "0000000000000006" + "1122334455667788" + "0000000000000007" + "2122334455667788"
            + "bec34eaa";

    private static final List<SimulatedDisk.Operation> OPERATIONS = List.of(SimulatedDisk.Operation.values());

    private final SimulatedDisk disk = SimulatedDisk.create();

    private static String hex(ByteBuffer bytes) {
        byte[] all = new byte[bytes.remaining()];
        bytes.duplicate().get(all);
        return HexFormat.of().formatHex(all);
    }

    private static ByteBuffer bytes(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    }

    @Test
    void theirBytesAreFixed() throws IOException {
        assertEquals(GOLDEN_STATE, hex(STATE.encode()));
        assertEquals(STATE, CacheState.decode("state", bytes(GOLDEN_STATE)));
        assertEquals(GOLDEN_WORD, hex(WORD.encode()));
        assertEquals(WORD, OperatorWord.decode(Kind.TAKE_OVER, "word", bytes(GOLDEN_WORD)));
        assertEquals(GOLDEN_ATTEMPTS, hex(ATTEMPTS.encode()));
        assertEquals(ATTEMPTS, OpeningAttempts.decode("opening", bytes(GOLDEN_ATTEMPTS)));
    }

    @Test
    void everyFlippedBitAndEveryCutIsFound() {
        for (int bit = 0; bit < GOLDEN_STATE.length() * 4; bit++) {
            ByteBuffer state = bytes(GOLDEN_STATE);
            state.put(bit / 8, (byte) (state.get(bit / 8) ^ (1 << (bit % 8))));
            assertThrows(IOException.class, () -> CacheState.decode("state", state), "bit " + bit);
        }
        for (int bit = 0; bit < GOLDEN_WORD.length() * 4; bit++) {
            ByteBuffer word = bytes(GOLDEN_WORD);
            word.put(bit / 8, (byte) (word.get(bit / 8) ^ (1 << (bit % 8))));
            assertThrows(IOException.class, () -> OperatorWord.decode(Kind.TAKE_OVER, "word", word), "bit " + bit);
        }
        for (int bit = 0; bit < GOLDEN_ATTEMPTS.length() * 4; bit++) {
            ByteBuffer attempts = bytes(GOLDEN_ATTEMPTS);
            attempts.put(bit / 8, (byte) (attempts.get(bit / 8) ^ (1 << (bit % 8))));
            assertThrows(IOException.class, () -> OpeningAttempts.decode("opening", attempts), "bit " + bit);
        }
        for (int length = 0; length < GOLDEN_STATE.length() / 2; length++) {
            ByteBuffer cut = bytes(GOLDEN_STATE).limit(length);
            assertThrows(IOException.class, () -> CacheState.decode("state", cut), "length " + length);
        }
    }

    @Test
    void aWordOfOneKindIsNoWordOfTheOther() {
        assertThrows(IOException.class, () -> OperatorWord.decode(Kind.ACCEPT_ROLLBACK, "word", bytes(GOLDEN_WORD)));
    }

    @Test
    void aPowerLossLeavesTheOldOrTheNew() throws IOException {
        for (int seed = 1; seed < 200; seed++) {
            SimulatedDisk machine = SimulatedDisk.create();
            STATE.write(machine);
            CacheState next = STATE.withOwnEpoch(100 + seed);
            machine.failOnce(OPERATIONS.get(seed % OPERATIONS.size()), 1);
            boolean written = true;
            try {
                next.write(machine);
            } catch (IOException expected) {
                written = false;
            }
            machine.crashMachine(seed);
            Optional<CacheState> found = CacheState.read(machine.reopen());
            assertTrue(found.isPresent());
            assertTrue(found.get().equals(next) || (!written && found.get().equals(STATE)), "seed " + seed);
        }
    }

    @Test
    void whatIsRemovedStaysRemoved() throws IOException {
        WORD.write(disk);
        OperatorWord.remove(disk, Kind.TAKE_OVER);
        disk.crashMachine(3);
        assertEquals(Optional.empty(), OperatorWord.read(disk.reopen(), Kind.TAKE_OVER));
    }
}
