package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.VolumeSettings;
import io.sluice.storage.cache.DiskReadCache;
import io.sluice.storage.cache.ReadCache;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.checkpoint.TreeCommittedMap;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.CounterLayout;
import io.sluice.storage.crypto.LocalCiphers;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.index.ChronicleBlockIndex;
import io.sluice.storage.journal.Journal;
import io.sluice.storage.journal.JournalAppender;
import io.sluice.storage.journal.JournalRecovery;
import io.sluice.storage.journal.LocalJournal;
import io.sluice.storage.journal.ReferenceRuns;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.RequestMeters;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentStore;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What becomes of a part of the journal at its commit, and in which order: a reader on another thread may look between any
 * two of these steps, which the lane of a simulation never does.
 */
final class CommitOrderTest {
    private static final UUID VOLUME = new UUID(7, 0x8000_0000_0000_0000L);
    private static final long SIZE_BYTES = 4L << 20;
    /** A leaf that nobody has asked for: it is not resident. */
    private static final long ABSENT_LEAF = 2;

    private final VolumeSettings settings = SimulatedSettings.plain().settings();
    private final SimulatedRuntime runtime = new SimulatedRuntime(1);
    private final Lane lane = runtime.lane("volume");
    private final SimulatedDisk disk = SimulatedDisk.create();
    private final PendingReferences references = new PendingReferences();
    private final Witness witness = new Witness();
    private VolumeParts parts;
    private Flusher flusher;
    private JournalAppender appender;
    private BlockIndex index;
    private ReadCache cache;
    private LocalJournal journal;
    private boolean cacheIsStuck;
    private int framesKept;

    @BeforeEach
    void assemble() throws IOException {
        index = ChronicleBlockIndex.open(null, 1 << 20, 0);
        journal = LocalJournal.open(
                disk, VOLUME, 1, null, settings.journal(), runtime, JournalRecovery.scan(disk, VOLUME, null, 0));
        cache = DiskReadCache.open(
                SimulatedDisk.create(),
                VOLUME,
                settings.readCache().capacity(),
                salt -> LocalCiphers.create(null, "read-cache", salt, CounterLayout.RUNNING),
                runtime);
        parts = parts();
        Flusher[] made = new Flusher[1];
        lane.execute(() -> made[0] = new Flusher(parts, new SegmentSeries(parts, () -> {}), () -> {}));
        runtime.runReady();
        flusher = Objects.requireNonNull(made[0]);
        appender = journal.openAppender();
    }

    @AfterEach
    void close() throws IOException {
        appender.close();
        cache.close();
        journal.close();
        index.close();
    }

    private VolumeParts parts() {
        MemoryObjectStore bucket = new MemoryObjectStore();
        MeteredObjectStore store = new MeteredObjectStore(bucket, new RequestMeters(), runtime.clock());
        ObjectNames names = new ObjectNames("sim");
        ChecksumSealing sealing = new ChecksumSealing(runtime.entropy());
        SegmentCodec codec = new SegmentCodec(VOLUME, sealing, runtime.entropy(), 1);
        CommittedMap committed = new TreeCommittedMap(
                VOLUME, SIZE_BYTES, CheckpointRoot.EMPTY, store, names::checkpoint, sealing, lane, 16);
        return new VolumeParts(
                settings,
                runtime,
                lane,
                new VolumeHealth("sim", "here", runtime.clock()),
                disk,
                store,
                names,
                sealing,
                witness.of(Journal.class, journal, Map.of("release", "journal")),
                witness.of(
                        BlockIndex.class,
                        index,
                        Map.of("move", "index", "moveRange", "index", "committedBelow", "ranges", "putRange", "put")),
                references,
                witness.of(CommittedMap.class, committed, Map.of("commit", "mapping")),
                witness.of(ReadCache.class, stuckOr(cache), Map.of("lend", "cache")),
                codec,
                new SegmentStore(store, names, codec, runtime.workers()),
                new ManifestStore(store, names, runtime.entropy()),
                Manifest.builder(VOLUME, "sim")
                        .sizeBytes(SIZE_BYTES)
                        .logicalBlockBytes(512)
                        .epoch(1)
                        .number(1)
                        .attemptTag(1)
                        .build(),
                0,
                0,
                256 << 10,
                true);
    }

    /** A cache that, once it is stuck, keeps what is lent and never lets go. */
    private ReadCache stuckOr(ReadCache real) {
        Object proxy = Proxy.newProxyInstance(
                ReadCache.class.getClassLoader(), new Class<?>[] {ReadCache.class}, (self, method, arguments) -> {
                    if (cacheIsStuck && method.getName().equals("lend")) {
                        framesKept++;
                        return null;
                    }
                    return method.invoke(real, arguments);
                });
        return (ReadCache) proxy;
    }

    private void submit() throws IOException {
        int blocks = appender.pending();
        JournalAppender.Outcome outcome = appender.submit(new IndexApplier(parts.index(), references), () -> {});
        assertEquals(JournalAppender.Outcome.DONE, outcome);
        flusher.noteAppended(blocks);
    }

    private void write(long lba) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(4096).putLong(0, lba + 1);
        assertEquals(JournalAppender.Outcome.DONE, appender.addBlock(lba, block, 0));
        submit();
    }

    private void commit() {
        AtomicBoolean done = new AtomicBoolean();
        flusher.commitThrough(journal.appliedEnd(), failure -> done.set(failure == null));
        runtime.runReady();
        assertTrue(done.get(), () -> "not committed; seen " + witness.seen());
    }

    @Test
    void mappingCacheIndexAndJournalLearnOfItInThisOrder() throws IOException {
        write(1);
        witness.seen().clear();
        commit();
        assertEquals(List.of("mapping", "cache", "ranges", "index", "journal"), witness.seen());
    }

    /** One frame in each segment, of which five may be in memory: as many as upload side by side, and two. */
    @Test
    void aCacheThatIsStuckHoldsTheBucketUpForASecondAtMost() throws IOException {
        cacheIsStuck = true;
        for (long segment = 0; segment < 7; segment++) {
            for (long block = 0; block < 16; block++) {
                ByteBuffer content = ByteBuffer.allocate(4096).putLong(0, block + 1);
                assertEquals(JournalAppender.Outcome.DONE, appender.addBlock(segment * 16 + block, content, 0));
            }
            submit();
        }
        AtomicBoolean done = new AtomicBoolean();
        flusher.commitThrough(journal.appliedEnd(), failure -> done.set(failure == null));
        runtime.runReady();
        assertFalse(done.get(), "it waits for the cache");
        assertEquals(5, framesKept);
        runtime.runFor(CacheHandover.WAIT_MAX);
        assertTrue(done.get(), "and then goes on without it");
        assertEquals(5, framesKept);
    }

    @Test
    void noRangeIsLeftThatWouldBringALeafBackWhenTheFirstBlockMoves() throws IOException {
        write(1);
        assertEquals(
                JournalAppender.Outcome.DONE, appender.addPattern(ABSENT_LEAF * 64, 64, ByteBuffer.allocate(4096), 0));
        submit();
        assertTrue(Locator.isJournal(index.lookup(ABSENT_LEAF * 64)));
        AtomicBoolean looked = new AtomicBoolean();
        witness.before("index", () -> {
            assertEquals(Locator.UNKNOWN, index.lookup(ABSENT_LEAF * 64), "as a leaf that becomes resident now");
            looked.set(true);
        });
        commit();
        assertTrue(looked.get());
    }

    @Test
    void aRecordOfReferencesIsKnownWheneverTheIndexNamesIt() throws IOException {
        write(1);
        commit();
        long source = Objects.requireNonNull(parts.committed().leafNow(0))[1];
        ReferenceRuns runs = new ReferenceRuns(List.of(new LocatorRun(source, 64, true)));
        AtomicBoolean put = new AtomicBoolean();
        witness.before("put", () -> put.set(references.size() == 1));
        assertEquals(JournalAppender.Outcome.DONE, appender.addReferences(ABSENT_LEAF * 64, runs));
        submit();
        assertTrue(put.get(), "the record stands there before the index names it");
        long named = index.lookup(ABSENT_LEAF * 64);
        assertTrue(Locator.isReference(named));
        AtomicBoolean looked = new AtomicBoolean();
        witness.before("index", () -> {
            assertNotEquals(
                    Locator.UNKNOWN,
                    references.locator(Locator.address(named), ABSENT_LEAF * 64),
                    "who has looked at the index before it moves still finds what the name means");
            looked.set(true);
        });
        commit();
        assertTrue(looked.get());
        assertEquals(0, references.size());
    }
}
