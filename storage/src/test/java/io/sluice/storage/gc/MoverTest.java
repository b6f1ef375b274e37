package io.sluice.storage.gc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.index.ChronicleBlockIndex;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What was found alive is moved only while that is not too long ago: a MOVED segment may speak of old places as of 1024
 * segments before it, and one that spoke of older ones would stop the volume. The volume around the mover is a sketch, so that
 * segments pass when the test says so.
 */
final class MoverTest {
    private static final UUID VOLUME = new UUID(7, 0x8000_0000_0000_0000L);
    private static final long FOUND_AS_OF = 100;
    private static final long PLACE = Locator.segment(9, 512, 4608, 0);

    private final SimulatedRuntime runtime = new SimulatedRuntime(1);
    private final Lane lane = runtime.lane("volume");
    private final Host host = new Host();
    private final SegmentCodec codec =
            new SegmentCodec(VOLUME, new ChecksumSealing(runtime.entropy()), runtime.entropy(), 1);
    private BlockIndex index;
    private Mover mover;
    private long lastSegment = FOUND_AS_OF;
    /** So many segments are committed each time somebody asks for the newest one. */
    private long passingAtEachLook;

    private int looks;

    /** Takes segments, and keeps the mover waiting while it is busy. */
    private static final class Host implements CollectorHost {
        private final List<MovedSegment> appended = new ArrayList<>();
        private boolean busy;

        @Override
        public @Nullable String standBackBecause(boolean urgent) {
            return busy ? "busy" : null;
        }

        @Override
        public boolean isOver() {
            return false;
        }

        @Override
        public CompletableFuture<Duration> append(MovedSegment segment) {
            appended.add(segment);
            return CompletableFuture.completedFuture(Duration.ofMillis(1));
        }

        @Override
        public long nextNumber() {
            throw new AssertionError("not asked by a mover");
        }

        @Override
        public Runnable hold(Set<Long> segments) {
            return () -> {};
        }

        @Override
        public void wantCheckpoint() {}

        @Override
        public long uncertainPuts() {
            throw new AssertionError("not asked by a mover");
        }
    }

    @BeforeEach
    void assemble() throws IOException {
        VolumeSettings.Collector settings =
                new VolumeSettings.Collector(1.3, ByteSize.ofMiB(1024), 1000, Duration.ofMillis(200));
        MemoryObjectStore bucket = new MemoryObjectStore();
        ObjectNames names = new ObjectNames("sim");
        index = ChronicleBlockIndex.open(null, 1 << 20, 0);
        CollectorParts parts = new CollectorParts(
                "sim",
                settings,
                1 << 20,
                runtime,
                lane,
                mapping(),
                index,
                cache(),
                bucket,
                names,
                codec,
                new SegmentStore(bucket, names, codec, runtime.workers()));
        mover = new Mover(parts, host, new Pace(settings, runtime.clock(), lane));
    }

    @AfterEach
    void close() {
        index.close();
    }

    private CommittedMap mapping() {
        Object mapping = Proxy.newProxyInstance(
                CommittedMap.class.getClassLoader(),
                new Class<?>[] {CommittedMap.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "lastSegment" -> lastSegment += passingAtEachLook;
                    case "leafNow" -> leaf();
                    default -> throw new AssertionError(method.getName());
                });
        return CommittedMap.class.cast(mapping);
    }

    private long[] leaf() {
        looks++;
        long[] words = new long[64];
        Arrays.fill(words, Locator.shared(PLACE));
        return words;
    }

    /** Everything is in the cache. */
    private static ReadCache cache() {
        Object cache = Proxy.newProxyInstance(
                ReadCache.class.getClassLoader(),
                new Class<?>[] {ReadCache.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "contains" -> true;
                    case "read" -> filled((ByteBuffer) arguments[3]);
                    default -> throw new AssertionError(method.getName());
                });
        return ReadCache.class.cast(cache);
    }

    private static boolean filled(ByteBuffer destination) {
        destination.position(destination.limit());
        return true;
    }

    private CompletableFuture<Mover.Result> move(Batch batch) {
        CompletableFuture<Mover.Result> result =
                CompletableFuture.supplyAsync(() -> batch, lane).thenCompose(found -> mover.move(found, true));
        runtime.runFor(Duration.ofSeconds(1));
        return result;
    }

    @ParameterizedTest
    @CsvSource({"0, true", "512, true", "513, false", "1100, false"})
    void aBlockIsMovedOnlyWhenItWasFoundAtMost512SegmentsAgo(long passed, boolean moves) {
        host.busy = true;
        Batch batch = mover.newBatch();
        batch.add(List.of(new Placed(1, PLACE, FOUND_AS_OF)));
        CompletableFuture<Mover.Result> result = move(batch);
        assertFalse(result.isDone(), () -> "the host is busy: " + result);
        lastSegment = FOUND_AS_OF + passed;
        host.busy = false;
        runtime.runFor(Duration.ofSeconds(1));
        assertTrue(result.isDone());
        assertEquals(moves ? 1 : 0, host.appended.size());
        assertEquals(moves ? 4096 : 0, result.join().movedBytes());
        assertEquals(Set.of(), result.join().damaged().keySet());
    }

    @ParameterizedTest
    @CsvSource({"100, 1, 1", "600, 0, 3"})
    void referencesThatBecomeTooOldWhileTheyAreLookedUpLeaveTheirSegmentUnsettled(
            long passing, int settlingSegments, int looksExpected) {
        Batch batch = mover.newBatch();
        batch.settlement().add(referring(), 1);
        passingAtEachLook = passing;
        CompletableFuture<Mover.Result> result = move(batch);
        assertTrue(result.isDone());
        assertEquals(looksExpected, looks, "it is not tried for ever");
        assertEquals(settlingSegments, host.appended.size());
        assertEquals(Set.of(), result.join().unwieldy(), "it is worth another round");
    }

    /** Whose only block stands in another segment. */
    private SegmentHeader referring() {
        SegmentBuilder builder = codec.builder(10, 1, SegmentHeader.Kind.DATA);
        builder.addShared(1, new LocatorRun(PLACE, 1, false), List.of());
        return builder.seal(0, 0, 0).header();
    }

    @Test
    void whatIsOverwrittenInTheJournalMeanwhileIsLeftOut() {
        Batch batch = mover.newBatch();
        batch.add(List.of(new Placed(1, PLACE, FOUND_AS_OF), new Placed(2, PLACE + 1, FOUND_AS_OF)));
        index.putJournal(1, 77);
        assertEquals(4096, move(batch).join().movedBytes());
    }

    @Test
    void aSharedSlotThatLosesItsFirstBlockStandsWhereItsNextOneBelongs() {
        Batch batch = mover.newBatch();
        long shared = Locator.shared(PLACE);
        batch.add(List.of(
                new Placed(1, shared, FOUND_AS_OF),
                new Placed(2, PLACE + 1, FOUND_AS_OF),
                new Placed(9, shared, FOUND_AS_OF)));
        index.putJournal(1, 77);
        assertEquals(2 * 4096, move(batch).join().movedBytes());
        SegmentBuilder builder = codec.builder(FOUND_AS_OF + 1, 1, SegmentHeader.Kind.MOVED);
        host.appended.get(0).fill(builder);
        assertArrayEquals(
                new long[] {2, 9},
                builder.seal(0, 0, 0).header().frames().get(0).lbas());
    }
}
