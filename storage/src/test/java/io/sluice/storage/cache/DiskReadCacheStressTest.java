package io.sluice.storage.cache;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.cache.ReadCache.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Readers, inserters and droppers on real threads, with far more frames than slots. */
final class DiskReadCacheStressTest {
    private static final int KEYS = 24;

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicLong hits = new AtomicLong();

    @Test
    void readersNeverSeeAnotherFrameWhileSlotsAreRefilled() throws Exception {
        CacheFixture fixture = new CacheFixture(6, 3);
        ExecutorService lane = Executors.newSingleThreadExecutor();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        DiskReadCache cache = fixture.open(fixture.new TaskRuntime(lane));
        List<Future<?>> work = new ArrayList<>();
        for (int reader = 0; reader < 3; reader++) {
            long seed = reader;
            work.add(threads.submit(() -> read(cache, new Random(seed))));
        }
        work.add(threads.submit(() -> insert(cache, new Random(99))));
        Thread.sleep(Duration.ofSeconds(2).toMillis());
        over.set(true);
        for (Future<?> one : work) {
            one.get(20, TimeUnit.SECONDS);
        }
        cache.close();
        threads.shutdown();
        lane.shutdown();
        assertTrue(lane.awaitTermination(20, TimeUnit.SECONDS));
        assertTrue(hits.get() > 100, "hits " + hits.get());
    }

    private void read(ReadCache cache, Random random) {
        while (!over.get()) {
            long key = CacheFixture.key(1 + random.nextInt(2), random.nextInt(KEYS / 2));
            if (CacheFixture.readAndVerify(cache, key, random.nextInt(32), 100, 2000)) {
                hits.incrementAndGet();
            }
        }
    }

    private void insert(ReadCache cache, Random random) {
        while (!over.get()) {
            long key = CacheFixture.key(1 + random.nextInt(2), random.nextInt(KEYS / 2));
            cache.insert(key, CacheFixture.content(key), Origin.READ);
            if (random.nextInt(50) == 0) {
                cache.dropSegments(Set.of(2L));
            }
        }
    }
}
