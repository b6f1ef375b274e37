package io.sluice.storage.simulation;

import io.sluice.storage.checkpoint.CheckpointRoot;
import io.sluice.storage.checkpoint.CheckpointWalk;
import io.sluice.storage.crypto.ChecksumSealing;
import io.sluice.storage.disk.SimulatedDisk;
import io.sluice.storage.engine.OpenedVolume;
import io.sluice.storage.engine.VolumeEnvironment;
import io.sluice.storage.engine.Volumes;
import io.sluice.storage.format.ObjectNames;
import io.sluice.storage.manifest.IdentityCopies;
import io.sluice.storage.manifest.Manifest;
import io.sluice.storage.manifest.ManifestStore;
import io.sluice.storage.object.MemoryObjectStore;
import io.sluice.storage.object.MeteredObjectStore;
import io.sluice.storage.object.ObjectOperation;
import io.sluice.storage.object.RequestCause;
import io.sluice.storage.object.RequestMeters;
import io.sluice.storage.runtime.Lane;
import io.sluice.storage.runtime.SimulatedRuntime;
import io.sluice.storage.segment.SegmentCodec;
import io.sluice.storage.segment.SegmentFormatTool;
import io.sluice.storage.segment.SegmentHeader;
import io.sluice.storage.volume.IoFailure;
import io.sluice.storage.volume.VolumePort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Looks at the bucket alone, at any moment, without the run noticing: everything is done on a copy. */
final class BucketChecker {
    private final World world;
    private final ObjectNames names = new ObjectNames(Setup.NAME);
    private final Map<String, Long> arrivals = new HashMap<>();
    private final Map<String, Sweep> sweeps = new HashMap<>();
    private long looks;
    private long removedManifest;

    /** The last time that everything with some prefix was listed: pages that follow one another belong together. */
    private record Sweep(long beginNanos, long lastPageNanos) {
        private static final long PAGE_NANOS_MAX = Duration.ofMinutes(3).toNanos();

        Sweep with(Sweep page) {
            boolean goesOn = page.beginNanos - lastPageNanos < PAGE_NANOS_MAX;
            return new Sweep(goesOn ? beginNanos : page.beginNanos, page.lastPageNanos);
        }
    }

    BucketChecker(World world) {
        this.world = world;
    }

    /** The bucket has done this. */
    void applied(ObjectOperation operation, List<String> keys, RequestCause cause) {
        long nowNanos = world.scheduler().nowNanos();
        if (operation == ObjectOperation.LIST && cause == RequestCause.GC) {
            sweeps.merge(keys.get(0), new Sweep(nowNanos, nowNanos), Sweep::with);
        } else if (operation != ObjectOperation.DELETE && operation.isMutating()) {
            arrivals.put(keys.get(0), nowNanos);
        }
        if (operation == ObjectOperation.DELETE) {
            for (String key : keys) {
                removedManifest =
                        Math.max(removedManifest, names.manifestNumber(key).orElse(0));
            }
        }
    }

    /** Whether {@code key} was put when nobody looked for what is left over any more. */
    boolean arrivedAfterTheLastSweep(String key) {
        long arrivedNanos = arrivals.getOrDefault(key, 0L);
        return sweeps.entrySet().stream()
                .filter(sweep -> key.startsWith(sweep.getKey()))
                .allMatch(sweep -> arrivedNanos > sweep.getValue().beginNanos());
    }

    /** How often the bucket was opened alone. */
    long looks() {
        return looks;
    }

    /** Opens the bucket as it is, without any local disk, and reads everything: it is a prefix of the history. */
    void checkPrefix(ModelVolume model) {
        looks++;
        String wrong = model.foundInBucket(readAlone(world.bucket().copy()));
        SimulationFailure.unless(wrong == null, "the bucket alone is no prefix: " + wrong);
    }

    private long[] readAlone(MemoryObjectStore bucket) {
        SimulatedRuntime runtime = new SimulatedRuntime(world.setup().seed() + looks);
        SimulatedDisk disk = SimulatedDisk.create();
        RequestMeters meters = new RequestMeters();
        Volumes volumes = new Volumes(new VolumeEnvironment(
                "host",
                runtime,
                ignored -> new MeteredObjectStore(bucket, meters, runtime.clock()),
                directory -> disk,
                directory -> Optional.empty()));
        try {
            OpenedVolume opened = runtime.await(volumes.open(world.setup().settings()));
            Lane loop = runtime.lane("loop");
            VolumePort port = opened.volume().openPort(loop);
            int bytes = (int) opened.volume().description().sizeBytes();
            ByteBuffer destination = ByteBuffer.allocate(bytes);
            CompletableFuture<Optional<IoFailure>> done = new CompletableFuture<>();
            loop.execute(() -> port.read(0, destination, failure -> done.complete(Optional.ofNullable(failure))));
            Optional<IoFailure> failure = runtime.await(done);
            SimulationFailure.unless(failure.isEmpty(), "the bucket alone cannot be read: " + failure);
            return Sectors.stamps(destination, 0);
        } catch (CompletionException failure) {
            throw new SimulationFailure("the bucket alone cannot be opened", failure);
        }
    }

    /** Whether {@link #checkReachable} and {@link #unreachable} can read what stands there. */
    boolean canWalk() {
        return !world.setup().encrypted();
    }

    /** What the manifests that are there lead to is there, and the segments {@code held} by an open volume. */
    void checkReachable(Set<Long> held) {
        try {
            SortedSet<Long> segments = new TreeSet<>(held);
            for (Manifest manifest : kept(manifests())) {
                CheckpointWalk walk = newWalk(manifest);
                walk.walk(manifest.checkpoint());
                segments.addAll(walk.segments());
            }
            for (SegmentHeader header : behind(newest().checkpoint())) {
                segments.addAll(SegmentFormatTool.sourcesOf(header));
            }
            for (long segment : segments) {
                SimulationFailure.unless(
                        world.bucket().bytes(names.segment(segment)) != null,
                        "segment " + segment + " is needed, and was deleted");
            }
        } catch (IOException failure) {
            throw new SimulationFailure("something reachable was deleted", failure);
        }
    }

    /** Keys that nothing leads to: no manifest, no checkpoint that lists them as dead and to be deleted, no fence. */
    List<String> unreachable() {
        try {
            SortedSet<String> left = new TreeSet<>(world.bucket().keys());
            List<Manifest> manifests = manifests();
            manifests.forEach(manifest -> left.remove(names.manifest(manifest.number())));
            world.bucket().keys().stream()
                    .filter(key -> key.startsWith(names.identityPrefix()))
                    .sorted(Comparator.reverseOrder())
                    .limit(IdentityCopies.KEPT)
                    .toList()
                    .forEach(key -> left.remove(key));
            for (Manifest manifest : kept(manifests)) {
                CheckpointWalk walk = newWalk(manifest);
                walk.walk(manifest.checkpoint());
                walk.objects().forEach(object -> left.remove(names.checkpoint(object)));
                walk.segments().forEach(segment -> left.remove(names.segment(segment)));
                walk.dead().forEach(one -> left.remove(one < 0 ? names.checkpoint(-one) : names.segment(one)));
            }
            for (SegmentHeader header : headers()) {
                if (header.kind() == SegmentHeader.Kind.FENCE) {
                    left.remove(names.segment(header.number()));
                }
            }
            for (SegmentHeader header : behind(newest().checkpoint())) {
                left.remove(names.segment(header.number()));
            }
            return new ArrayList<>(left);
        } catch (IOException failure) {
            throw new SimulationFailure("the bucket cannot be walked", failure);
        }
    }

    private CheckpointWalk newWalk(Manifest manifest) {
        return new CheckpointWalk(
                manifest.volume(),
                new ChecksumSealing(new SimulatedRuntime(1).entropy()),
                object -> world.bucket().bytes(names.checkpoint(object)));
    }

    private ManifestStore store() {
        return new ManifestStore(world.bucket(), names, new SimulatedRuntime(1).entropy());
    }

    private List<Manifest> manifests() {
        List<Manifest> found = new ArrayList<>();
        for (long number : store().list(RequestCause.ADMIN).join()) {
            found.add(store().read(number, RequestCause.ADMIN).join());
        }
        return found;
    }

    /** Without those whose request came late, to a number that had become free by then: they mean nothing. */
    private List<Manifest> kept(List<Manifest> manifests) {
        return manifests.stream()
                .filter(manifest -> manifest.number() > removedManifest)
                .toList();
    }

    private Manifest newest() {
        return store().newest(RequestCause.ADMIN).join().orElseThrow();
    }

    /** The segments behind the checkpoint that count. */
    private List<SegmentHeader> behind(CheckpointRoot checkpoint) throws IOException {
        List<SegmentHeader> counting = new ArrayList<>();
        long epoch = checkpoint.coversEpoch();
        for (SegmentHeader header : headers()) {
            if (header.number() == checkpoint.coversSegment() + 1 + counting.size() && header.epoch() >= epoch) {
                epoch = header.epoch();
                counting.add(header);
            }
        }
        return counting;
    }

    private List<SegmentHeader> headers() throws IOException {
        List<SegmentHeader> headers = new ArrayList<>();
        var entropy = new SimulatedRuntime(1).entropy();
        try (SegmentCodec codec = new SegmentCodec(newest().volume(), new ChecksumSealing(entropy), entropy, 1)) {
            for (String key : world.bucket().keys()) {
                var number = names.segmentNumber(key);
                byte[] bytes = world.bucket().bytes(key);
                if (number.isPresent() && bytes != null) {
                    headers.add(SegmentFormatTool.header(codec, number.getAsLong(), bytes));
                }
            }
        }
        return headers;
    }
}
