package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.object.FaultPlan;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Persistent reservations in the manifest: what was acknowledged is found again, wherever the volume is opened. */
@SuppressForbidden("seeded generators, printed seeds")
final class ReservationStorageTest {
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain().maxAge(Duration.ofHours(1));
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int BLOCK = 4096;

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway first = new SimulatedGateway(bucket, 1, SETTINGS);
    private final SimulatedGateway second = new SimulatedGateway(bucket, 2, SETTINGS);

    private void openFirst() {
        first.create(ByteSize.ofMiB(4));
        first.open();
    }

    private static CompletableFuture<Optional<IoFailure>> begin(SimulatedGateway gateway, String state) {
        CompletableFuture<Optional<IoFailure>> result = new CompletableFuture<>();
        gateway.opened()
                .volume()
                .storeReservations(
                        ByteBuffer.wrap(state.getBytes(StandardCharsets.UTF_8)),
                        failure -> result.complete(Optional.ofNullable(failure)));
        return result;
    }

    private static Optional<IoFailure> store(SimulatedGateway gateway, String state) {
        return gateway.runtime().await(begin(gateway, state));
    }

    private static String kept(SimulatedGateway gateway) {
        return StandardCharsets.UTF_8
                .decode(gateway.opened().volume().reservations())
                .toString();
    }

    private long manifests() {
        return bucket.keys().stream().filter(key -> key.contains("/manifest/")).count();
    }

    @Test
    void survivesCloseKillLossOfTheDiskAndTakeover() throws IOException {
        openFirst();
        assertEquals("", kept(first));
        assertEquals(Optional.empty(), store(first, "a"));
        assertEquals("a", kept(first));
        first.close();
        first.reopenDisk();
        first.open();
        assertEquals("a", kept(first));
        assertEquals(Optional.empty(), store(first, "b"));
        first.crashProcess();
        first.open();
        assertEquals("b", kept(first));
        assertEquals(Optional.empty(), store(first, "c"));
        first.loseDisk();
        first.open();
        assertEquals("c", kept(first));
        second.open();
        assertEquals("c", kept(second));
    }

    @Test
    void survivesCheckpointsAndTheCleanMark() {
        openFirst();
        assertEquals(Optional.empty(), store(first, "a"));
        for (int i = 0; i < 8; i++) {
            first.port().fill(0, BLOCK, i + 1);
            first.drain();
        }
        first.runtime().runFor(Duration.ofMinutes(1));
        assertTrue(first.close().drained());
        second.open();
        assertEquals("a", kept(second));
        assertTrue(second.port().holds(0, BLOCK, 8));
    }

    @Test
    void aFencedGatewayCannotStore() {
        openFirst();
        assertEquals(Optional.empty(), store(first, "a"));
        second.open();
        assertEquals(Optional.empty(), store(second, "b"));
        assertEquals(IoFailure.Kind.FENCED, store(first, "stale").orElseThrow().kind());
        assertEquals(IoFailure.Kind.FENCED, store(first, "stale").orElseThrow().kind());
        assertEquals("a", kept(first));
        second.loseDisk();
        second.open();
        assertEquals("b", kept(second));
    }

    @Test
    void aClosedVolumeStoresNothing() {
        openFirst();
        var volume = first.opened().volume();
        var runtime = first.runtime();
        first.close();
        CompletableFuture<Optional<IoFailure>> result = new CompletableFuture<>();
        volume.storeReservations(ByteBuffer.allocate(1), failure -> result.complete(Optional.ofNullable(failure)));
        assertEquals(IoFailure.Kind.CLOSED, runtime.await(result).orElseThrow().kind());
    }

    @Test
    void anOutageEndsInBusyInBoundedTimeAndTheOldOnesStay() {
        openFirst();
        assertEquals(Optional.empty(), store(first, "a"));
        first.faults().setOutage(true);
        CompletableFuture<Optional<IoFailure>> refused = begin(first, "refused");
        first.runtime().runFor(LIMIT.minusMillis(1));
        assertFalse(refused.isDone());
        first.runtime().runFor(Duration.ofMillis(2));
        assertEquals(IoFailure.Kind.BUSY, refused.join().orElseThrow().kind());
        assertEquals("a", kept(first));
        first.faults().setOutage(false);
        first.runtime().runFor(Duration.ofMinutes(2));
        assertEquals("a", kept(first));
        first.loseDisk();
        first.open();
        assertEquals("a", kept(first));
    }

    @Test
    void whatWasRefusedButTakenIsReplacedAsSoonAsTheBucketAnswers() {
        openFirst();
        assertEquals(Optional.empty(), store(first, "a"));
        takenButRefused("refused");
        assertEquals("a", kept(first));
        first.faults().setOutage(false);
        first.runtime().runFor(Duration.ofMinutes(1));
        first.loseDisk();
        first.open();
        assertEquals("a", kept(first));
    }

    @Test
    void theNextStoreReplacesWhatWasRefusedButTaken() {
        openFirst();
        assertEquals(Optional.empty(), store(first, "a"));
        takenButRefused("refused");
        first.faults().setOutage(false);
        assertEquals(Optional.empty(), store(first, "b"));
        first.loseDisk();
        first.open();
        assertEquals("b", kept(first));
    }

    /** The one case that the contract names. */
    @Test
    void whatWasRefusedButTakenIsFoundWhenTheGatewayDiesBeforeItCouldReplaceIt() {
        openFirst();
        assertEquals(Optional.empty(), store(first, "a"));
        takenButRefused("refused");
        first.loseDisk();
        first.open();
        assertEquals("refused", kept(first));
    }

    /** The bucket takes it, its reply gets lost, and then it cannot be reached any more. */
    private void takenButRefused(String state) {
        first.beforeRequest(
                request -> request.isPut() && request.subject().contains("/manifest/"),
                () -> first.faults().loseReplies(1));
        long before = manifests();
        CompletableFuture<Optional<IoFailure>> refused = begin(first, state);
        while (manifests() == before) {
            first.runtime().step();
        }
        first.faults().setOutage(true);
        assertEquals(
                IoFailure.Kind.BUSY,
                first.runtime().await(refused).orElseThrow().kind());
    }

    @Test
    void aStoreGoesOnWhenTheBucketComesBackInTime() {
        openFirst();
        first.faults().setOutage(true);
        CompletableFuture<Optional<IoFailure>> result = begin(first, "a");
        first.runtime().runFor(Duration.ofSeconds(5));
        assertFalse(result.isDone());
        first.faults().setOutage(false);
        assertEquals(Optional.empty(), first.runtime().await(result));
        assertEquals("a", kept(first));
    }

    @Test
    void anotherTryDoesNotWaitForThePauseOfAnEarlierOne() {
        openFirst();
        first.faults().setOutage(true);
        for (int i = 0; i < 12; i++) {
            assertEquals(
                    IoFailure.Kind.BUSY, store(first, "refused").orElseThrow().kind());
        }
        first.runtime().runFor(Duration.ofMinutes(10));
        first.faults().setOutage(false);
        long nanos = first.runtime().clock().monotonicNanos();
        assertEquals(Optional.empty(), store(first, "a"));
        long millis = Duration.ofNanos(first.runtime().clock().monotonicNanos() - nanos)
                .toMillis();
        assertTrue(millis < 9_000, "took " + millis + " ms");
    }

    @Test
    void manyStoresLeaveABoundedNumberOfManifests() {
        openFirst();
        for (int i = 0; i < 1000; i++) {
            assertEquals(Optional.empty(), store(first, "state " + i));
        }
        first.runtime().runFor(Duration.ofSeconds(1));
        assertTrue(manifests() <= 70, manifests() + " manifests");
        first.loseDisk();
        second.open();
        assertEquals("state 999", kept(second));
    }

    @Test
    void changesThatWaitTogetherGoIntoOneManifest() {
        openFirst();
        long before = manifests();
        first.faults().setOutage(true);
        assertEquals(IoFailure.Kind.BUSY, store(first, "refused").orElseThrow().kind());
        CompletableFuture<Optional<IoFailure>> stored = begin(first, "a");
        first.runtime().runFor(Duration.ofSeconds(1));
        first.faults().setOutage(false);
        assertEquals(Optional.empty(), first.runtime().await(stored));
        assertEquals(2, manifests() - before, "the one whose put was under way; one for the undoing and the new state");
    }

    /** Faults, kills and takeovers at random; what may be found follows from the contract. */
    @Test
    void randomFaultsNeverLoseWhatWasAcknowledged() throws IOException {
        long start = Long.getLong("sluice.test.seed", 20261121);
        for (long seed = start; seed < start + 30; seed++) {
            try {
                play(seed);
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("seed " + seed, failure);
            }
        }
    }

    private static void play(long seed) throws IOException {
        Random random = new Random(seed);
        MemoryObjectStore shared = new MemoryObjectStore();
        SimulatedGateway[] gateways = new SimulatedGateway[2];
        for (int i = 0; i < 2; i++) {
            gateways[i] = new SimulatedGateway(
                    shared, seed + i, SETTINGS.settings(), FaultPlan.each(0.08, Duration.ofSeconds(2)));
        }
        SimulatedGateway serving = gateways[0];
        serving.create(ByteSize.ofMiB(4));
        serving.open();
        String acknowledged = "";
        Set<String> possible = new HashSet<>(Set.of(acknowledged));
        for (int step = 0; step < 40; step++) {
            String state = "state " + step;
            serving.faults().setOutage(random.nextInt(4) == 0);
            Optional<IoFailure> failure = store(serving, state);
            serving.faults().setOutage(false);
            if (failure.isEmpty()) {
                acknowledged = state;
                possible.clear();
            } else {
                assertEquals(IoFailure.Kind.BUSY, failure.get().kind());
                possible.add(state);
            }
            possible.add(acknowledged);
            assertEquals(acknowledged, kept(serving));
            if (random.nextInt(3) == 0) {
                boolean settled = random.nextBoolean();
                if (settled) {
                    serving.runtime().runFor(Duration.ofMinutes(3));
                    possible = new HashSet<>(Set.of(acknowledged));
                }
                serving = end(random, serving, gateways);
                serving.open();
                acknowledged = kept(serving);
                assertTrue(possible.contains(acknowledged), acknowledged + " is none of " + possible);
                possible = new HashSet<>(Set.of(acknowledged));
            }
        }
    }

    /** One way or other; the gateway that is to go on. */
    private static SimulatedGateway end(Random random, SimulatedGateway serving, SimulatedGateway[] gateways)
            throws IOException {
        switch (random.nextInt(3)) {
            case 0 -> serving.crashProcess();
            case 1 -> serving.loseDisk();
            default -> {
                serving.loseDisk();
                return serving == gateways[0] ? gateways[1] : gateways[0];
            }
        }
        return serving;
    }
}
