package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.storage.checkpoint.CommittedMap;
import io.sluice.storage.format.Locator;
import io.sluice.storage.index.BlockIndex;
import io.sluice.storage.index.ChronicleBlockIndex;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.SimulatedRuntime;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A leaf that is fetched while hosts go on. The committed mapping answers when the test says so, as of when it was asked. */
final class LeafLoaderTest {
    private static final long LEAF = 3;
    private static final long FIRST = LEAF * 64;
    private static final long OLD = Locator.segment(5, 512, 4608, 0);

    private final SimulatedRuntime runtime = new SimulatedRuntime(1);
    private final CompletableFuture<long[]> answer = new CompletableFuture<>();
    private BlockIndex index;
    private LeafLoader loader;
    private boolean residentWhenAsked;

    @BeforeEach
    void open() throws IOException {
        index = ChronicleBlockIndex.open(null, 1 << 20, 0);
        loader = new LeafLoader(index, slowMapping(), runtime.lane("volume"));
    }

    @AfterEach
    void close() {
        index.close();
    }

    private CommittedMap slowMapping() {
        Object mapping = Proxy.newProxyInstance(
                CommittedMap.class.getClassLoader(), new Class<?>[] {CommittedMap.class}, (self, method, arguments) -> {
                    residentWhenAsked = index.absentFrom(LEAF, LEAF + 1) == null;
                    return switch (method.getName()) {
                        case "leafNow" -> null;
                        case "leaf" -> answer;
                        default -> throw new AssertionError(method.getName());
                    };
                });
        return CommittedMap.class.cast(mapping);
    }

    private static long[] oldState() {
        long[] old = new long[64];
        Arrays.fill(old, OLD);
        return old;
    }

    @Test
    void theLeafIsPinnedBeforeTheCommittedMappingIsAsked() {
        CompletableFuture<Void> loaded = loader.load(LEAF, RequestCause.HOST);
        runtime.runReady();
        assertTrue(residentWhenAsked);
        answer.complete(oldState());
        assertNull(runtime.await(loaded));
        assertEquals(OLD, index.lookup(FIRST));
    }

    @Test
    void readingAheadLeavesHalfOfThemToHosts() {
        int half = LeafLoader.UNDER_WAY_MAX / 2;
        for (int leaf = 0; leaf < half; leaf++) {
            assertFalse(loader.load(leaf, RequestCause.READ_AHEAD).isDone());
        }
        assertTrue(loader.load(half, RequestCause.READ_AHEAD).isCompletedExceptionally());
        assertFalse(loader.load(0, RequestCause.READ_AHEAD).isDone(), "one that is under way anyway");
        for (int leaf = half; leaf < LeafLoader.UNDER_WAY_MAX; leaf++) {
            assertFalse(loader.load(leaf, RequestCause.HOST).isDone());
        }
        assertTrue(loader.load(LeafLoader.UNDER_WAY_MAX, RequestCause.HOST).isCompletedExceptionally());
    }

    @Test
    void whatChangesWhileTheAnswerIsOnItsWayStays() {
        CompletableFuture<Void> loaded = loader.load(LEAF, RequestCause.HOST);
        runtime.runReady();
        // Unmapped as a whole, and committed: the index forgets ranges of leaves that are not resident.
        index.putZero(FIRST, 64, 10);
        index.committedBelow(11);
        index.settledBelow(11);
        answer.complete(oldState());
        assertNull(runtime.await(loaded));
        for (int slot = 0; slot < 64; slot++) {
            assertTrue(Locator.isZero(index.lookup(FIRST + slot)), "block " + slot + " is back at its old place");
        }
    }
}
