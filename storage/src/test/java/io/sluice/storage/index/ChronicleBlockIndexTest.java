package io.sluice.storage.index;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One promise of the block index after another. */
final class ChronicleBlockIndexTest {
    private static final long SMALL = 0;
    private static final long SEGMENT = Locator.segment(1, 4096, 512, 3);

    @TempDir
    private Path directory = Path.of("unset");

    private static ChronicleBlockIndex memory() throws IOException {
        return ChronicleBlockIndex.open(null, SMALL, 0);
    }

    private static long at(BlockIndex index, long lba) {
        long[] out = new long[1];
        index.lookup(lba, 1, out, 0);
        return out[0];
    }

    @Test
    void whatIsNotKnownIsUnknown() throws IOException {
        try (ChronicleBlockIndex index = memory()) {
            assertEquals(Locator.UNKNOWN, at(index, 5));
            index.putJournal(5, 0);
            assertEquals(Locator.journal(0), at(index, 5));
            assertEquals(Locator.UNKNOWN, at(index, 6));
        }
    }

    @Test
    void theHigherAddressWinsWhateverTheOrderOfArrival() throws IOException {
        try (ChronicleBlockIndex index = memory()) {
            index.putJournal(5, 20);
            index.putJournal(5, 10);
            assertEquals(Locator.journal(20), at(index, 5));
            index.putZero(0, 64, 15);
            assertEquals(Locator.journal(20), at(index, 5));
            assertEquals(Locator.zero(15), at(index, 6));
            index.putZero(5, 1, 30);
            index.putJournal(5, 25);
            assertEquals(Locator.zero(30), at(index, 5));
        }
    }

    @Test
    void aBlockMovesOnlyFromWhereItIsExpected() throws IOException {
        try (ChronicleBlockIndex index = memory()) {
            index.putJournal(5, 20);
            assertFalse(index.move(5, Locator.journal(19), SEGMENT));
            assertFalse(index.move(999, Locator.journal(20), SEGMENT));
            assertTrue(index.move(5, Locator.journal(20), SEGMENT));
            assertEquals(SEGMENT, at(index, 5));
        }
    }

    @Test
    void aFillDoesNotHideWhatWasWrittenMeanwhile() throws IOException {
        try (ChronicleBlockIndex index = memory()) {
            long[] committed = new long[64];
            Arrays.fill(committed, SEGMENT);
            index.beginFill(0);
            index.putJournal(1, 10);
            index.putZero(2, 1, 11);
            index.endFill(0, committed);
            assertEquals(SEGMENT, at(index, 0));
            assertEquals(Locator.journal(10), at(index, 1));
            assertEquals(Locator.zero(11), at(index, 2));
        }
    }

    @Test
    void aFillThatFailedLeavesTheSlotsUnknown() throws IOException {
        try (ChronicleBlockIndex index = memory()) {
            index.beginFill(0);
            index.endFill(0, null);
            assertEquals(Locator.UNKNOWN, at(index, 0));
        }
    }

    @Test
    void zeroingCoversEdgesWholeLeavesAndResidentOnes() throws IOException {
        try (ChronicleBlockIndex index = memory()) {
            index.putJournal(200, 1);
            index.putZero(10, 300, 2);
            index.putJournal(130, 3);
            long[] out = new long[402];
            index.lookup(0, 400, out, 1);
            for (int lba = 0; lba < 400; lba++) {
                long expected = lba < 10 || lba >= 310 ? Locator.UNKNOWN : Locator.zero(2);
                assertEquals(lba == 130 ? Locator.journal(3) : expected, out[lba + 1], "block " + lba);
            }
            assertEquals(4, index.residentLeaves(), "two edges, one known before, one written since");
        }
    }

    @Test
    void zeroingSixteenTebibytesIsInstantAndTakesNoMemory() throws IOException {
        try (ChronicleBlockIndex index = ChronicleBlockIndex.open(null, 1 << 20, 0)) {
            index.putJournal(77, 1);
            index.putJournal((1L << 32) - 1, 2);
            assertTimeout(Duration.ofSeconds(1), () -> {
                for (int i = 3; i < 100; i++) {
                    index.putZero(0, 1L << 32, i);
                }
            });
            assertEquals(2, index.residentLeaves());
            assertEquals(Locator.zero(99), at(index, 77));
            assertEquals(Locator.zero(99), at(index, 1L << 31));
            index.settledBelow(100);
            assertEquals(Locator.UNKNOWN, at(index, 1L << 31));
        }
    }

    @Test
    void leavesAreDroppedOnlyWhenSettledAndNotPinned() throws IOException {
        try (ChronicleBlockIndex index = memory()) {
            index.beginFill(1_000_000);
            for (int leaf = 0; leaf < 300; leaf++) {
                index.putJournal(leaf * 64L, leaf);
            }
            assertEquals(301, index.residentLeaves());
            assertTrue(index.underPressure());
            for (int leaf = 0; leaf < 290; leaf++) {
                assertTrue(index.move(leaf * 64L, Locator.journal(leaf), SEGMENT));
            }
            index.settledBelow(290);
            for (int i = 0; i < 100 && index.underPressure(); i++) {
                index.settledBelow(290);
            }
            assertFalse(index.underPressure());
            assertTrue(index.residentLeaves() <= ChronicleBlockIndex.LEAVES_MIN);
            for (int leaf = 290; leaf < 300; leaf++) {
                assertEquals(Locator.journal(leaf), at(index, leaf * 64L));
            }
            long[] committed = new long[64];
            Arrays.fill(committed, SEGMENT);
            index.endFill(1_000_000, committed);
            assertEquals(SEGMENT, at(index, 64_000_000));
        }
    }

    @Test
    void aLeafUnderAnUnsettledZeroRangeDoesNotGoBackInTime() throws IOException {
        try (ChronicleBlockIndex index = memory()) {
            index.putZero(0, 64, 5);
            for (int slot = 0; slot < 64; slot++) {
                index.putJournal(slot, 10 + slot);
                assertTrue(index.move(slot, Locator.journal(10 + slot), SEGMENT));
            }
            for (int leaf = 1; leaf < 200; leaf++) {
                index.putJournal(leaf * 64L, 100 + leaf);
            }
            assertEquals(SEGMENT, at(index, 0));
        }
    }

    @Test
    void aCleanCloseKeepsLeavesAndZeroRanges() throws IOException {
        Path file = directory.resolve("index");
        fillAndClose(file, 42);
        try (ChronicleBlockIndex index = ChronicleBlockIndex.open(file, 1 << 20, 42)) {
            assertEquals(200, index.residentLeaves());
            assertEquals(Locator.journal(1007), at(index, 7 * 64));
            assertEquals(Locator.zero(2000), at(index, 1 << 30));
            index.putJournal(7 * 64, 3000);
            assertEquals(Locator.journal(3000), at(index, 7 * 64));
        }
    }

    @Test
    void anUncleanCloseBeginsEmpty() throws IOException {
        Path file = directory.resolve("index");
        fillAndClose(file, 42);
        ChronicleBlockIndex.open(file, 1 << 20, 42).close();
        assertEmpty(file, 42);
    }

    @Test
    void aCrashAfterACleanReopeningBeginsEmpty() throws IOException {
        Path file = directory.resolve("index");
        fillAndClose(file, 42);
        Path crashed = directory.resolve("crashed");
        try (ChronicleBlockIndex index = ChronicleBlockIndex.open(file, 1 << 20, 42)) {
            assertEquals(200, index.residentLeaves());
            Files.copy(file, crashed);
            assertFalse(Files.exists(CleanMarker.pathFor(file)), "gone before the first use");
        }
        assertEmpty(crashed, 42);
    }

    @Test
    void anotherStampBeginsEmpty() throws IOException {
        Path file = directory.resolve("index");
        fillAndClose(file, 42);
        assertEmpty(file, 43);
    }

    @Test
    void aChangedFileBeginsEmpty() throws IOException {
        Path file = directory.resolve("index");
        fillAndClose(file, 42);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertEmpty(file, 42);
    }

    @Test
    void aChangedOrTruncatedMarkerBeginsEmpty() throws IOException {
        Path file = directory.resolve("index");
        for (int at = 0; at < 76; at += 3) {
            fillAndClose(file, 42);
            Path marker = CleanMarker.pathFor(file);
            byte[] bytes = Files.readAllBytes(marker);
            if (at % 2 == 0) {
                bytes[at] ^= 1;
                Files.write(marker, bytes);
            } else {
                Files.write(marker, Arrays.copyOf(bytes, at));
            }
            assertEmpty(file, 42);
        }
    }

    @Test
    void anotherMemoryBoundBeginsEmptyOrKeepsEverything() throws IOException {
        Path file = directory.resolve("index");
        fillAndClose(file, 42);
        try (ChronicleBlockIndex index = ChronicleBlockIndex.open(file, 64L << 20, 42)) {
            long value = at(index, 7 * 64);
            assertTrue(value == Locator.UNKNOWN || value == Locator.journal(1007));
            assertEquals(index.residentLeaves() == 0, value == Locator.UNKNOWN);
        }
    }

    @Test
    void closingTwiceIsHarmless() throws IOException {
        ChronicleBlockIndex index = memory();
        index.close();
        index.close();
    }

    private static void fillAndClose(Path file, long stamp) throws IOException {
        ChronicleBlockIndex index = ChronicleBlockIndex.open(file, 1 << 20, 7);
        for (int leaf = 0; leaf < 200; leaf++) {
            index.putJournal(leaf * 64L, 1000 + leaf);
        }
        index.putZero(1 << 20, 1L << 40, 2000);
        index.closeClean(stamp);
    }

    private static void assertEmpty(Path file, long stamp) throws IOException {
        try (ChronicleBlockIndex index = ChronicleBlockIndex.open(file, 1 << 20, stamp)) {
            assertEquals(0, index.residentLeaves());
            long[] out = new long[200];
            index.lookup(0, 200, out, 0);
            assertArrayEquals(new long[200], out);
            assertEquals(Locator.UNKNOWN, at(index, 1 << 30));
        }
    }
}
