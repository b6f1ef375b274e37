package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.recovery.OperatorWord.Kind;
import io.sluice.storage.recovery.RollbackRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody sets the whole bucket back to an older state. */
final class RollbackTest {
    private static final int BLOCK = 4096;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .maxAge(Duration.ofHours(1))
            .checkpoint(Duration.ofMinutes(1), 1000)
            .takeover(VolumeSettings.Takeover.ASK);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 1, SETTINGS);

    @BeforeEach
    void create() {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
    }

    private void write(int block, int value) {
        gateway.port().fill((long) block * BLOCK, BLOCK, value);
        gateway.drain();
    }

    private Map<String, byte[]> snapshot() {
        Map<String, byte[]> all = new TreeMap<>();
        bucket.keys().forEach(key -> all.put(key, Objects.requireNonNull(bucket.bytes(key))));
        return all;
    }

    private void restore(Map<String, byte[]> all) {
        bucket.keys().forEach(bucket::remove);
        all.forEach(bucket::replace);
    }

    private void close() {
        gateway.close();
        reopenDisk();
    }

    private void reopenDisk() {
        try {
            gateway.reopenDisk();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private RollbackRefusedException refusal() {
        List<String> before = bucket.keys();
        RollbackRefusedException refused = assertInstanceOf(RollbackRefusedException.class, gateway.openingFailure());
        assertEquals(before, bucket.keys());
        assertEquals(0, gateway.requests().count(request -> request.operation().isMutating()));
        reopenDisk();
        return refused;
    }

    @Test
    void anOlderManifestIsNoticedAtTheOpening() {
        write(0, 1);
        close();
        Map<String, byte[]> old = snapshot();
        gateway.open();
        write(1, 1);
        close();
        restore(old);
        RollbackRefusedException refused = refusal();
        String text = String.valueOf(refused.getMessage());
        assertTrue(text.contains("sluice volume accept-rollback sim"), text);
        assertTrue(refused.report().foundManifest() < refused.report().known().manifestNumber(), text);
    }

    @Test
    void missingSegmentsBehindTheSameManifestAreNoticedAtTheOpening() throws IOException {
        gateway.settings(SETTINGS.checkpoint(Duration.ofHours(10), 1000));
        close();
        gateway.open();
        Map<String, byte[]> old = snapshot();
        write(0, 1);
        write(1, 1);
        // A manifest that is not a checkpoint: what it knows of segments is noted, and stays behind when it is taken
        // away.
        gateway.runtime().await(gateway.opened().volume().grow(8L << 20));
        // The note is written beside, soon after.
        gateway.runtime().runFor(Duration.ofSeconds(1));
        Map<String, byte[]> now = snapshot();
        gateway.crashProcess();
        now.keySet().removeIf(key -> key.contains("/segment/") && !old.containsKey(key));
        restore(now);
        RollbackRefusedException refused = refusal();
        assertEquals(refused.report().known().manifestNumber(), refused.report().foundManifest());
        assertTrue(refused.report().foundSegment() < refused.report().known().segment(), refused.getMessage());
    }

    @Test
    void aBucketThatHasGoneOnSinceIsNoRollback() throws IOException {
        write(0, 1);
        gateway.runtime().runFor(Duration.ofMinutes(5));
        for (int i = 0; i < 5; i++) {
            gateway.port().unmap(1 << 20, BLOCK); // plans that need no segment move the journal's tail, too
            gateway.drain();
            write(i, i + 1);
            gateway.crashProcess();
            gateway.open();
            assertTrue(gateway.port().holds((long) i * BLOCK, BLOCK, i + 1));
        }
        close();
        gateway.open();
    }

    @Test
    void acceptedItGoesOnWithTheOldStateAndKeepsTheJournalAside() throws IOException {
        write(0, 1);
        close();
        Map<String, byte[]> old = snapshot();
        gateway.open();
        write(0, 2);
        assertTrue(gateway.port().holds(0, BLOCK, 2)); // is in the read cache now
        gateway.port().fill(BLOCK, BLOCK, 3);
        gateway.runtime().runFor(Duration.ofMinutes(5));
        gateway.port().fill(2 * BLOCK, BLOCK, 3);
        gateway.crashProcess();
        restore(old);
        refusal();
        gateway.allow(Kind.ACCEPT_ROLLBACK);
        gateway.open();
        String notes = gateway.opened().report().notes().toString();
        assertTrue(notes.contains("older"), notes);
        assertTrue(notes.contains("the bucket was set back"), notes);
        assertFalse(gateway.disk().exists("word.accept-rollback"));
        assertTrue(gateway.port().holds(0, BLOCK, 1));
        assertTrue(gateway.port().holds(2 * BLOCK, BLOCK, 0));
        write(3, 4);
        assertTrue(gateway.port().holds(0, BLOCK, 1));
        close();
        gateway.open();
        assertTrue(gateway.port().holds(3 * BLOCK, BLOCK, 4));
    }

    @Test
    void theWordIsGoodForExactlyWhatIsThere() {
        write(0, 1);
        close();
        Map<String, byte[]> older = snapshot();
        gateway.open();
        write(1, 1);
        close();
        Map<String, byte[]> old = snapshot();
        gateway.open();
        write(2, 1);
        close();
        restore(old);
        gateway.allow(Kind.ACCEPT_ROLLBACK);
        restore(older);
        refusal();
        refusal();
    }

    @Test
    void theEpochsThatWereSeenAreNotUsedAgain() {
        write(0, 1);
        close();
        Map<String, byte[]> old = snapshot();
        for (int i = 0; i < 4; i++) {
            gateway.open();
            close();
        }
        restore(old);
        gateway.allow(Kind.ACCEPT_ROLLBACK);
        gateway.open();
        assertEquals(6, gateway.opened().volume().description().epoch());
    }

    @Test
    void aFrameOfTheLostFutureIsNotReadFromTheCache() {
        write(0, 1);
        close();
        Map<String, byte[]> old = snapshot();
        gateway.open();
        write(0, 2);
        write(1, 2);
        close();
        restore(old);
        gateway.allow(Kind.ACCEPT_ROLLBACK);
        gateway.open();
        write(0, 3);
        write(1, 4);
        close();
        gateway.open();
        assertTrue(gateway.port().holds(0, BLOCK, 3));
        assertTrue(gateway.port().holds(BLOCK, BLOCK, 4));
    }

    @Test
    void whileItRunsItIsNoticedBeforeTheNextManifestAndTheVolumeStops() {
        write(0, 1);
        gateway.runtime().runFor(Duration.ofMinutes(2));
        Map<String, byte[]> old = snapshot();
        write(1, 1);
        gateway.runtime().runFor(Duration.ofMinutes(2));
        restore(old);
        write(2, 1);
        gateway.runtime().runFor(Duration.ofMinutes(2));
        var status = gateway.opened().volume().status();
        assertEquals("failed", status.state());
        assertTrue(status.condition().reason().contains("set the bucket back"), status.toString());
        List<String> manifests =
                bucket.keys().stream().filter(key -> key.contains("/manifest/")).toList();
        assertEquals(
                old.keySet().stream().filter(key -> key.contains("/manifest/")).toList(), manifests);
    }

    @Test
    void segmentsThatVanishWhileItRunsAreNamedBeforeTheCheckpointThatCoversThem() {
        write(0, 1);
        write(1, 1);
        String newest =
                bucket.keys().stream().filter(key -> key.contains("/segment/")).reduce("", (one, other) -> other);
        write(2, 1);
        bucket.remove(newest);
        gateway.runtime().runFor(Duration.ofMinutes(2));
        var damage = gateway.opened().volume().status().condition().damage();
        assertEquals(1, damage.missingObjects());
        assertEquals(List.of(newest + " is missing"), damage.objects());
        assertEquals("open", gateway.opened().volume().status().state());
    }
}
