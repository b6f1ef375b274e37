package io.sluice.storage.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.SegmentUse;
import io.sluice.storage.checkpoint.SeriesFold;
import io.sluice.storage.checkpoint.TreeCommittedMap;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.format.BlockGeometry;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.segment.OpenedFrame;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * Looks at the bucket of a volume without encryption that is at rest, from outside, and says what is wrong: something that is
 * reached and not there, something that is there and not reached.
 */
final class BucketChecker {
    private final MemoryObjectStore bucket;
    private final SimulatedRuntime runtime = new SimulatedRuntime(1);
    private final ObjectNames names = new ObjectNames("sim");
    private final Sealing sealing = new ChecksumSealing(runtime.entropy());
    private final Manifest manifest;
    private final SegmentCodec codec;
    private final TreeCommittedMap committed;
    private final SortedMap<Long, byte[]> segments = new TreeMap<>();
    private final Map<Long, OpenedFrame> frames = new HashMap<>();

    BucketChecker(MemoryObjectStore bucket) {
        this.bucket = bucket;
        this.manifest = new ManifestStore(bucket, names, runtime.entropy())
                .newest(RequestCause.ADMIN)
                .join()
                .orElseThrow();
        this.codec = new SegmentCodec(manifest.volume(), sealing, runtime.entropy(), 0);
        Lane lane = runtime.lane("checker");
        this.committed = new TreeCommittedMap(
                manifest.volume(),
                manifest.sizeBytes(),
                manifest.checkpoint(),
                bucket,
                names::checkpoint,
                sealing,
                lane,
                256);
        for (String key : bucket.keys()) {
            names.segmentNumber(key).ifPresent(number -> segments.put(number, bytes(key)));
        }
        lane.execute(this::foldPending);
        runtime.await(committed.load());
        runtime.runReady();
    }

    private byte[] bytes(String key) {
        byte[] bytes = bucket.bytes(key);
        if (bytes == null) {
            return fail(key + " is not there");
        }
        return bytes;
    }

    private void foldPending() {
        long next = manifest.checkpoint().coversSegment() + 1;
        long epoch = manifest.checkpoint().coversEpoch();
        while (segments.containsKey(next)) {
            SegmentHeader header = header(next);
            if (header.epoch() < epoch) {
                return; // behind a fence, of the gateway that was fenced
            }
            epoch = header.epoch();
            committed.commit(header);
            next++;
        }
    }

    private SegmentHeader header(long number) {
        ByteBuffer object = ByteBuffer.wrap(bytes(names.segment(number)));
        try {
            return codec.verifyWhole(number, object);
        } catch (java.io.IOException damaged) {
            throw new AssertionError(damaged);
        }
    }

    private List<SegmentUse> table() {
        return runtime.await(committed.sparseSegments(1, 1 << 20));
    }

    /** Every block of the volume stands where the mapping says, in a frame that opens and names it. */
    void everythingReachedIsThere() {
        table().forEach(segment -> {
            if (segment.deadSince() == 0) {
                assertTrue(segments.containsKey(segment.number()), "segment " + segment + " lives and is not there");
            }
        });
        long leaves = (manifest.sizeBytes() >>> BlockGeometry.BLOCK_SHIFT) / BlockGeometry.LEAF_BLOCKS;
        for (long leaf = 0; leaf < leaves; leaf++) {
            long[] locators = runtime.await(committed.leaf(leaf));
            for (int i = 0; i < locators.length; i++) {
                if (Locator.isSegment(locators[i])) {
                    check((leaf << BlockGeometry.LEAF_SHIFT) + i, locators[i]);
                }
            }
        }
    }

    private void check(long lba, long locator) {
        OpenedFrame frame = frames.computeIfAbsent(Locator.frameKey(locator), key -> open(lba, key));
        int slot = Locator.slot(locator);
        assertTrue(slot < frame.lbas().length, () -> "block " + lba + " at " + Locator.describe(locator));
        if (!Locator.isShared(locator)) {
            assertEquals(lba, frame.lbas()[slot], () -> Locator.describe(locator));
        }
    }

    private OpenedFrame open(long lba, long key) {
        long segment = Locator.segmentNumber(key);
        if (!segments.containsKey(segment)) {
            return fail("block " + lba + " stands in segment " + segment + ", which is not there");
        }
        ByteBuffer stored = ByteBuffer.wrap(
                bytes(names.segment(segment)), Locator.frameOffsetBytes(key), Locator.frameStoredBytes(key));
        try {
            return codec.openFrame(segment, Locator.frameOffsetBytes(key), stored.slice());
        } catch (java.io.IOException damaged) {
            throw new AssertionError(damaged);
        }
    }

    /**
     * Nothing is there that nothing reaches, apart from fences, segments that still say of zeros, and what died with one of
     * the two newest checkpoints.
     */
    void nothingUnreachedIsLeft() {
        CheckpointRoot root = manifest.checkpoint();
        Set<Long> known = new HashSet<>();
        List<String> wrong = new ArrayList<>();
        for (SegmentUse segment : table()) {
            known.add(segment.number());
            boolean old = segment.deadSince() > 0 && segment.deadSince() < root.number() - 1;
            if (old && !segment.zeros() && segments.containsKey(segment.number())) {
                wrong.add("segment " + segment + " is dead");
            }
        }
        for (long number : segments.keySet()) {
            boolean fence = header(number).kind() == SegmentHeader.Kind.FENCE;
            if (number <= root.coversSegment() && !known.contains(number) && !fence) {
                wrong.add("segment " + number + " is unknown, " + header(number).kind());
            }
            if (number > committed.lastSegment()) {
                wrong.add("segment " + number + " stands behind the end");
            }
        }
        Set<Long> objects = new HashSet<>(committed.knownCheckpointObjects());
        SortedMap<Long, Long> dead = committed.deadCheckpointObjectsSince();
        for (String key : bucket.keys()) {
            names.checkpointNumber(key).ifPresent(number -> {
                if (!objects.contains(number)) {
                    wrong.add(key + " is unknown");
                } else if (dead.getOrDefault(number, root.number()) < root.number() - 1) {
                    wrong.add(key + " is dead since checkpoint " + dead.get(number));
                }
            });
            if (key.startsWith(names.probePrefix())) {
                wrong.add(key + " was forgotten");
            }
        }
        assertTrue(wrong.isEmpty(), () -> "at checkpoint " + root + ": " + wrong);
    }

    /**
     * What {@code volume rebuild} does: the segments that are there, and nothing else, give the committed mapping, block by
     * block, whatever was moved and deleted.
     */
    void aRebuildGivesTheSameMapping() {
        List<SegmentHeader> headers = new ArrayList<>();
        segments.headMap(committed.lastSegment() + 1).keySet().forEach(number -> headers.add(header(number)));
        Lane lane = runtime.lane("rebuild");
        TreeCommittedMap rebuilt = new TreeCommittedMap(
                manifest.volume(),
                manifest.sizeBytes(),
                CheckpointRoot.EMPTY,
                new MemoryObjectStore(),
                names::checkpoint,
                sealing,
                lane,
                256);
        SeriesFold.Series series = consumer -> {
            headers.forEach(consumer);
            return CompletableFuture.completedFuture(null);
        };
        SeriesFold.Result result = runtime.await(CompletableFuture.supplyAsync(() -> null, lane)
                .thenComposeAsync(go -> SeriesFold.into(rebuilt, series, 16), lane));
        for (long leaf = 0; leaf << BlockGeometry.LEAF_SHIFT < blocks(); leaf++) {
            long[] expected = runtime.await(committed.leaf(leaf));
            long[] found = runtime.await(rebuilt.leaf(leaf));
            for (int i = 0; i < expected.length; i++) {
                long lba = (leaf << BlockGeometry.LEAF_SHIFT) + i;
                boolean bothZero = Locator.isZero(expected[i]) && Locator.isZero(found[i]);
                if (!bothZero && expected[i] != found[i]) {
                    fail("block " + lba + " stands at " + Locator.describe(expected[i]) + ", a rebuild finds "
                            + Locator.describe(found[i]) + "; it is named by " + naming(headers, lba));
                }
            }
        }
        assertEquals(Map.of(), result.missing());
    }

    /** Where block {@code lba} stands. */
    long place(long lba) {
        long[] leaf = runtime.await(committed.leaf(BlockGeometry.leafOf(lba)));
        return leaf[(int) (lba & (BlockGeometry.LEAF_BLOCKS - 1))];
    }

    /** Whether the collector has put it there. */
    boolean isMoved(long place) {
        return header(Locator.segmentNumber(place)).kind() == SegmentHeader.Kind.MOVED;
    }

    private long blocks() {
        return manifest.sizeBytes() >>> BlockGeometry.BLOCK_SHIFT;
    }

    private static List<String> naming(List<SegmentHeader> headers, long lba) {
        List<String> naming = new ArrayList<>();
        for (SegmentHeader header : headers) {
            String who = header.kind() + " " + header.number() + " of epoch " + header.epoch();
            header.frames().forEach(frame -> {
                if (Arrays.stream(frame.lbas()).anyMatch(named -> named == lba)) {
                    naming.add(who + " stores it, before at " + frame.old());
                }
            });
            header.zeros().stream()
                    .filter(extent -> lba >= extent.lba() && lba < extent.lba() + extent.count())
                    .forEach(extent -> naming.add(who + ": " + extent));
            header.tombstones().stream()
                    .filter(extent -> lba >= extent.lba() && lba < extent.lba() + extent.count())
                    .forEach(extent -> naming.add(who + ": " + extent));
            header.shared().stream()
                    .filter(extent -> lba >= extent.lba()
                            && lba < extent.lba() + extent.run().count())
                    .forEach(extent -> naming.add(who + ": " + extent));
        }
        return naming;
    }

    /** MOVED segments that hold blocks. */
    long movedSegments() {
        return segments.keySet().stream()
                .filter(number -> header(number).kind() == SegmentHeader.Kind.MOVED
                        && !header(number).frames().isEmpty())
                .count();
    }

    /** Segments that others stand in for. */
    SortedSet<Long> settledSegments() {
        SortedSet<Long> settled = new TreeSet<>();
        segments.keySet().forEach(number -> settled.addAll(header(number).settled()));
        return settled;
    }

    /** Segments of hosts that say of zeros or of blocks in other segments. */
    SortedSet<Long> speakingSegments() {
        SortedSet<Long> speaking = new TreeSet<>();
        for (long number : segments.keySet()) {
            SegmentHeader header = header(number);
            if (header.kind() == SegmentHeader.Kind.DATA && header.speaksOfOthers()) {
                speaking.add(number);
            }
        }
        return speaking;
    }

    /** Bytes of segments in which nothing lives, and which are kept for what their headers say. */
    long onlySpeakingBytes() {
        return table().stream()
                .filter(segment -> segment.deadSince() > 0 && segment.zeros())
                .mapToLong(SegmentUse::storedBytes)
                .sum();
    }
}
