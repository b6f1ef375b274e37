package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.config.ByteSize;
import io.sluice.storage.crypto.WrongPassphraseException;
import io.sluice.storage.inspection.CheckFinding;
import io.sluice.storage.inspection.CheckFinding.Kind;
import io.sluice.storage.inspection.CheckOptions;
import io.sluice.storage.inspection.CheckReport;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.recovery.VolumeNotFoundException;
import io.sluice.storage.runtime.SuppressForbidden;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of damage is found, named with the blocks that it affects, and nothing else is said. */
@SuppressForbidden("seeded generators")
final class VolumeCheckTest {
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 128;
    private static final SimulatedSettings SETTINGS = SimulatedSettings.plain()
            .segmentSize(ByteSize.ofKiB(512))
            .maxAge(Duration.ofHours(1))
            .readCache(ByteSize.ofKiB(1024), ByteSize.ofKiB(0));

    private final MemoryObjectStore bucket = new MemoryObjectStore();
    private SimulatedSettings settings = SETTINGS;
    private SimulatedGateway gateway = new SimulatedGateway(bucket, 3, SETTINGS);
    private InspectedVolume inspected = new InspectedVolume(bucket, SETTINGS);

    private static byte[] random(long seed) {
        byte[] bytes = new byte[BLOCKS * BLOCK];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Two segments of data, at block 0 and at block 128; closed, or left as a kill would. */
    private void volume(boolean encrypted, boolean closed) {
        settings = encrypted ? SETTINGS.encrypted(SimulatedSettings.PASSPHRASE) : SETTINGS;
        gateway = new SimulatedGateway(bucket, 3, settings);
        inspected = new InspectedVolume(bucket, settings);
        gateway.create(ByteSize.ofMiB(4));
        gateway.open();
        gateway.port().write(0, random(1));
        gateway.drain();
        gateway.port().write((long) BLOCKS * BLOCK, random(2));
        gateway.drain();
        if (closed) {
            assertTrue(gateway.close().drained());
        } else {
            gateway.loseDisk();
        }
    }

    private List<String> keys(String kind) {
        return bucket.keys().stream()
                .filter(key -> key.contains("/" + kind + "/"))
                .toList();
    }

    private List<String> dataSegments() {
        return keys("segment").stream()
                .filter(key -> Objects.requireNonNull(bucket.bytes(key)).length > BLOCKS * BLOCK)
                .toList();
    }

    private byte[] bytes(String key) {
        return Objects.requireNonNull(bucket.bytes(key));
    }

    private static Set<Kind> kinds(CheckReport report) {
        return report.findings().stream().map(CheckFinding::kind).collect(Collectors.toSet());
    }

    private CheckFinding only(Kind kind) {
        CheckReport report = inspected.check();
        assertEquals(Set.of(kind), kinds(report), () -> String.valueOf(report.findings()));
        assertEquals(1, report.findings().size(), () -> String.valueOf(report.findings()));
        return report.findings().get(0);
    }

    private static void expectBlocks(CheckFinding finding, long first, long count) {
        assertEquals(List.of(new CheckFinding.Range(first, count)), finding.blocks(), finding.text());
        assertEquals(count, finding.blockCount());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSoundVolumeIsCleanWhetherItWasClosedOrNot(boolean closed) {
        volume(true, closed);
        CheckReport report = inspected.check();
        assertEquals(List.of(), report.findings());
        assertTrue(report.isClean());
        assertEquals(2 * BLOCKS, report.mappedBlocks());
        assertEquals(keys("segment").size(), report.segments());
    }

    @Test
    void aMissingSegmentIsNamedWithItsBlocks() {
        volume(true, true);
        String key = dataSegments().get(1);
        bucket.remove(key);
        CheckFinding finding = only(Kind.SEGMENT_MISSING);
        assertEquals(key, finding.object());
        expectBlocks(finding, BLOCKS, BLOCKS);
    }

    @Test
    void aMissingSegmentThatWasOverwrittenIsNoLossOfData() {
        volume(true, true);
        String key = dataSegments().get(1);
        gateway.open();
        gateway.port().write((long) BLOCKS * BLOCK, random(3));
        gateway.drain();
        gateway.loseDisk();
        bucket.remove(key);
        assertEquals(key, only(Kind.SEGMENT_DEAD_DAMAGED).object());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 20, 30, 50, 70, 100, 300})
    void aFlippedBitInAHeaderIsFound(int offset) {
        volume(true, true);
        String key = dataSegments().get(0);
        bucket.corrupt(key, offset, 4);
        CheckFinding finding = only(Kind.SEGMENT_HEADER);
        assertEquals(key, finding.object());
        expectBlocks(finding, 0, BLOCKS);
    }

    @Test
    void aFlippedBitInAFooterIsFound() {
        volume(true, true);
        String key = dataSegments().get(0);
        bucket.corrupt(key, bytes(key).length - 9, 4);
        expectBlocks(only(Kind.SEGMENT_FOOTER), 0, BLOCKS);
    }

    @Test
    void aTruncatedSegmentIsFound() {
        volume(true, true);
        String key = dataSegments().get(1);
        bucket.truncate(key, bytes(key).length - 512);
        expectBlocks(only(Kind.SEGMENT_LENGTH), BLOCKS, BLOCKS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void swappedSegmentsAreFound(boolean encrypted) {
        volume(encrypted, true);
        String one = dataSegments().get(0);
        String other = dataSegments().get(1);
        byte[] bytes = bytes(one);
        bucket.replace(one, bytes(other));
        bucket.replace(other, bytes);
        CheckReport report = inspected.check();
        assertEquals(2, report.findings().size(), () -> String.valueOf(report.findings()));
        assertTrue(report.findings().stream()
                .allMatch(finding -> finding.kind() == Kind.SEGMENT_HEADER || finding.kind() == Kind.SEGMENT_LENGTH));
        assertEquals(
                2 * BLOCKS,
                report.findings().stream().mapToLong(CheckFinding::blockCount).sum());
    }

    /** The same volume, but with another write in the place of the second: all seals are right. */
    @Test
    void aSegmentOfTheSameNumberWithOtherBlocksIsFound() {
        volume(false, true);
        String key = dataSegments().get(1);
        byte[] honest = bytes(key);
        SimulatedGateway other = new SimulatedGateway(bucket, 3, settings);
        List<String> all = bucket.keys();
        for (String name : all) {
            bucket.remove(name);
        }
        other.create(ByteSize.ofMiB(4));
        other.open();
        other.port().write(0, random(1));
        other.drain();
        other.port().write((long) (BLOCKS + 1) * BLOCK, random(2));
        other.drain();
        assertTrue(other.close().drained());
        assertTrue(dataSegments().contains(key));
        assertTrue(!Arrays.equals(honest, bytes(key)));
        bucket.replace(key, honest);
        CheckReport report = inspected.check();
        assertTrue(
                kinds(report).contains(Kind.SEGMENT_HEADER) || kinds(report).contains(Kind.LOCATOR),
                () -> String.valueOf(report.findings()));
    }

    @Test
    void aSegmentOfAnotherVolumeIsFound() {
        volume(false, true);
        String key = dataSegments().get(0);
        MemoryObjectStore elsewhere = new MemoryObjectStore();
        SimulatedGateway other = new SimulatedGateway(elsewhere, 99, SETTINGS);
        other.create(ByteSize.ofMiB(4));
        other.open();
        other.port().write(0, random(1));
        other.drain();
        other.close();
        bucket.replace(key, Objects.requireNonNull(elsewhere.bytes(key)));
        CheckFinding finding = only(Kind.SEGMENT_HEADER);
        assertTrue(finding.text().contains("belongs to volume"), finding.text());
    }

    @Test
    void anOrphanIsAWarning() {
        volume(true, true);
        String key = dataSegments().get(0);
        bucket.replace(key.replace("/segment/", "/segment/").replaceAll("..$", "f0"), bytes(key));
        CheckFinding finding = only(Kind.SEGMENT_BEHIND_END);
        assertEquals(CheckFinding.Severity.WARNING, finding.kind().severity());
    }

    @Test
    void unknownObjectsAreAWarning() {
        volume(true, true);
        bucket.replace("sim/checkpoint/0000000000000abc", new byte[100]);
        bucket.replace("sim/what/is/this", new byte[10]);
        bucket.replace("sim/identity/0000000000000001", new byte[10]);
        CheckReport report = inspected.check();
        assertEquals(Set.of(Kind.OBJECT_UNKNOWN, Kind.CHECKPOINT_OBJECT_UNKNOWN), kinds(report));
        assertEquals(2, report.findings().size());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFlippedBitInAnyPageIsFound(boolean encrypted) {
        volume(encrypted, true);
        String key = keys("checkpoint").get(keys("checkpoint").size() - 1);
        int found = 0;
        for (int offset = 40; offset < bytes(key).length; offset += encrypted ? 401 : 61) {
            bucket.corrupt(key, offset, 1);
            Set<Kind> kinds = kinds(inspected.check());
            assertTrue(
                    kinds.contains(Kind.CHECKPOINT_PAGE) || kinds.contains(Kind.CHECKPOINT_ROOT),
                    "offset " + offset + ": " + kinds);
            bucket.corrupt(key, offset, 1);
            found++;
        }
        assertTrue(found > 1);
        assertTrue(inspected.check().isClean());
    }

    @Test
    void aMissingCheckpointObjectIsFound() {
        volume(true, true);
        String key = keys("checkpoint").get(0);
        bucket.remove(key);
        Set<Kind> kinds = kinds(inspected.check());
        assertTrue(
                kinds.contains(Kind.CHECKPOINT_ROOT) || kinds.contains(Kind.CHECKPOINT_OBJECT_MISSING),
                String.valueOf(kinds));
    }

    @Test
    void aDamagedHeaderBehindTheCheckpointIsFoundAlthoughNobodyCanOpenTheVolume() {
        volume(true, false);
        String key = dataSegments().get(1);
        bucket.corrupt(key, 100, 1);
        CheckFinding finding = only(Kind.SEGMENT_HEADER);
        assertEquals(key, finding.object());
        assertTrue(finding.text().contains("--at-checkpoint"), finding.text());
    }

    @Test
    void aDamagedNewestManifestIsFoundAndTheRestIsChecked() {
        volume(true, true);
        String key = keys("manifest").get(keys("manifest").size() - 1);
        bucket.corrupt(key, 60, 1);
        CheckReport report = inspected.check();
        assertTrue(kinds(report).contains(Kind.MANIFEST_DAMAGED), () -> String.valueOf(report.findings()));
        assertTrue(report.manifest().isPresent());
    }

    @Test
    void aMissingManifestInTheSeriesIsAWarning() {
        volume(true, true);
        gateway.open();
        assertTrue(gateway.close().drained());
        List<String> manifests = keys("manifest");
        assertTrue(manifests.size() >= 3, manifests.toString());
        bucket.remove(manifests.get(manifests.size() - 2));
        assertEquals(
                manifests.get(manifests.size() - 1), only(Kind.MANIFEST_ORDER).object());
    }

    @Test
    void aMissingFenceIsAWarning() {
        volume(true, true);
        gateway.open();
        gateway.port().write(0, random(9));
        assertTrue(gateway.close().drained());
        String fence = keys("segment").get(0);
        assertTrue(bytes(fence).length < BLOCK);
        bucket.remove(fence);
        CheckFinding finding = only(Kind.FENCE_MISSING);
        assertTrue(finding.object().contains("epoch 1"), finding.object());
    }

    @Test
    void aLostSegmentBeforeAFenceIsAnError() {
        volume(true, false);
        String lost = dataSegments().get(1);
        gateway.open();
        gateway.loseDisk();
        bucket.remove(lost);
        CheckReport report = inspected.check();
        assertTrue(
                report.findings().stream()
                        .anyMatch(finding -> finding.kind() == Kind.SEGMENT_MISSING
                                && finding.object().equals(lost)),
                () -> String.valueOf(report.findings()));
    }

    @Test
    void withoutAnyManifestThereIsNoVolume() {
        volume(true, true);
        keys("manifest").forEach(bucket::remove);
        assertInstanceOf(VolumeNotFoundException.class, inspected.checkFailure());
    }

    @Test
    void aWrongPassphraseIsNoFinding() {
        volume(true, true);
        inspected = new InspectedVolume(bucket, SETTINGS.encrypted("wrong"));
        assertInstanceOf(WrongPassphraseException.class, inspected.checkFailure());
    }

    @Test
    void nothingIsWrittenAndNothingIsRemoved() {
        volume(true, false);
        List<String> before = bucket.keys();
        long bytes = bucket.sizeBytes();
        CheckReport unused = inspected.check();
        byte[] image = inspected.image();
        assertArrayEquals(random(1), Arrays.copyOf(image, BLOCKS * BLOCK));
        assertEquals(before, bucket.keys());
        assertEquals(bytes, bucket.sizeBytes());
    }

    @Test
    void batchesOfSegmentsFindTheSame() {
        volume(true, true);
        bucket.corrupt(dataSegments().get(0), 100, 1);
        bucket.remove(dataSegments().get(1));
        CheckReport report = inspected.check(new CheckOptions(1, 1, Optional.empty()));
        assertEquals(Set.of(Kind.SEGMENT_HEADER, Kind.SEGMENT_MISSING), kinds(report));
        assertEquals(
                2 * BLOCKS,
                report.findings().stream().mapToLong(CheckFinding::blockCount).sum());
    }
}
