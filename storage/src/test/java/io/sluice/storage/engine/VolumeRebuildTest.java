package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.crypto.WrongPassphraseException;
import io.sluice.storage.format.Failures;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.rebuild.RebuildOptions;
import io.sluice.storage.rebuild.RebuildReport;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.volume.IoFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Volumes that lost their manifests and checkpoints, brought back from their segments. */
@SuppressForbidden("seeded generators, printed seeds")
final class VolumeRebuildTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 1024;
    private static final int BYTES = BLOCKS * BLOCK;
    private static final RebuildOptions NORMAL = new RebuildOptions(false, false, false, RebuildOptions.Tail.ASK);
    private static final RebuildOptions KEEP = new RebuildOptions(false, false, false, RebuildOptions.Tail.KEEP);
    private static final RebuildOptions FORCE = new RebuildOptions(false, true, false, RebuildOptions.Tail.ASK);
    private static final RebuildOptions ACCEPT = new RebuildOptions(false, false, true, RebuildOptions.Tail.ASK);
    private static final SimulatedSettings SETTINGS =
            SimulatedSettings.plain().maxAge(Duration.ofHours(1)).segmentSize(ByteSize.ofKiB(128));

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private SimulatedGateway gateway = new SimulatedGateway(bucket, 9, SETTINGS);

    /** More with {@code -Dsluice.seeds=from-to}. */
    static LongStream seeds() {
        String asked = System.getProperty("sluice.seeds");
        String[] bounds = (asked == null ? "1-4" : asked).split("-", 2);
        return LongStream.rangeClosed(Long.parseLong(bounds[0]), Long.parseLong(bounds[1]));
    }

    private RebuildReport rebuild(RebuildOptions options) {
        return rebuild(gateway, options);
    }

    private static RebuildReport rebuild(SimulatedGateway by, RebuildOptions options) {
        Volumes volumes = by.volumes();
        return by.runtime().await(volumes.rebuild(settingsOf(by), options, report -> true, said -> {}));
    }

    private static io.sluice.config.VolumeSettings settingsOf(SimulatedGateway by) {
        return by.settings();
    }

    private List<String> keys(String kind) {
        return bucket.keys().stream()
                .filter(key -> key.contains("/" + kind + "/"))
                .toList();
    }

    private void lose(String... kinds) {
        for (String kind : kinds) {
            keys(kind).forEach(bucket::remove);
        }
    }

    private byte[] all() {
        return gateway.readAll(0, BYTES);
    }

    private Map<String, String> content() {
        Map<String, String> content = new TreeMap<>();
        bucket.keys().forEach(key -> content.put(key, Arrays.toString(bucket.bytes(key))));
        return content;
    }

    private void write(int block, int count, int seed) {
        byte[] data = new byte[count * BLOCK];
        new Random(seed).nextBytes(data);
        gateway.port().write((long) block * BLOCK, data);
    }

    /** One operation of a random history; small volumes, so that much is overwritten and many segments die. */
    private void change(Random random, int stamp) {
        int count = 1 + random.nextInt(random.nextInt(6) == 0 ? 300 : 40);
        int from = random.nextInt(BLOCKS - count + 1);
        long offset = (long) from * BLOCK;
        long length = (long) count * BLOCK;
        switch (random.nextInt(8)) {
            case 0, 1 -> gateway.port().unmap(offset, length);
            case 2 -> {
                byte[] pattern = new byte[BLOCK];
                Arrays.fill(pattern, (byte) stamp);
                gateway.port().fillPattern(offset, length, pattern);
            }
            case 3, 4 -> {
                int source = random.nextInt(BLOCKS - count + 1);
                if (Math.abs(source - from) >= count) {
                    gateway.port().copy((long) source * BLOCK, offset, length);
                }
            }
            default -> write(from, count, stamp);
        }
    }

    private void history(long seed) throws IOException {
        Random random = new Random(seed);
        SimulatedSettings settings = SETTINGS.checkpoint(Duration.ofSeconds(10), 3);
        gateway = new SimulatedGateway(
                bucket, seed, seed % 4 == 0 ? settings.encrypted(SimulatedSettings.PASSPHRASE) : settings);
        gateway.create(new ByteSize(BYTES));
        int stamp = 1;
        for (int round = 0; round < 4; round++) {
            gateway.open();
            for (int i = 0; i < 20; i++) {
                change(random, stamp++);
                if (random.nextInt(3) == 0) {
                    gateway.drain();
                }
                if (random.nextInt(4) == 0) {
                    gateway.runtime().runFor(Duration.ofSeconds(12));
                }
            }
            if (random.nextBoolean()) {
                assertTrue(gateway.close().drained());
                gateway.reopenDisk();
            } else {
                gateway.crashProcess();
            }
        }
        gateway.open();
    }

    /** Unmapped, filled, copied, overwritten, with segments deleted in between: every byte as before. */
    @ParameterizedTest
    @MethodSource("seeds")
    void readsExactlyAsBeforeWhenManifestsAndCheckpointsAreLost(long seed) throws IOException {
        history(seed);
        byte[] before = all();
        assertTrue(gateway.close().drained());
        lose("manifest", "checkpoint");
        gateway.deleteCache();
        assertInstanceOf(VolumeNotFoundException.class, gateway.openingFailure());
        RebuildReport report = rebuild(KEEP); // it was closed in order: what is missing was deleted
        assertEquals(List.of(), report.refusals(), "seed " + seed);
        assertTrue(
                report.losses().isEmpty() && report.written().manifest() > VolumeRebuildTest.leap(), report.toString());
        gateway.open();
        assertArrayEquals(before, all(), "seed " + seed);
        assertTrue(gateway.opened().report().wasClean());
        write(3, 5, 77);
        gateway.drain();
        gateway.runtime().runFor(Duration.ofMinutes(2));
        assertTrue(gateway.close().drained());
        gateway.deleteCache();
        gateway.open();
        byte[] expected = before.clone();
        byte[] data = new byte[5 * BLOCK];
        new Random(77).nextBytes(data);
        System.arraycopy(data, 0, expected, 3 * BLOCK, data.length);
        assertArrayEquals(expected, all(), "it lives on: seed " + seed);
        var check = gateway.opened().scrub();
        assertTrue(check.start(io.sluice.storage.scrub.ScrubOptions.ONLINE));
        assertTrue(gateway.runtime().await(check.outcome()).isClean(), "seed " + seed);
    }

    private static long leap() {
        return 1L << 20;
    }

    /** The mapping from segments alone is the one that was there. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aDryRunFindsNoDifferenceAndWritesNothing(long seed) throws IOException {
        history(seed);
        assertTrue(gateway.close().drained());
        Map<String, String> before = content();
        RebuildReport report = rebuild(RebuildOptions.DRY_RUN);
        assertEquals(before, content());
        assertTrue(report.differences().compared());
        assertEquals(0, report.differences().blocks(), "seed " + seed + ": " + report.differences());
        assertEquals(List.of(), report.refusals());
        assertTrue(report.newestManifestSound());
    }

    private void threeSegments() {
        gateway.create(new ByteSize(BYTES));
        gateway.open();
        for (int i = 0; i < 3; i++) {
            write(i * 32, 32, i);
            gateway.drain();
        }
    }

    private String last(String kind) {
        return keys(kind).get(keys(kind).size() - 1);
    }

    @Test
    void withTheCheckpointsDamagedTheVolumeCanBeReadAgain() {
        threeSegments();
        byte[] before = all();
        gateway.close();
        gateway.deleteCache();
        lose("checkpoint");
        RebuildReport report = rebuild(NORMAL);
        assertEquals(List.of(), report.refusals());
        assertTrue(report.newestManifestSound());
        gateway.open();
        assertArrayEquals(before, all());
    }

    @Test
    void anOrphanOfAFencedEpochStaysOne() {
        threeSegments();
        String second = keys("segment").get(2);
        gateway.loseDisk();
        bucket.remove(second); // never arrived, while the third did: sent side by side
        gateway.open();
        byte[] before = all();
        assertArrayEquals(new byte[32 * BLOCK], Arrays.copyOfRange(before, 64 * BLOCK, 96 * BLOCK));
        gateway.loseDisk();
        lose("manifest", "checkpoint");
        RebuildReport report = rebuild(NORMAL);
        assertEquals(1, report.segments().orphans().size(), report.toString());
        gateway.open();
        assertArrayEquals(before, all());
    }

    @Test
    void aGapAmongTheNewestSegmentsIsAskedAbout() {
        threeSegments();
        byte[] whole = all();
        gateway.loseDisk();
        bucket.remove(keys("segment").get(2));
        // With a sound manifest it is clear: nothing behind its checkpoint was ever deleted.
        RebuildReport clear = rebuild(new RebuildOptions(true, true, false, RebuildOptions.Tail.ASK));
        assertEquals(List.of(), clear.refusals());
        assertEquals(1, clear.segments().orphans().size());
        lose("manifest");
        Map<String, String> before = content();
        RebuildReport asked = rebuild(NORMAL);
        assertEquals(1, asked.refusals().size(), asked.toString());
        assertTrue(asked.refusals().get(0).contains("--tail"), asked.toString());
        assertEquals(before, content());
        RebuildReport kept = rebuild(new RebuildOptions(true, false, false, RebuildOptions.Tail.KEEP));
        assertEquals(3, kept.segments().counted());
        RebuildReport cut = rebuild(new RebuildOptions(false, false, false, RebuildOptions.Tail.CUT));
        assertEquals(2, cut.segments().counted(), "the fence and the first");
        gateway.open();
        byte[] prefix = new byte[BYTES];
        System.arraycopy(whole, 0, prefix, 0, 32 * BLOCK);
        assertArrayEquals(prefix, all());
    }

    @Test
    void aDamagedHeaderIsRefusedNamedAndLeftOutWhenAccepted() {
        threeSegments();
        write(40, 2, 99); // newer than the second segment
        gateway.drain();
        byte[] before = all();
        gateway.close();
        gateway.deleteCache();
        String second = keys("segment").get(2);
        bucket.corrupt(second, 90, 1);
        lose("manifest", "checkpoint");
        RebuildReport refused = rebuild(NORMAL);
        assertEquals(1, refused.losses().size());
        assertEquals(second, refused.losses().get(0).object());
        assertFalse(refused.losses().get(0).known());
        assertEquals(1, refused.refusals().size());
        assertEquals(List.of(), keys("manifest"));
        assertEquals(List.of(), rebuild(ACCEPT).refusals());
        gateway.open();
        byte[] expected = before.clone();
        Arrays.fill(expected, 32 * BLOCK, 40 * BLOCK, (byte) 0);
        Arrays.fill(expected, 42 * BLOCK, 64 * BLOCK, (byte) 0);
        assertArrayEquals(expected, all());
    }

    @Test
    void theLastSegmentMayBeTheDamagedOne() {
        threeSegments();
        byte[] before = all();
        gateway.loseDisk();
        bucket.corrupt(last("segment"), 90, 1);
        lose("manifest");
        assertEquals(List.of(), rebuild(ACCEPT).refusals());
        gateway.open();
        byte[] expected = before.clone();
        Arrays.fill(expected, 64 * BLOCK, 96 * BLOCK, (byte) 0);
        assertArrayEquals(expected, all());
        write(64, 32, 5);
        gateway.drain();
        gateway.loseDisk();
        gateway.open();
        assertTrue(gateway.opened().report().notes().size() < 5);
    }

    @Test
    void aCutSegmentNamesTheBlocksThatAreLostAndTheyFailInsteadOfShowingSomethingOlder() {
        threeSegments();
        write(0, 96, 55); // three more; what was before is older content of the same blocks
        gateway.drain();
        gateway.close();
        gateway.deleteCache();
        String key = keys("segment").stream()
                .filter(one -> Objects.requireNonNull(bucket.bytes(one)).length > 32 * BLOCK)
                .reduce("", (one, other) -> other);
        bucket.truncate(key, Objects.requireNonNull(bucket.bytes(key)).length / 2);
        lose("manifest");
        RebuildReport report = rebuild(ACCEPT);
        assertEquals(1, report.losses().size());
        assertTrue(report.losses().get(0).known());
        Set<Long> told = new TreeSet<>();
        report.losses().get(0).affected().forEach(range -> {
            for (long i = 0; i < range.blocks(); i++) {
                told.add(range.lba() + i);
            }
        });
        gateway.open();
        Set<Long> failing = new TreeSet<>();
        for (long block = 0; block < 128; block++) {
            Optional<IoFailure> failure = gateway.port().tryRead(block * BLOCK, BLOCK);
            if (failure.isPresent()) {
                failing.add(block);
            }
        }
        assertFalse(failing.isEmpty());
        assertEquals(failing, told);
    }

    @Test
    void anOpenVolumeIsRefusedAndAForcedRebuildFencesItsGateway() {
        threeSegments();
        SimulatedGateway administrator = new SimulatedGateway(bucket, 10, SETTINGS);
        Map<String, String> before = content();
        RebuildReport refused = rebuild(administrator, NORMAL);
        assertEquals(1, refused.refusals().size());
        assertTrue(refused.refusals().get(0).contains("--force"), refused.toString());
        assertEquals(before, content());
        assertEquals(List.of(), rebuild(administrator, FORCE).refusals());
        write(500, 4, 6);
        assertThrows(CompletionException.class, gateway::drain);
        assertTrue(gateway.opened().volume().status().state().startsWith("fenced"));
    }

    /** A gateway whose manifests vanished under it must not go on either. */
    @Test
    void aGatewayThatStillRunsWithoutItsManifestsIsFenced() {
        threeSegments();
        SimulatedGateway administrator = new SimulatedGateway(bucket, 10, SETTINGS);
        lose("manifest", "checkpoint");
        assertEquals(List.of(), rebuild(administrator, NORMAL).refusals());
        write(500, 4, 6);
        assertThrows(CompletionException.class, gateway::drain);
    }

    @Test
    void theLocalJournalOfTheLastOwnerIsReplayedAfterwards() throws IOException {
        threeSegments();
        write(200, 8, 42);
        byte[] before = all();
        gateway.crashProcess();
        assertEquals(List.of(), rebuild(FORCE).refusals());
        gateway.open();
        assertArrayEquals(before, all());
    }

    @Test
    void aGrownVolumeKeepsItsSizeAndIdentity() {
        gateway.create(new ByteSize(BYTES));
        gateway.open();
        gateway.runtime().await(gateway.opened().volume().grow(2L * BYTES));
        gateway.runtime().runFor(Duration.ofSeconds(1));
        var identity = gateway.opened().manifest().volume();
        String serial = gateway.opened().manifest().serialNumber();
        gateway.port().fill(BYTES, BLOCK, 3);
        gateway.close();
        gateway.deleteCache();
        lose("manifest");
        RebuildReport report = rebuild(NORMAL);
        assertTrue(report.identityFrom().contains("/identity/"), report.toString());
        gateway.open();
        assertEquals(identity, gateway.opened().manifest().volume());
        assertEquals(serial, gateway.opened().manifest().serialNumber());
        assertEquals(2L * BYTES, gateway.opened().volume().description().sizeBytes());
        assertTrue(gateway.port().holds(BYTES, BLOCK, 3));
        assertFalse(keys("identity").isEmpty());
    }

    @Test
    void aLostGrowthIsSeenInTheSegments() {
        gateway.create(new ByteSize(BYTES));
        String first = last("identity");
        gateway.open();
        byte[] copy = Objects.requireNonNull(bucket.bytes(first));
        gateway.runtime().await(gateway.opened().volume().grow(2L * BYTES));
        gateway.port().fill(BYTES + 8 * BLOCK, BLOCK, 3);
        gateway.close();
        gateway.deleteCache();
        lose("manifest", "identity");
        bucket.replace(first, copy);
        RebuildReport report = rebuild(NORMAL);
        assertEquals(BYTES + 9L * BLOCK, report.sizeBytes());
        gateway.open();
        assertTrue(gateway.port().holds(BYTES + 8 * BLOCK, BLOCK, 3));
    }

    @Test
    void aDamagedNewestManifestFallsBackToTheOneBefore() {
        threeSegments();
        byte[] before = all();
        gateway.close();
        gateway.deleteCache();
        String damaged = last("manifest");
        bucket.corrupt(damaged, 50, 1);
        RebuildReport report = rebuild(NORMAL);
        assertFalse(report.newestManifestSound());
        assertTrue(report.unusable().get(0).contains(damaged), report.toString());
        gateway.open();
        assertArrayEquals(before, all());
    }

    @Test
    void theNewPassphraseOpensWhatIsLeftAndTheOldOneDoesNot() {
        SimulatedSettings old = SETTINGS.encrypted("old");
        gateway = new SimulatedGateway(bucket, 4, old);
        threeSegments();
        byte[] before = all();
        gateway.close();
        gateway.deleteCache();
        Volumes volumes = gateway.volumes();
        gateway.runtime().await(volumes.changePassphrase(old.settings(), new SimulatedSettings.FixedSecret("new")));
        lose("manifest", "checkpoint");
        CompletionException refused = assertThrows(CompletionException.class, () -> rebuild(NORMAL));
        assertInstanceOf(WrongPassphraseException.class, Failures.unwrap(refused));
        gateway.settings(SETTINGS.encrypted("new"));
        assertEquals(List.of(), rebuild(NORMAL).refusals());
        gateway.open();
        assertArrayEquals(before, all());
    }

    @Test
    void withoutApprovalNothingIsWritten() {
        threeSegments();
        gateway.close();
        Map<String, String> before = content();
        Volumes volumes = gateway.volumes();
        CompletableFuture<RebuildReport> declined =
                volumes.rebuild(settingsOf(gateway), NORMAL, report -> false, said -> {});
        assertEquals(0, gateway.runtime().await(declined).written().manifest());
        assertEquals(before, content());
    }

    @Test
    void anOutageDecidesNothing() {
        threeSegments();
        gateway.close();
        Map<String, String> before = content();
        gateway.beforeRequest(
                request -> request.subject().contains("/segment/"),
                () -> gateway.faults().setOutage(true));
        assertThrows(CompletionException.class, () -> rebuild(NORMAL));
        assertEquals(before, content());
    }
}
