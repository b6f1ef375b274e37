package io.sluice.storage.checkpoint;

import io.sluice.storage.crypto.GcmSealing;
import io.sluice.storage.crypto.Sealing;
import io.sluice.storage.crypto.VolumeKey;
import io.sluice.storage.format.Locator;
import io.sluice.storage.format.LocatorRun;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.ObjectStore;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.segment.SegmentHeader.Extent;
import io.sluice.storage.segment.SegmentHeader.Frame;
import io.sluice.storage.segment.SegmentHeader.Kind;
import io.sluice.storage.segment.SegmentHeader.SharedExtent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A committed map in a simulation, and segments to fold into it. */
final class CheckpointRig {
    static final UUID VOLUME = new UUID(0x0123_4567_89ab_4defL, 0x8123_4567_89ab_cdefL);

    private static final int FRAME_BYTES = 1024;
    private static final int FIRST_FRAME_BYTES = 4096;

    final SimulatedRuntime runtime;
    final MemoryObjectStore objects;
    final ObjectNames names = new ObjectNames("rig");
    final Sealing sealing;
    final Lane lane;
    long sizeBytes;
    int cachePages = 64;
    int dropPagesMax = 1024;
    long slackBytes = Evacuation.SLACK_BYTES;
    ObjectStore store;
    TreeCommittedMap map;

    CheckpointRig(long seed, long sizeBytes) {
        this.runtime = new SimulatedRuntime(seed);
        this.objects = new MemoryObjectStore(runtime.workers());
        this.store = objects;
        this.sealing = new GcmSealing(VolumeKey.generate(runtime.entropy()), runtime.entropy());
        this.lane = runtime.lane("volume");
        this.sizeBytes = sizeBytes;
        this.map = open(CheckpointRoot.EMPTY);
    }

    /** A map of its own on {@code root}; segments behind it must be folded in again. */
    TreeCommittedMap open(CheckpointRoot root) {
        return new TreeCommittedMap(
                new PageCodec(VOLUME, sealing),
                sizeBytes,
                root,
                store,
                names::checkpoint,
                lane,
                cachePages,
                dropPagesMax,
                slackBytes);
    }

    <T> T await(CompletableFuture<T> future) {
        return runtime.await(future);
    }

    long[] leaf(long leaf) {
        return await(map.leaf(leaf));
    }

    CheckpointRoot checkpoint() {
        CheckpointRoot root = await(map.write());
        map.adopt(root);
        return root;
    }

    /** Deletes dead checkpoint objects. */
    void tidyObjects() {
        List<Long> dead = map.deadCheckpointObjects();
        dead.forEach(number -> objects.remove(names.checkpoint(number)));
        map.forget(List.of(), dead);
    }

    /** Deletes what is dead, as the caller does. */
    void tidy() {
        List<Long> segments = map.deadSegments();
        List<Long> dead = map.deadCheckpointObjects();
        dead.forEach(number -> objects.remove(names.checkpoint(number)));
        map.forget(segments, dead);
    }

    SegmentHeader commitData(long... lbas) {
        return commit(Kind.DATA, lbas, List.of());
    }

    SegmentHeader commitZeros(long lba, long count) {
        return commit(Kind.DATA, new long[0], List.of(new Extent(lba, count)));
    }

    SegmentHeader commit(SegmentSketch sketch) {
        SegmentHeader header = sketch.header();
        map.commit(header);
        return header;
    }

    SegmentHeader commit(Kind kind, long[] lbas, List<Extent> zeros) {
        SegmentHeader header = header(map.lastSegment() + 1, kind, lbas, zeros);
        map.commit(header);
        return header;
    }

    /** Blocks {@code lba} to {@code lba + count - 1} hold what slot 0 of the first frame of {@code segment} holds. */
    static SharedExtent pattern(long segment, long lba, long count) {
        long slot = Locator.segment(segment, FIRST_FRAME_BYTES, FRAME_BYTES, 0);
        return new SharedExtent(lba, new LocatorRun(Locator.shared(slot), count, true));
    }

    /** The blocks from {@code lba} on stand in the first {@code count} slots of {@code segment}. */
    static SharedExtent reference(long segment, long lba, int count) {
        long slot = Locator.segment(segment, FIRST_FRAME_BYTES, FRAME_BYTES, 0);
        return new SharedExtent(lba, new LocatorRun(Locator.shared(slot), count, false));
    }

    /** Commits a segment that shares, besides what it stores. */
    SegmentHeader commitShared(long[] lbas, SharedExtent... shared) {
        SegmentHeader header = header(map.lastSegment() + 1, Kind.DATA, lbas, List.of(), List.of(shared));
        map.commit(header);
        return header;
    }

    /** A segment with ascending {@code lbas} in frames of up to 32. */
    static SegmentHeader header(long number, Kind kind, long[] lbas, List<Extent> zeros) {
        return header(number, kind, lbas, zeros, List.of());
    }

    static SegmentHeader header(long number, Kind kind, long[] lbas, List<Extent> zeros, List<SharedExtent> shared) {
        List<Frame> frames = new ArrayList<>();
        for (int from = 0; from < lbas.length; from += 32) {
            int end = Math.min(lbas.length, from + 32);
            frames.add(new Frame(
                    FIRST_FRAME_BYTES + (FRAME_BYTES * frames.size()),
                    FRAME_BYTES,
                    Arrays.copyOfRange(lbas, from, end)));
        }
        long storedBytes = FIRST_FRAME_BYTES + ((long) FRAME_BYTES * frames.size());
        return new SegmentHeader(
                VOLUME,
                number,
                1,
                kind,
                number,
                number * 10,
                (number * 10) + 10,
                0,
                frames,
                zeros,
                shared,
                List.of(),
                List.of(),
                storedBytes);
    }

    /** Total bytes of checkpoint objects in the bucket. */
    long bucketBytes() {
        return objects.sizeBytes();
    }
}
