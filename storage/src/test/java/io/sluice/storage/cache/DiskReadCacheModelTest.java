package io.sluice.storage.cache;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.cache.ReadCache.Origin;
import io.sluice.storage.format.Locator;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random work with restarts, deaths in the middle of writes, power losses and damage: bytes are right or absent. */
final class DiskReadCacheModelTest {
    private static final int SLOTS = 12;
    private static final int SEGMENTS = 4;
    private static final int FRAMES = 5;

    private long verified;

    @Test
    void neverGivesWrongBytes() {
        for (long seed = 1; seed <= 25; seed++) {
            try {
                new Run(seed).run();
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("seed " + seed, failure);
            }
        }
        assertTrue(verified > 1500, "only " + verified + " reads hit: the test tests nothing");
    }

    private final class Run {
        private final Random random;
        private final CacheFixture fixture;
        private final Set<Long> dropped = new HashSet<>();
        private DiskReadCache cache;
        private long nextSegment = SEGMENTS;

        private Run(long seed) {
            random = new Random(seed);
            fixture = new CacheFixture(SLOTS, seed);
            cache = fixture.open();
        }

        private void run() {
            for (int step = 0; step < 600; step++) {
                try {
                    step();
                } catch (MemoryDisk.Death death) {
                    restart();
                }
            }
        }

        private void step() {
            int choice = random.nextInt(100);
            if (choice < 45) {
                read();
            } else if (choice < 75) {
                long key = key();
                if (!dropped.contains(Locator.segmentNumber(key))) {
                    cache.insert(
                            key, CacheFixture.content(key), random.nextBoolean() ? Origin.READ : Origin.READ_AHEAD);
                }
            } else if (choice < 90) {
                fixture.settle(random.nextInt(20));
            } else if (choice < 92) {
                drop();
            } else if (choice < 94) {
                long size = fixture.disk.sizeOf(CacheFormat.SLOTS_NAME);
                fixture.disk.damage(CacheFormat.SLOTS_NAME, 4096 + (long) (random.nextDouble() * (size - 4096)));
            } else if (choice < 95) {
                fixture.disk.dieAfterWrites(random.nextInt(6));
            } else if (choice < 96) {
                fixture.disk.losePower(random);
                restart();
            } else if (choice < 97) {
                restart();
            } else {
                restartCleanly();
            }
        }

        private void read() {
            int block = random.nextInt(32);
            int from = random.nextInt(4096);
            long key = key();
            boolean hit = switch (random.nextInt(3)) {
                case 0 -> CacheFixture.readAndVerify(cache, key, block, 0, 4096);
                case 1 -> CacheFixture.readAndVerify(cache, key, block, from, random.nextInt(4097 - from));
                default ->
                    CacheFixture.readAndVerify(cache, key, block, from, random.nextInt((32 - block) * 4096 - from + 1));
            };
            verified += hit ? 1 : 0;
        }

        private void drop() {
            long segment = nextSegment - 1 - random.nextInt(SEGMENTS);
            dropped.add(segment);
            nextSegment++;
            cache.dropSegments(Set.of(segment));
            for (int frame = 0; frame < FRAMES; frame++) {
                assertFalse(cache.contains(CacheFixture.key(segment, frame)));
            }
        }

        private void restart() {
            fixture.disk.live();
            cache = fixture.open();
        }

        private void restartCleanly() {
            fixture.disk.live();
            fixture.settle();
            Set<Long> before = present();
            cache.close();
            cache = fixture.open();
            assertTrue(present().equals(before), "a clean restart keeps what was here");
        }

        private Set<Long> present() {
            Set<Long> present = new HashSet<>();
            for (long segment = 0; segment < nextSegment; segment++) {
                for (int frame = 0; frame < FRAMES; frame++) {
                    if (cache.contains(CacheFixture.key(segment, frame))) {
                        present.add(CacheFixture.key(segment, frame));
                    }
                }
            }
            return present;
        }

        private long key() {
            return CacheFixture.key(nextSegment - 1 - random.nextInt(SEGMENTS), random.nextInt(FRAMES));
        }
    }
}
