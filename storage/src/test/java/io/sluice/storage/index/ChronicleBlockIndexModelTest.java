package io.sluice.storage.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The index with a little engine around it: writes out of order, flushes, fills that overlap both, few leaves. */
final class ChronicleBlockIndexModelTest {
    private static final int LEAVES = 400;
    private static final int BLOCKS = LEAVES * 64;

    /** A record of the journal: a block written, or a range zeroed. */
    private record Entry(long address, long lba, long count, boolean zero) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void indexOverCommittedMappingAlwaysShowsTheNewestVersion(long seed) throws IOException {
        try (ChronicleBlockIndex index = ChronicleBlockIndex.open(null, 0, 0)) {
            new Run(seed, index).go();
        } catch (AssertionError failure) {
            throw new AssertionError("seed " + seed, failure);
        }
    }

    private static final class Run {
        final Random random;
        final ChronicleBlockIndex index;
        final long[] committed = new long[BLOCKS];
        /** Newest address of each block, and whether it is a zeroing. */
        final long[] newest = new long[BLOCKS];

        final boolean[] zeroed = new boolean[BLOCKS];
        final List<Entry> pending = new ArrayList<>();
        final Map<Long, long[]> fills = new HashMap<>();
        long nextAddress = 1;
        long settled = 1;
        long nextSegment = 1;

        Run(long seed, ChronicleBlockIndex index) {
            this.random = new Random(seed);
            this.index = index;
            Arrays.fill(committed, Locator.ZERO);
        }

        void go() {
            for (int i = 0; i < 6000; i++) {
                int choice = random.nextInt(100);
                if (choice < 45) {
                    if (!index.underPressure()) {
                        writeBatch();
                    } else {
                        flush();
                    }
                } else if (choice < 60) {
                    beginFill();
                } else if (choice < 75) {
                    endFill();
                } else if (choice < 79) {
                    flush();
                } else {
                    check(random.nextInt(BLOCKS - 300), 1 + random.nextInt(300));
                }
            }
            check(0, BLOCKS);
            while (!pending.isEmpty()) {
                flush();
            }
            check(0, BLOCKS);
            assertTrue(index.residentLeaves() < LEAVES, "leaves were dropped");
        }

        private void writeBatch() {
            List<Entry> batch = new ArrayList<>();
            int count = 1 + random.nextInt(6);
            long around = random.nextInt(BLOCKS);
            for (int i = 0; i < count; i++) {
                long lba = random.nextInt(3) == 0 ? around : random.nextInt(BLOCKS);
                if (random.nextInt(8) > 0) {
                    batch.add(new Entry(nextAddress, lba, 1, false));
                } else {
                    long most = random.nextInt(10) == 0 ? BLOCKS : 500;
                    batch.add(new Entry(
                            nextAddress, lba, 1 + (random.nextLong() >>> 1) % Math.min(most, BLOCKS - lba), true));
                }
                nextAddress += 1 + random.nextInt(3);
            }
            pending.addAll(batch);
            batch.forEach(this::note);
            Collections.shuffle(batch, random);
            for (Entry entry : batch) {
                if (entry.zero()) {
                    index.putZero(entry.lba(), entry.count(), entry.address());
                } else {
                    index.putJournal(entry.lba(), entry.address());
                }
            }
        }

        private void note(Entry entry) {
            for (long lba = entry.lba(); lba < entry.lba() + entry.count(); lba++) {
                newest[(int) lba] = entry.address();
                zeroed[(int) lba] = entry.zero();
            }
        }

        /** The oldest part of the journal goes to a segment; then it is settled. */
        private void flush() {
            int take = pending.isEmpty() ? 0 : 1 + random.nextInt(pending.size());
            Map<Long, Long> written = new HashMap<>();
            for (Entry entry : pending.subList(0, take)) {
                for (long lba = entry.lba(); lba < entry.lba() + entry.count(); lba++) {
                    if (entry.zero()) {
                        committed[(int) lba] = Locator.ZERO;
                        written.remove(lba);
                    } else {
                        written.put(lba, entry.address());
                    }
                }
            }
            written.forEach((lba, address) -> {
                committed[lba.intValue()] =
                        Locator.segment(nextSegment, (int) (lba % 60_000) * 512, 512, (int) (lba % 32));
                index.move(lba, Locator.journal(address), committed[lba.intValue()]);
            });
            nextSegment++;
            pending.subList(0, take).clear();
            settled = pending.isEmpty() ? nextAddress : pending.get(0).address();
            index.settledBelow(settled);
        }

        private void beginFill() {
            long leaf = random.nextInt(LEAVES);
            if (fills.size() < 10 && !fills.containsKey(leaf)) {
                index.beginFill(leaf);
                fills.put(leaf, Arrays.copyOfRange(committed, (int) leaf * 64, ((int) leaf * 64) + 64));
            }
        }

        private void endFill() {
            if (!fills.isEmpty()) {
                long leaf = fills.keySet().iterator().next();
                long[] answer = fills.remove(leaf);
                index.endFill(leaf, random.nextInt(5) == 0 ? null : answer);
            }
        }

        private void check(int lba, int count) {
            long[] out = new long[count];
            index.lookup(lba, count, out, 0);
            for (int i = 0; i < count; i++) {
                int block = lba + i;
                long found = out[i] == Locator.UNKNOWN ? committed[block] : out[i];
                if (newest[block] < settled) {
                    assertEquals(
                            Locator.isZero(committed[block]) ? Locator.ZERO : committed[block],
                            Locator.isZero(found) ? Locator.ZERO : found,
                            "settled block " + block);
                } else {
                    long expected = zeroed[block] ? Locator.zero(newest[block]) : Locator.journal(newest[block]);
                    assertEquals(expected, found, "block " + block);
                }
            }
        }
    }
}
