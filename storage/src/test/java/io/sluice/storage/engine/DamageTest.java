package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.crypto.WrongPassphraseException;
import io.sluice.storage.format.DamagedObjectException;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumeStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that were changed, swapped, cut or lost: named, never zeros, and only what they hold. */
@SuppressForbidden("seeded generators")
final class DamageTest {
    private static final int BLOCK = 4096;
    private static final int FRAME_BLOCKS = 32;
    private static final int BLOCKS = 128;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .segmentSize(ByteSize.ofKiB(512))
            .maxAge(Duration.ofHours(1))
            .readCache(ByteSize.ofKiB(1024), ByteSize.ofKiB(0));

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private SimulatedGateway gateway = new SimulatedGateway(bucket, 3, SETTINGS);
    private final byte[] first = random(1);
    private final byte[] second = random(2);

    private static byte[] random(long seed) {
        byte[] bytes = new byte[BLOCKS * BLOCK];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** A volume of two segments of four frames each, closed; the cache is gone. */
    private List<String> volumeOfTwoSegments(boolean encrypted) {
        SimulatedSettings settings = encrypted ? SETTINGS.encrypted(SimulatedSettings.PASSPHRASE) : SETTINGS;
        gateway = new SimulatedGateway(bucket, 3, settings);
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        gateway.port().write(0, first);
        gateway.drain();
        gateway.port().write((long) BLOCKS * BLOCK, second);
        gateway.drain();
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        return bucket.keys().stream()
                .filter(key -> key.contains("/segment/") && size(key) > BLOCKS * BLOCK)
                .toList();
    }

    private int size(String key) {
        return Objects.requireNonNull(bucket.bytes(key)).length;
    }

    /** Blocks that cannot be read; all others hold what was written. */
    private Set<Integer> unreadable() {
        Set<Integer> blocks = new TreeSet<>();
        for (int block = 0; block < 2 * BLOCKS; block++) {
            long offset = (long) block * BLOCK;
            Optional<IoFailure> failure = gateway.port().tryRead(offset, BLOCK);
            if (failure.isPresent()) {
                assertEquals(IoFailure.Kind.UNREADABLE, failure.get().kind());
                assertEquals(offset, failure.get().offsetBytes());
                blocks.add(block);
            } else {
                byte[] from = block < BLOCKS ? first : second;
                int at = block % BLOCKS * BLOCK;
                assertArrayEquals(
                        Arrays.copyOfRange(from, at, at + BLOCK), gateway.port().read(offset, BLOCK));
            }
        }
        assertEquals("open", gateway.opened().volume().status().state());
        return blocks;
    }

    private void expectUnreadable(int from, int end) {
        gateway.open();
        IoFailure whole = gateway.port().tryRead(0, 2 * BLOCKS * BLOCK).orElseThrow();
        assertEquals(IoFailure.Kind.UNREADABLE, whole.kind());
        assertEquals((long) from * BLOCK, whole.offsetBytes(), "the first byte that cannot be read");
        Set<Integer> expected = new TreeSet<>();
        for (int block = from; block < end; block++) {
            expected.add(block);
        }
        assertEquals(expected, unreadable());
        gateway.port().fill((long) from * BLOCK, BLOCK, 9);
        assertTrue(gateway.port().holds((long) from * BLOCK, BLOCK, 9), "written anew it can be read");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFlippedBitSpoilsOneFrame(boolean encrypted) {
        String key = volumeOfTwoSegments(encrypted).get(1);
        bucket.corrupt(key, size(key) / 2 + BLOCK, 0x10);
        expectUnreadable(BLOCKS + 2 * FRAME_BLOCKS, BLOCKS + 3 * FRAME_BLOCKS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMissingSegmentSpoilsItsBlocksOnly(boolean encrypted) {
        bucket.remove(volumeOfTwoSegments(encrypted).get(1));
        expectUnreadable(BLOCKS, 2 * BLOCKS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void twoSwappedSegmentsAreNoticed(boolean encrypted) {
        List<String> keys = volumeOfTwoSegments(encrypted);
        byte[] one = Objects.requireNonNull(bucket.bytes(keys.get(0)));
        bucket.replace(keys.get(0), Objects.requireNonNull(bucket.bytes(keys.get(1))));
        bucket.replace(keys.get(1), one);
        expectUnreadable(0, 2 * BLOCKS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSegmentThatWasCutSpoilsOnlyWhatIsGone(boolean encrypted) {
        String key = volumeOfTwoSegments(encrypted).get(1);
        bucket.truncate(key, size(key) / 2 + BLOCK);
        expectUnreadable(BLOCKS + 2 * FRAME_BLOCKS, 2 * BLOCKS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void damagedCheckpointPagesMakeBlocksUnreadableAndCostNoData(boolean encrypted) throws IOException {
        volumeOfTwoSegments(encrypted);
        List<String> pages = bucket.keys().stream()
                .filter(key -> key.contains("/checkpoint/"))
                .toList();
        pages.forEach(key -> {
            for (int i = 0; i < size(key); i += 64) {
                bucket.corrupt(key, i, 1);
            }
        });
        gateway.open();
        assertEquals(
                IoFailure.Kind.UNREADABLE,
                gateway.port().tryRead(0, BLOCK).orElseThrow().kind());
        gateway.port().fill(0, BLOCK, 5);
        assertTrue(gateway.port().holds(0, BLOCK, 5));
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(5));
        assertEquals("open", gateway.opened().volume().status().state());
        gateway.close();
        pages.forEach(key -> {
            for (int i = 0; i < size(key); i += 64) {
                bucket.corrupt(key, i, 1);
            }
        });
        gateway.reopenDisk();
        gateway.open();
        assertTrue(gateway.port().holds(0, BLOCK, 5));
        assertArrayEquals(second, gateway.port().read((long) BLOCKS * BLOCK, BLOCKS * BLOCK));
    }

    private VolumeStatus.Damage damage() {
        return gateway.opened().volume().status().condition().damage();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsDamagedIsNamedOnceAndCounted(boolean encrypted) {
        List<String> keys = volumeOfTwoSegments(encrypted);
        bucket.remove(keys.get(1));
        bucket.corrupt(keys.get(0), size(keys.get(0)) / 2, 0x10);
        gateway.open();
        assertEquals(VolumeStatus.Damage.NONE, damage());
        Set<Integer> failed = unreadable();
        assertEquals(BLOCKS + FRAME_BLOCKS, failed.size());
        assertEquals(failed.size(), damage().failedReads());
        assertEquals(1, damage().missingObjects());
        assertEquals(1, damage().damagedObjects());
        assertEquals(List.of(keys.get(0) + " is damaged", keys.get(1) + " is missing"), damage().objects());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSegmentOfAnotherVolumeIsNoticed(boolean encrypted) {
        List<String> keys = volumeOfTwoSegments(encrypted);
        SimulatedSettings others =
                (encrypted ? SETTINGS.encrypted(SimulatedSettings.PASSPHRASE) : SETTINGS).named("other");
        SimulatedGateway other = new SimulatedGateway(bucket, 4, others);
        other.create(ByteSize.ofMiB(4));
        other.open();
        other.port().write(0, random(5));
        other.drain();
        other.port().write((long) BLOCKS * BLOCK, random(6));
        assertTrue(other.close().drained());
        String same = keys.get(1).replace("sim/", "other/");
        bucket.replace(keys.get(1), Objects.requireNonNull(bucket.bytes(same)));
        expectUnreadable(BLOCKS, 2 * BLOCKS);
        assertEquals(List.of(keys.get(1) + " is damaged"), damage().objects());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anOlderSegmentPutBackInTheOthersPlaceIsNoticed(boolean encrypted) {
        List<String> keys = volumeOfTwoSegments(encrypted);
        bucket.replace(keys.get(1), Objects.requireNonNull(bucket.bytes(keys.get(0))));
        expectUnreadable(BLOCKS, 2 * BLOCKS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMissingCheckpointIsNamedAndTheVolumeStaysUp(boolean encrypted) {
        volumeOfTwoSegments(encrypted);
        List<String> pages = bucket.keys().stream()
                .filter(key -> key.contains("/checkpoint/"))
                .toList();
        pages.forEach(bucket::remove);
        gateway.open();
        IoFailure failure = gateway.port().tryRead(BLOCK, BLOCK).orElseThrow();
        assertEquals(IoFailure.Kind.UNREADABLE, failure.kind());
        assertEquals(BLOCK, failure.offsetBytes());
        assertEquals(List.of(pages.get(pages.size() - 1) + " is missing"), damage().objects());
        gateway.port().fill(0, BLOCK, 5);
        assertTrue(gateway.port().holds(0, BLOCK, 5));
        assertEquals("open", gateway.opened().volume().status().state());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDamagedRootIsNamedAtTheOpening(boolean encrypted) {
        volumeOfTwoSegments(encrypted);
        String newest = bucket.keys().stream()
                .filter(key -> key.contains("/checkpoint/"))
                .reduce("", (one, other) -> other);
        for (int i = 0; i < size(newest); i += 16) {
            bucket.corrupt(newest, i, 1);
        }
        gateway.open();
        assertEquals(List.of(newest + " is damaged"), damage().objects());
        assertEquals(0, damage().failedReads());
        assertTrue(gateway.port().tryRead(0, BLOCK).isPresent());
        assertEquals(List.of(newest + " is damaged"), damage().objects(), "and no other name for it");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anOlderManifestPutBackUnderTheNewestsNumberIsRefused(boolean encrypted) {
        volumeOfTwoSegments(encrypted);
        List<String> manifests =
                bucket.keys().stream().filter(key -> key.contains("/manifest/")).toList();
        String newest = manifests.get(manifests.size() - 1);
        bucket.replace(newest, Objects.requireNonNull(bucket.bytes(manifests.get(0))));
        assertTrue(expectRefusal(DamagedObjectException.class).contains(newest));
    }

    @Test
    void theLogNamesAnObjectOnceAndManyAtABoundedRate() {
        SimulatedRuntime runtime = new SimulatedRuntime(1);
        DamageLog log = new DamageLog("sim", runtime.clock());
        for (int i = 0; i < 3 * DamageLog.OBJECTS_MAX; i++) {
            log.failedRead("object " + i, DamageLog.Kind.DAMAGED, "was changed", i);
            log.failedRead("object 0", DamageLog.Kind.DAMAGED, "was changed", i);
        }
        assertEquals(6 * DamageLog.OBJECTS_MAX, log.figures().failedReads());
        assertEquals(DamageLog.OBJECTS_MAX, log.figures().damagedObjects());
        assertEquals(DamageLog.SHOWN_MAX, log.figures().objects().size());
        assertEquals(DamageLog.LINES_AT_ONCE, log.lines());
        runtime.runFor(DamageLog.PAUSE.multipliedBy(2));
        DamageLog next = new DamageLog("sim", runtime.clock());
        next.found("one", DamageLog.Kind.MISSING, "gone");
        next.found("one", DamageLog.Kind.MISSING, "gone");
        assertEquals(1, next.lines());
        next.failedRead("two", DamageLog.Kind.MISSING, "gone", 0);
        next.failedRead("two", DamageLog.Kind.MISSING, "gone", BLOCK);
        assertEquals(2, next.lines());
    }

    /** Opening fails with this, after reading only. */
    private String expectRefusal(Class<? extends Throwable> type) {
        List<String> before = bucket.keys();
        Throwable failure = assertInstanceOf(type, gateway.openingFailure());
        assertEquals(0, gateway.requests().count(request -> request.operation().isMutating()));
        assertEquals(before, bucket.keys());
        return String.valueOf(failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDamagedManifestIsNamedAndNothingIsTouched(boolean encrypted) {
        volumeOfTwoSegments(encrypted);
        String newest =
                bucket.keys().stream().filter(key -> key.contains("/manifest/")).reduce("", (one, other) -> other);
        for (int offset : new int[] {0, 9, 30, size(newest) / 2, size(newest) - 1}) {
            bucket.corrupt(newest, offset, 4);
            Throwable failure = gateway.openingFailure();
            assertTrue(String.valueOf(failure.getMessage()).contains(newest), failure.toString());
            assertEquals(
                    0, gateway.requests().count(request -> request.operation().isMutating()));
            bucket.corrupt(newest, offset, 4);
        }
        bucket.truncate(newest, size(newest) / 2);
        assertTrue(expectRefusal(DamagedObjectException.class).contains(newest));
    }

    @Test
    void aWrongPassphraseIsToldBeforeAnythingIsTouched() {
        volumeOfTwoSegments(true);
        gateway.settings(SETTINGS.encrypted("another one"));
        expectRefusal(WrongPassphraseException.class);
        gateway.settings(SETTINGS.encrypted(SimulatedSettings.PASSPHRASE));
        gateway.open();
        assertArrayEquals(first, gateway.port().read(0, first.length));
    }

    @Test
    void aPassphraseForAVolumeWithoutEncryptionIsRefused() {
        volumeOfTwoSegments(false);
        gateway.settings(SETTINGS.encrypted("a passphrase"));
        assertTrue(expectRefusal(IOException.class).contains("write encryption = none"));
    }

    @Test
    void anEncryptedVolumeWithoutAPassphraseIsRefused() {
        volumeOfTwoSegments(true);
        gateway.settings(SETTINGS);
        assertTrue(expectRefusal(IOException.class).contains("says encryption = none"));
    }
}
