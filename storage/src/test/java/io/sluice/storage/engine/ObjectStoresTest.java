package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.StoreSettings;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.ObjectStoreException;
import io.sluice.storage.object.ObjectStoreException.Kind;
import io.sluice.storage.object.PutCondition;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.SeededEntropy;
import io.sluice.storage.runtime.Cancellable;
import io.sluice.storage.runtime.EngineClock;
import io.sluice.storage.runtime.EngineRuntime;
import io.sluice.storage.runtime.Entropy;
import io.sluice.storage.runtime.Lane;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layers fit together. */
final class ObjectStoresTest {
    private final InlineRuntime runtime = new InlineRuntime();

    /** Runs everything at once on the caller and knows no time. */
    private static final class InlineRuntime implements EngineRuntime, EngineClock {
        private final Entropy entropy = new SeededEntropy(1);
        private final List<String> blockingLanes = new ArrayList<>();

        @Override
        public EngineClock clock() {
            return this;
        }

        @Override
        public Entropy entropy() {
            return entropy;
        }

        @Override
        public Lane lane(String name) {
            return new InlineLane();
        }

        @Override
        public Lane blockingLane(String name) {
            blockingLanes.add(name);
            return new InlineLane();
        }

        @Override
        public Executor workers() {
            return Runnable::run;
        }

        @Override
        public void close() {}

        @Override
        public long monotonicNanos() {
            return 0;
        }

        @Override
        public Instant wallTime() {
            return Instant.EPOCH;
        }
    }

    private static class InlineLane implements Lane {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public Cancellable schedule(Duration delay, Runnable task) {
            return () -> {};
        }

        @Override
        public boolean isCurrent() {
            return true;
        }
    }

    @Test
    void aDirectoryIsOpenedInItsLayers(@TempDir Path directory) throws Exception {
        try (MeteredObjectStore store = ObjectStores.open(new StoreSettings.File(directory), runtime)) {
            store.put("a/b", ByteBuffer.allocate(5), PutCondition.IF_ABSENT, RequestCause.FLUSH)
                    .join();
            assertEquals(5, store.get("a/b", RequestCause.HOST).join().remaining());
            assertEquals(Map.of("putIfAbsent/FLUSH", 1L, "get/HOST", 1L), store.snapshot());
            assertEquals("file:" + directory, store.describe());
        }
        assertTrue(runtime.blockingLanes.size() > 1, "files are read side by side");
    }

    @Test
    void aMissingDirectoryIsSaidAtOnce(@TempDir Path directory) {
        StoreSettings settings = new StoreSettings.File(directory.resolve("missing"));
        ObjectStoreException failure =
                assertThrows(ObjectStoreException.class, () -> ObjectStores.open(settings, runtime));
        assertEquals(Kind.NOT_FOUND, failure.kind());
    }

    @Test
    void tasksGoToTheLaneWithTheFewest() {
        List<List<Runnable>> given = List.of(new ArrayList<>(), new ArrayList<>());
        List<Lane> lanes = new ArrayList<>();
        for (List<Runnable> tasks : given) {
            lanes.add(new InlineLane() {
                @Override
                public void execute(Runnable task) {
                    tasks.add(task);
                }
            });
        }
        LeastBusyLanes spread = new LeastBusyLanes(lanes);
        for (int i = 0; i < 4; i++) {
            spread.execute(() -> {});
        }
        assertEquals(2, given.get(0).size());
        assertEquals(2, given.get(1).size());
        given.get(1).forEach(Runnable::run);
        spread.execute(() -> {});
        spread.execute(() -> {});
        assertEquals(2, given.get(0).size());
        assertEquals(4, given.get(1).size());
    }
}
