package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.config.VolumeSettings;
import io.sluice.storage.disk.DiskFile;
import io.sluice.storage.disk.LocalDisk;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.manifest.ManifestConflictException;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.recovery.OperatorWord.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A manifest of the last owner arrives between the look and the raising of the epoch. */
final class LateManifestTest {
    private static final int BLOCK = 4096;
    private static final SimulatedSettings SETTINGS =
            SimulatedSettings.plain().maxAge(Duration.ofHours(1)).takeover(VolumeSettings.Takeover.ASK);

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final SimulatedGateway first = new SimulatedGateway(bucket, 1, SETTINGS);
    private final SimulatedGateway second = new SimulatedGateway(bucket, 2, SETTINGS);
    private int late;

    @BeforeEach
    void firstGatewayHasWrittenAndDrained() {
        first.create(ByteSize.ofMiB(4));
        first.open();
        first.port().fill(0, BLOCK, 1);
        first.drain();
        second.allow(Kind.TAKE_OVER);
    }

    private String newestManifest() {
        return bucket.keys().stream().filter(key -> key.contains("/manifest/")).reduce("", (older, newer) -> newer);
    }

    private void firstMakesAManifest() {
        String before = newestManifest();
        first.port().fill((long) ++late * BLOCK, BLOCK, 1);
        first.drain();
        first.runtime().runFor(Duration.ofMinutes(5));
        assertNotEquals(before, newestManifest(), "a checkpoint");
    }

    /** Runs {@code action} before each of the next {@code times} manifests of the second. */
    private void beforeManifestsOfTheSecond(int times, Runnable action) {
        second.beforeRequest(request -> request.isPut() && request.subject().contains("/manifest/"), () -> {
            if (times > 1) {
                beforeManifestsOfTheSecond(times - 1, action);
            }
            action.run();
        });
    }

    private String notes() {
        return second.opened().report().notes().toString();
    }

    @Test
    void theOpenerLooksAgainAndTakesOverWhatIsThereNow() {
        beforeManifestsOfTheSecond(4, this::firstMakesAManifest);
        second.open();
        assertEquals(4, late);
        assertEquals(2, second.opened().volume().description().epoch());
        assertTrue(second.port().holds(late * (long) BLOCK, BLOCK, 1), "also what came last");
        assertEquals(notes().indexOf("taken over"), notes().lastIndexOf("taken over"), notes());
        first.port().fill(BLOCK, BLOCK, 9);
        assertThrows(CompletionException.class, first::drain);
        assertEquals("fenced", first.opened().volume().status().state());
    }

    @Test
    void itGivesUpAfterFiveLooks() {
        beforeManifestsOfTheSecond(9, this::firstMakesAManifest);
        ManifestConflictException conflict = assertInstanceOf(ManifestConflictException.class, second.openingFailure());
        assertEquals(1, conflict.winner().epoch());
        assertEquals(5, late);
        assertEquals("open", first.opened().volume().status().state());
    }

    @Test
    void neverWhenAnotherGatewayHasRaisedTheEpoch() {
        SimulatedGateway third = new SimulatedGateway(bucket, 3, SETTINGS);
        third.allow(Kind.TAKE_OVER);
        beforeManifestsOfTheSecond(1, third::open);
        assertInstanceOf(ManifestConflictException.class, second.openingFailure());
        assertEquals(2, third.opened().volume().description().epoch());
        third.port().fill(0, BLOCK, 3);
        third.drain();
    }

    /** The number that was wanted has a late manifest, and behind it stands another gateway's. */
    @Test
    void norWhenThatShowsOnlyInTheNextLook() {
        SimulatedGateway third = new SimulatedGateway(bucket, 3, SETTINGS);
        third.allow(Kind.TAKE_OVER);
        beforeManifestsOfTheSecond(1, () -> {
            firstMakesAManifest();
            third.open();
        });
        assertInstanceOf(ManifestConflictException.class, second.openingFailure());
        third.port().fill(0, BLOCK, 3);
        third.drain();
    }

    /** That this directory was about to open the epoch is no proof that it has. */
    @Test
    void aCopyOfTheOwnersDirectoryIsNotItsOwnerInTheNextLookEither() throws IOException {
        first.port().fill(BLOCK, BLOCK, 5);
        first.crashProcess();
        SimulatedDisk copy = SimulatedDisk.create();
        copyFiles(first.disk(), copy);
        copyFiles(first.disk().directory("journal"), copy.directory("journal"));
        first.open();
        first.port().fill(BLOCK, BLOCK, 6);
        first.drain();
        second.useDisk(copy);
        second.allow(Kind.TAKE_OVER);
        late = 1;
        beforeManifestsOfTheSecond(1, this::firstMakesAManifest);
        second.open();
        assertEquals(2, late);
        assertTrue(notes().contains("superseded-epoch-1"), notes());
        assertTrue(second.port().holds(BLOCK, BLOCK, 6), "its own old journal is not replayed");
    }

    private static void copyFiles(LocalDisk from, LocalDisk to) throws IOException {
        for (String name : from.list()) {
            try (DiskFile source = from.open(name);
                    DiskFile target = to.create(name)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) source.size());
                source.read(bytes, 0);
                target.write(bytes.flip(), 0);
            }
        }
    }

    @Test
    void theQuestionIsAskedForWhatIsThereThen() {
        beforeManifestsOfTheSecond(1, first::close);
        second.open();
        assertTrue(second.opened().report().takeover().isEmpty(), "it was closed meanwhile");
        assertFalse(notes().contains("taken over"), notes());
        assertTrue(second.port().holds(0, BLOCK, 1));
    }
}
