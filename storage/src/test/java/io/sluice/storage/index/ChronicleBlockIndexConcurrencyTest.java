package io.sluice.storage.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.format.Locator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

/** Several threads at once; each checks what it may rely on. */
final class ChronicleBlockIndexConcurrencyTest {
    private static final int THREADS = 3;
    private static final int ROUNDS = 20_000;

    /** Runs {@code work} on each of the threads and waits for all. */
    private static void onAllThreads(java.util.function.IntConsumer work)
            throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                running.add(threads.submit(() -> work.accept(number)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void theHighestAddressStandsInTheEndWhoeverPutIt() throws Exception {
        int blocks = 100 * 64;
        AtomicLong addresses = new AtomicLong(1);
        AtomicLongArray newest = new AtomicLongArray(blocks);
        try (ChronicleBlockIndex index = ChronicleBlockIndex.open(null, 1 << 20, 0)) {
            onAllThreads(thread -> {
                Random random = new Random(thread);
                for (int i = 0; i < ROUNDS; i++) {
                    int lba = random.nextInt(blocks);
                    long address = addresses.getAndIncrement();
                    if (random.nextInt(200) > 0) {
                        index.putJournal(lba, address);
                        newest.accumulateAndGet(lba, address * 2, Math::max);
                    } else {
                        int count = 1 + random.nextInt(Math.min(blocks - lba, 400));
                        index.putZero(lba, count, address);
                        for (int block = lba; block < lba + count; block++) {
                            newest.accumulateAndGet(block, (address * 2) + 1, Math::max);
                        }
                    }
                }
            });
            long[] out = new long[blocks];
            index.lookup(0, blocks, out, 0);
            for (int lba = 0; lba < blocks; lba++) {
                long version = newest.get(lba);
                long expected = (version & 1) == 1 ? Locator.zero(version / 2) : Locator.journal(version / 2);
                assertEquals(version == 0 ? Locator.UNKNOWN : expected, out[lba], "block " + lba);
            }
        }
    }

    @Test
    void eachThreadAlwaysFindsItsOwnBlocksWhileLeavesComeAndGo() throws Exception {
        AtomicLong addresses = new AtomicLong(1);
        AtomicLongArray flushedTo = new AtomicLongArray(THREADS);
        try (ChronicleBlockIndex index = ChronicleBlockIndex.open(null, 200 * LeafTable.ENTRY_BYTES, 0)) {
            onAllThreads(thread -> new Owner(thread, index, addresses, flushedTo).run());
            assertTrue(index.residentLeaves() < 1000, "leaves were dropped: " + index.residentLeaves());
        }
    }

    /** Writes, flushes and checks the leaves whose number is its own modulo the number of threads. */
    private static final class Owner {
        private static final int OWN_LEAVES = 400;

        private final int thread;
        private final ChronicleBlockIndex index;
        private final AtomicLong addresses;
        private final AtomicLongArray flushedTo;
        private final Random random;
        /** One block of each leaf: its newest place. */
        private final long[] place = new long[OWN_LEAVES];

        private final long[] committed = new long[OWN_LEAVES];

        Owner(int thread, ChronicleBlockIndex index, AtomicLong addresses, AtomicLongArray flushedTo) {
            this.thread = thread;
            this.index = index;
            this.addresses = addresses;
            this.flushedTo = flushedTo;
            this.random = new Random(thread);
        }

        private long lba(int own) {
            return (((long) own * THREADS) + thread) * 64 + (own % 64);
        }

        void run() {
            for (int i = 0; i < ROUNDS; i++) {
                int own = random.nextInt(OWN_LEAVES);
                int choice = random.nextInt(10);
                if (choice < 4 && !index.underPressure()) {
                    long address = addresses.getAndIncrement();
                    place[own] = Locator.journal(address);
                    index.putJournal(lba(own), address);
                } else if (choice == 4) {
                    fill(own);
                } else {
                    check(own);
                }
                if (i % 100 == 0 || index.underPressure()) {
                    flush();
                }
            }
            flushedTo.set(thread, Long.MAX_VALUE / 4);
        }

        private void check(int own) {
            long[] out = new long[1];
            index.lookup(lba(own), 1, out, 0);
            long found = out[0] == Locator.UNKNOWN ? committed[own] : out[0];
            assertEquals(place[own], found, "thread " + thread + " leaf " + own);
        }

        private void fill(int own) {
            long leaf = lba(own) / 64;
            index.beginFill(leaf);
            long[] answer = new long[64];
            answer[own % 64] = committed[own];
            index.endFill(leaf, answer);
        }

        private void flush() {
            long upTo = addresses.get();
            for (int own = 0; own < OWN_LEAVES; own++) {
                if (Locator.isJournal(place[own])) {
                    long address = Locator.address(place[own]);
                    committed[own] = Locator.segment(address % 1_000_000, own * 512, 512, 1);
                    assertTrue(index.move(lba(own), place[own], committed[own]), "a journal place is never lost");
                    place[own] = committed[own];
                }
            }
            flushedTo.set(thread, upTo);
            long settled = Long.MAX_VALUE;
            for (int other = 0; other < THREADS; other++) {
                settled = Math.min(settled, flushedTo.get(other));
            }
            index.settledBelow(settled);
        }
    }
}
