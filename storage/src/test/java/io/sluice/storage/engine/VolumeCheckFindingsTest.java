package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.ForgedCheckpoint;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.inspection.CheckFinding;
import io.sluice.storage.inspection.CheckFinding.Kind;
import io.sluice.storage.inspection.CheckOptions;
import io.sluice.storage.inspection.CheckReport;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.runtime.SuppressForbidden;
import io.sluice.storage.segment.SegmentBuilder;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Findings that no flipped bit makes: tables that were written wrong, with all seals right, objects that came back, cache
 * directories, a gateway that goes on. With {@link VolumeCheckTest}, each kind of finding is made by a test.
 */
@SuppressForbidden("seeded generators")
final class VolumeCheckFindingsTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 128;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .segmentSize(ByteSize.ofKiB(512))
            .maxAge(Duration.ofHours(1))
            .readCache(ByteSize.ofKiB(1024), ByteSize.ofKiB(0));

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private final ObjectNames names = new ObjectNames("sim");
    private final SimulatedRuntime runtime = new SimulatedRuntime(4);
    private final ChecksumSealing sealing = new ChecksumSealing(runtime.entropy());
    private final SimulatedGateway gateway = new SimulatedGateway(bucket, 3, SETTINGS);
    private final InspectedVolume inspected = new InspectedVolume(bucket, SETTINGS);
    private final ManifestStore manifests = new ManifestStore(bucket, names, runtime.entropy());

    private static byte[] random(long seed) {
        byte[] bytes = new byte[BLOCKS * BLOCK];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private void write(int part, long seed) {
        gateway.port().write((long) part * BLOCKS * BLOCK, random(seed));
        gateway.drain();
    }

    /** Fence 1, segments 2 and 3, each with {@link #BLOCKS} blocks; not closed. */
    private void volume() {
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        write(0, 1);
        write(1, 2);
    }

    private void closedVolume() {
        volume();
        assertTrue(gateway.close().drained());
    }

    private byte[] bytes(String key) {
        return Objects.requireNonNull(bucket.bytes(key), key);
    }

    private List<String> keys(String kind) {
        return bucket.keys().stream()
                .filter(key -> key.contains("/" + kind + "/"))
                .toList();
    }

    private Manifest newest() {
        return runtime.await(manifests.newest(RequestCause.ADMIN)).orElseThrow();
    }

    private void name(Manifest manifest) {
        Manifest unused = runtime.await(manifests.create(manifest, sealing, RequestCause.ADMIN));
    }

    /** Has the newest manifest name a checkpoint that says something false. */
    private void forge(Function<ForgedCheckpoint, CheckpointRoot> lie) {
        Manifest before = newest();
        ForgedCheckpoint forger = new ForgedCheckpoint(before.volume(), sealing, bucket, names, before.checkpoint());
        name(before.next().checkpoint(lie.apply(forger)).attemptTag(77).build());
    }

    private static Set<Kind> kinds(CheckReport report) {
        return report.findings().stream().map(CheckFinding::kind).collect(Collectors.toSet());
    }

    private CheckFinding only(Kind kind) {
        return only(kind, CheckOptions.DEFAULT);
    }

    private CheckFinding only(Kind kind, CheckOptions options) {
        CheckReport report = inspected.check(options);
        assertEquals(Set.of(kind), kinds(report), () -> String.valueOf(report.findings()));
        assertEquals(1, report.findings().size(), () -> String.valueOf(report.findings()));
        return report.findings().get(0);
    }

    private void assertAbout(String key, CheckFinding finding) {
        assertEquals(key, finding.object(), finding.text());
    }

    @Test
    void aForgedCheckpointThatSaysTheTruthIsClean() {
        closedVolume();
        forge(forger -> forger.ofSegment(2, entry -> {}));
        assertEquals(List.of(), inspected.check().findings());
    }

    @Test
    void tooFewLiveBlocksAreAnError() {
        closedVolume();
        forge(forger -> forger.ofSegment(2, entry -> entry.add(-1, 0)));
        CheckFinding finding = only(Kind.LIVE_COUNT_LOW);
        assertAbout(names.segment(2), finding);
        assertEquals(CheckFinding.Severity.ERROR, finding.kind().severity());
    }

    @Test
    void tooManyLiveBlocksAreAWarning() {
        closedVolume();
        forge(forger -> forger.ofSegment(3, entry -> entry.add(1, 0)));
        CheckFinding finding = only(Kind.LIVE_COUNT_HIGH);
        assertAbout(names.segment(3), finding);
        assertEquals(CheckFinding.Severity.WARNING, finding.kind().severity());
    }

    @Test
    void anotherNumberOfBlocksThanTheHeaderSaysIsAnError() {
        closedVolume();
        forge(forger -> forger.ofSegment(2, entry -> entry.add(0, 1)));
        assertAbout(names.segment(2), only(Kind.SEGMENT_TABLE));
    }

    @Test
    void aSegmentThatTheTableForgotCouldBeTakenForDead() {
        closedVolume();
        forge(forger -> forger.ofSegment(2, ForgedCheckpoint.Entry::clear));
        CheckReport report = inspected.check();
        assertEquals(Set.of(Kind.SEGMENT_TABLE, Kind.SEGMENT_UNKNOWN), kinds(report));
        report.findings().forEach(finding -> assertAbout(names.segment(2), finding));
    }

    @Test
    void aMarkForZerosThatTheHeaderDoesNotSpeakOfIsAWarning() {
        closedVolume();
        forge(forger -> forger.ofSegment(2, entry -> entry.zeros(true)));
        CheckFinding finding = only(Kind.SEGMENT_ZEROS);
        assertAbout(names.segment(2), finding);
        assertTrue(finding.text().contains("kept for ever"), finding.text());
    }

    @Test
    void aMissingMarkForZerosIsAWarning() {
        volume();
        gateway.port().unmap(0, 4 * BLOCK);
        gateway.drain();
        assertTrue(gateway.close().drained());
        forge(forger -> forger.ofSegment(4, entry -> entry.zeros(false)));
        CheckFinding finding = only(Kind.SEGMENT_ZEROS);
        assertAbout(names.segment(4), finding);
        assertTrue(finding.text().contains("bring older blocks back"), finding.text());
    }

    @Test
    void aPointerThatDoesNotSayHowFarItsPageReachesBackIsAWarning() {
        closedVolume();
        forge(ForgedCheckpoint::withWrongPointer);
        CheckFinding finding = only(Kind.CHECKPOINT_POINTER);
        assertTrue(finding.text().contains("reaches back to object 1"), finding.text());
    }

    @Test
    void aWrongCountOfReachedBytesIsAWarning() {
        closedVolume();
        forge(ForgedCheckpoint::withWrongBytes);
        assertAbout(keys("checkpoint").get(0), only(Kind.CHECKPOINT_BYTES));
    }

    @Test
    void aCheckpointObjectOfAnotherLengthIsAnError() {
        closedVolume();
        forge(forger -> forger.ofSegment(2, entry -> {}));
        String key = keys("checkpoint").get(0);
        bucket.replace(key, Arrays.copyOf(bytes(key), bytes(key).length + 10));
        assertAbout(key, only(Kind.CHECKPOINT_OBJECT_LENGTH));
    }

    @Test
    void aDeletedSegmentThatCameBackIsAWarning() {
        volume();
        byte[] dead = bytes(names.segment(2));
        for (long seed = 10; bucket.bytes(names.segment(2)) != null && seed < 20; seed++) {
            write(0, seed);
            gateway.runtime().runFor(Duration.ofMinutes(1)); // a checkpoint, and what it deletes
        }
        write(0, 30); // and the one that forgets what was deleted
        assertTrue(gateway.close().drained());
        assertEquals(List.of(), inspected.check().findings());
        bucket.replace(names.segment(2), dead);
        assertAbout(names.segment(2), only(Kind.SEGMENT_UNKNOWN));
    }

    /** With right seals; a fence, so that no block is looked for in it. */
    @ParameterizedTest
    @CsvSource({"9, 0, is of epoch 1", "1, 1000000000000000000, ends at sequence"})
    void aSegmentThatIsNewerThanOneBehindItIsAnError(long epoch, long sequence, String text) {
        closedVolume();
        SegmentCodec codec = new SegmentCodec(newest().volume(), sealing, runtime.entropy(), 1);
        SegmentBuilder builder = codec.builder(1, epoch, SegmentHeader.Kind.FENCE);
        ByteBuffer object = builder.seal(sequence, sequence, 0).bytes().duplicate();
        byte[] forged = new byte[object.remaining()];
        object.get(forged);
        bucket.replace(names.segment(1), forged);
        CheckReport report = inspected.check();
        List<CheckFinding> order = report.findings().stream()
                .filter(finding -> finding.kind() == Kind.SEGMENT_ORDER)
                .toList();
        assertEquals(2, order.size(), () -> String.valueOf(report.findings()));
        assertAbout(names.segment(2), order.get(0));
        assertTrue(order.get(0).text().contains(text), order.get(0).text());
    }

    @Test
    void segmentsBehindAGapMayBeUnderWay() {
        volume();
        gateway.loseDisk();
        bucket.remove(names.segment(2));
        CheckFinding finding = only(Kind.SEGMENT_UNDER_WAY);
        assertAbout(names.segment(2), finding);
        assertEquals(CheckFinding.Severity.INFORMATION, finding.kind().severity());
    }

    @Test
    void anOldManifestThatIsDamagedIsAWarning() {
        closedVolume();
        gateway.open();
        assertTrue(gateway.close().drained());
        String key = keys("manifest").get(keys("manifest").size() - 2);
        bucket.corrupt(key, 60, 1);
        CheckFinding finding = only(Kind.MANIFEST_OLD_DAMAGED);
        assertAbout(key, finding);
        assertEquals(CheckFinding.Severity.WARNING, finding.kind().severity());
    }

    private static CheckOptions withCache(SimulatedDisk disk) throws IOException {
        return new CheckOptions(
                16,
                1 << 20,
                Optional.of(new CheckOptions.Cache(disk, Optional.of(disk.directory(VolumeDirectories.JOURNAL)))));
    }

    @Test
    void whatOnlyTheJournalHoldsIsTold() throws IOException {
        volume();
        gateway.port().write(0, random(3));
        gateway.crashProcess();
        CheckFinding finding = only(Kind.CACHE_JOURNAL, withCache(gateway.disk()));
        assertEquals(CheckFinding.Severity.INFORMATION, finding.kind().severity());
        assertTrue(finding.text().contains("are here alone"), finding.text());
    }

    @Test
    void aJournalThatLostWhatWasSyncedIsAnError() throws IOException {
        volume();
        for (long seed = 3; seed < 6; seed++) { // more than one file, so that a later one knows what was synced
            gateway.port().write(0, Arrays.copyOf(random(seed), 32 * BLOCK));
            assertEquals(Optional.empty(), gateway.port().flush());
        }
        gateway.crashProcess();
        SimulatedDisk journal = (SimulatedDisk) gateway.disk().directory(VolumeDirectories.JOURNAL);
        for (String file : journal.list()) {
            journal.corrupt(file, BLOCK + 100);
        }
        assertTrue(kinds(inspected.check(withCache(gateway.disk()))).contains(Kind.CACHE_JOURNAL_DAMAGED));
    }

    @Test
    void anotherVolumesJournalCannotBeRead() throws IOException {
        closedVolume();
        SimulatedGateway other = new SimulatedGateway(new MemoryObjectStore(), 99, SETTINGS);
        other.create(ByteSize.ofMiB(4));
        other.open();
        other.port().write(0, random(3));
        other.crashProcess();
        CheckReport report = inspected.check(withCache(other.disk()));
        assertEquals(Set.of(Kind.CACHE_FOREIGN, Kind.CACHE_UNREADABLE), kinds(report));
    }

    /** A gateway makes manifests faster than the check runs, and in each run something else is wrong. */
    @Test
    void whatIsDifferentInEveryRunIsNotConfirmed() {
        volume();
        RecordingObjectStore watched = new RecordingObjectStore(bucket);
        beforeEachCensus(watched, 1);
        CheckReport report = new InspectedVolume(watched, SETTINGS).check();
        assertEquals(Set.of(Kind.UNCONFIRMED), kinds(report), () -> String.valueOf(report.findings()));
        assertEquals(3, report.runs());
    }

    private void beforeEachCensus(RecordingObjectStore watched, int number) {
        watched.before(
                request -> request.operation() == ObjectOperation.LIST
                        && request.subject().equals(names.prefix()),
                () -> {
                    bucket.remove(names.prefix() + "what/" + (number - 1));
                    bucket.replace(names.prefix() + "what/" + number, new byte[1]);
                    gateway.runtime()
                            .await(gateway.opened()
                                    .volume()
                                    .grow(ByteSize.ofMiB(4 + number).bytes()));
                    beforeEachCensus(watched, number + 1);
                });
    }
}
