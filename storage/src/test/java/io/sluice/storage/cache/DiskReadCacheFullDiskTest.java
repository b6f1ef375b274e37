package io.sluice.storage.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sluice.storage.cache.ReadCache.Origin;
import io.sluice.storage.disk.DiskFullException;
import io.sluice.storage.disk.SimulatedDisk;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A full disk stops the growth of the cache, never the cache; and when there is space again, it grows. */
final class DiskReadCacheFullDiskTest {
    private static final int GROWTH = SlotFile.GROWTH_SLOTS;
    private static final int LOOK = SlotGrowth.FILLS_BETWEEN_LOOKS;

    private final SimulatedDisk disk = SimulatedDisk.create();
    private final Logger logger = (Logger) LoggerFactory.getLogger(DiskReadCache.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private int frames;
    private long fullFrom = Long.MAX_VALUE;
    private int refused;

    @BeforeEach
    void listen() {
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        disk.observe((operation, name, position, length) -> {
            if (operation == SimulatedDisk.Operation.WRITE && position >= fullFrom && length > 512) {
                refused++;
                throw new DiskFullException(name, new IOException("no space"));
            }
        });
    }

    @AfterEach
    void leave() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private DiskReadCache open(CacheFixture fixture, int slots) {
        return DiskReadCache.open(
                disk,
                CacheFixture.VOLUME,
                CacheFixture.capacityOf(slots),
                salt -> (nonce, offset, source, destination) -> destination.put(source),
                fixture.new TaskRuntime(fixture.tasks::add));
    }

    /** Frames of one block, each in a slot of its own. */
    private void fill(CacheFixture fixture, DiskReadCache cache, int count) {
        for (int i = 0; i < count; i++) {
            long key = keyOf(frames++);
            cache.insert(key, CacheFixture.content(key, 1), Origin.READ);
            fixture.settle();
        }
    }

    private static long keyOf(int frame) {
        return CacheFixture.key(1 + frame / 100, frame % 100);
    }

    private static int slotsUsed(DiskReadCache cache) {
        return (int) (cache.usedBytes() / CacheFormat.SLOT_BYTES);
    }

    private List<String> told() {
        return log.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("space"))
                .toList();
    }

    private void assertTold(String... parts) {
        List<String> told = told();
        assertEquals(parts.length, told.size(), told.toString());
        for (int i = 0; i < parts.length; i++) {
            assertTrue(told.get(i).contains(parts[i]), told.toString());
        }
    }

    @Test
    void growsOnWhenThereIsSpaceAgain() {
        CacheFixture fixture = new CacheFixture(4 * GROWTH, 1);
        disk.limitBytes(SlotFile.RESERVED_BYTES + CacheFormat.slotPosition(GROWTH));
        DiskReadCache cache = open(fixture, 4 * GROWTH);
        fill(fixture, cache, GROWTH + 2 * LOOK + 7);
        assertEquals(GROWTH, slotsUsed(cache));
        assertTold("too little space");
        disk.limitBytes(SlotFile.RESERVED_BYTES + CacheFormat.slotPosition(2 * GROWTH));
        fill(fixture, cache, LOOK);
        assertEquals(GROWTH, slotsUsed(cache), "it would be full again at once");
        disk.limitBytes(Long.MAX_VALUE);
        fill(fixture, cache, LOOK + 3 * GROWTH);
        assertEquals(4 * GROWTH, slotsUsed(cache));
        assertTrue(CacheFixture.readAndVerify(cache, keyOf(frames - 1), 0, 0, 4096));
        assertTold("too little space", "has space again");
        assertEquals(0, cache.diskErrors());
    }

    @Test
    void usesTheSlotsAgainThatHadNoSpaceBehindThem() {
        CacheFixture fixture = new CacheFixture(16, 1);
        fullFrom = CacheFormat.slotPosition(5);
        DiskReadCache cache = open(fixture, 16);
        fill(fixture, cache, 40);
        assertEquals(5, slotsUsed(cache));
        assertEquals(1, refused);
        fullFrom = Long.MAX_VALUE;
        fill(fixture, cache, LOOK + 16);
        assertEquals(16, slotsUsed(cache));
        for (int frame = frames - 8; frame < frames; frame++) {
            assertTrue(CacheFixture.readAndVerify(cache, keyOf(frame), 0, 0, 4096));
        }
        assertTold("DiskFullException", "has space again");
        cache.close();
        DiskReadCache again = open(fixture, 16);
        assertEquals(16, slotsUsed(again));
        assertTrue(CacheFixture.readAndVerify(again, keyOf(frames - 1), 0, 0, 4096));
    }

    /** Where free space is told and none is given, as with a quota: each look costs one frame, and no more. */
    @Test
    void neverGivesUpOnADiskThatStaysFull() {
        CacheFixture fixture = new CacheFixture(16, 1);
        fullFrom = CacheFormat.slotPosition(5);
        DiskReadCache cache = open(fixture, 16);
        int looks = 3 * CacheFaults.ERRORS_MAX;
        fill(fixture, cache, 6 + looks * LOOK);
        assertEquals(5, slotsUsed(cache));
        assertEquals(1 + looks, refused);
        assertEquals(refused, cache.droppedFrames());
        assertEquals(0, cache.diskErrors());
        assertTrue(CacheFixture.readAndVerify(cache, keyOf(frames - 2), 0, 0, 4096));
        assertFalse(cache.contains(keyOf(frames - 1)), "the one that tried");
        assertTold("DiskFullException");
    }
}
